"""PromQL, the language of Prometheus 3, evaluated on arrays."""
