"""The requests of each service over the last hour, as a table: python examples/ask.py

It asks the server at the setting url, http://127.0.0.1:8003 by default, and needs pandas.
"""

import watchroom

QUERY = "sum by (job) (histogram_count(increase(http_server_request_duration_seconds[5m])))"


def main() -> None:
    """Ask, and print how many requests there were and the busiest five minutes."""
    client = watchroom.Client()
    frame = client.query_range(QUERY, start="-1h", step="5m", frame="pandas")
    if frame.empty:
        print("nobody has asked for anything yet")
        return
    print(frame.groupby("job")["value"].agg(["sum", "max"]).round().to_string())


if __name__ == "__main__":
    main()
