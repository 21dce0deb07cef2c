"""Middleware: every request of an ASGI or WSGI application, counted and timed."""
