"""The demo: a real, watched model service with traffic, beside a server."""
