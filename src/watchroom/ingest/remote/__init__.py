"""Remote write 1.0 and 2.0: what Prometheus, vmagent and others push."""
