"""One table of settings: name, default, type, environment variable, help."""
