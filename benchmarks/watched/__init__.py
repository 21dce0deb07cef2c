"""The application that T3 watches: in process, under uvicorn, and the load for it."""
