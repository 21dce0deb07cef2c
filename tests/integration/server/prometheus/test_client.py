"""`watchroom.Client` and `watchroom query` over a server, ours and a Prometheus."""

import json
from datetime import UTC, datetime
from typing import Any

import polars
import pytest
from tests.integration.server.prometheus.conftest import Both

import watchroom
from watchroom.cli.main import main
from watchroom.client.connection import QueryFailed, Unreachable

QUERY = "max by (job) (temperature)"


@pytest.fixture(params=["prometheus", "ours"])
def client(both: Both, request: pytest.FixtureRequest) -> watchroom.Client:
    return watchroom.Client(str(getattr(both, request.param).base_url))


def test_frames(both: Both, client: watchroom.Client) -> None:
    start, end = datetime.fromtimestamp(both.start + 1200.5, UTC), both.start + 2400.5
    frame = client.query_range(QUERY, start, end, "1m")
    assert list(frame.columns) == ["time", "job", "value"]
    assert set(frame["job"]) == {"api", "web"}
    assert frame["time"].min().timestamp() == both.start + 1200.5
    assert len(frame) == 42
    other = client.query_range(QUERY, start, end, 60, frame="polars")
    assert isinstance(other, polars.DataFrame)
    assert other["value"].to_list() == frame["value"].tolist()
    now = client.query(QUERY, end)
    assert set(zip(now["job"], now["value"], strict=True)) == set(
        zip(
            frame["job"][frame["time"] == now["time"][0]],
            frame["value"][frame["time"] == now["time"][0]],
            strict=True,
        )
    )


def test_plain_answers(both: Both, client: watchroom.Client) -> None:
    assert client.query("1 + 1", frame=None).lines[0].values == [2.0]
    assert client.query('"a"', frame=None).text == "a"
    found = client.query("rpc_seconds", both.start + 2400.5, frame=None)
    assert all(isinstance(line.values[0], dict) for line in found.lines)


def test_what_there_is(both: Both, client: watchroom.Client) -> None:
    assert {"__name__", "job"} <= set(client.labels())
    assert client.labels("up", both.start, both.end) == ["__name__", "instance", "job"]
    assert client.label_values("job", ["up", "jobs_total"]) == ["api", "batch", "web"]
    assert {each["job"] for each in client.series('up{job="api"}')} == {"api"}


def test_what_is_refused(client: watchroom.Client) -> None:
    with pytest.raises(QueryFailed, match="parse error") as caught:
        client.query("sum(")
    assert caught.value.kind == "bad_data"
    with pytest.raises(ValueError, match="is no duration"):
        client.query_range("up", "-1h", step="often")
    with pytest.raises(ValueError, match="http://host:8003"):
        watchroom.Client("example.org")
    with pytest.raises(Unreachable, match="no answer"):
        watchroom.Client("http://127.0.0.1:9").query("1")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["query", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_line(both: Both, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"--url={both.ours.base_url}"
    late = f"--time={both.start + 2400}.5"
    code, out, _ = asked(capsys, "count by (job) (up)", url, late)
    assert (code, out.splitlines()[0].split()) == (0, ["job", "value"])
    code, out, _ = asked(capsys, QUERY, url, late, "--range=20m", "--step=1m", "--csv")
    rows = out.splitlines()
    assert (code, rows[0], len(rows)) == (0, "time,job,value", 43)
    code, out, _ = asked(capsys, QUERY, url, late, "--range=20m", "--json")
    series: list[Any] = json.loads(out)["series"]
    assert (code, [each["labels"]["job"] for each in series]) == (0, ["api", "web"])
    code, out, _ = asked(capsys, QUERY, url, late, "--range=20m")
    assert (code, out.splitlines()[0].split()[-2:]) == (0, ["over", "time"])


def test_the_command_line_points_at_errors(both: Both, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"--url={both.ours.base_url}"
    code, out, err = asked(capsys, "up +\n rate(up)", url)
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert lines[0].startswith("watchroom: 2:7: parse error: expected type range vector")
    assert lines[1:] == ["   rate(up)", "        ^"]
    code, _, err = asked(capsys, "up", "--url=http://127.0.0.1:9")
    assert (code, err.startswith("watchroom: no answer from")) == (1, True)
    code, _, err = asked(capsys, "up", url, "--step=1m")
    assert (code, "--range" in err) == (1, True)
    code, _, err = asked(capsys, "up", url, "--range=1m", "--time=noon")
    assert (code, "is no time" in err) == (1, True)
