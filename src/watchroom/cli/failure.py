"""What a verb raises to end with one line for the person at the terminal."""


class Failure(Exception):
    """The verb could not be done; the message says why and what would help."""
