"""The verbs of the watched side, their buffers and their sender."""
