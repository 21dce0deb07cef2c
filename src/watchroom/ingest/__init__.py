"""The doors in: unpack, validate, limit, write, announce."""
