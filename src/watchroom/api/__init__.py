"""One router per resource with its schemas beside it, and one error shape."""
