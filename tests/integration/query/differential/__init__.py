"""The proof that our PromQL answers as Prometheus does: same samples, same queries, two answers."""
