"""What is wrong with a question, and what would be right."""


class QueryError(ValueError):
    """A query that cannot be answered. `code` is for programs, `hint` says what would work."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
