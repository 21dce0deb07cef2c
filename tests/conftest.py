"""What all tests share."""

from hypothesis import settings

settings.register_profile("watchroom", deadline=None)  # no test fails on a clock
settings.load_profile("watchroom")
