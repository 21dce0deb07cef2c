"""The HTTP API of Prometheus, as it documents it: whatever reads Prometheus reads this."""
