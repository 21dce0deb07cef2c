"""Questions about series, answered on arrays."""
