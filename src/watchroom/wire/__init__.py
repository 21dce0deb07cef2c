"""The versioned message from the watched to the served side."""
