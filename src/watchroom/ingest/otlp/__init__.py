"""OTLP/HTTP metrics, as a Prometheus would take them."""
