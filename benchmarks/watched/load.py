"""Load for the watched application under uvicorn: pipelined requests over kept connections."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.harness import Figure, Row, compare, cores, figure, same
from benchmarks.processes import cpu_seconds, free_port, get, running

REQUESTS = 6_000
CONNECTIONS = 8
PIPELINED = 16
REQUEST = b"GET /items/3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
ROUNDS = 8
LOADED = ("bare", "no-op", "watchroom", "ceiling")
FLUSH_SECONDS = 1.0

CEILING = """
import asyncio, sys
ANSWER = (b"HTTP/1.1 200 OK\\r\\ndate: Thu, 01 Jan 1970 00:00:00 GMT\\r\\nserver: uvicorn\\r\\n"
          b"content-length: 10\\r\\ncontent-type: application/json\\r\\n\\r\\n" + b'{"item":3}')

class Canned(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(ANSWER * data.count(b"GET "))

async def main():
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
"""


class Server:
    """A server under load: its process and its port."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port
        self.sent = 1  # the one that found it ready
        self.rates: list[float] = []

    def load(self) -> float:
        """Send a round of requests; return the CPU seconds the server spent on each."""
        with ExitStack() as stack:
            address = ("127.0.0.1", self.port)
            sockets = [
                stack.enter_context(closing(socket.create_connection(address)))
                for _ in range(CONNECTIONS)
            ]
            size = _answer_size(sockets[0])
            before, started = cpu_seconds(self.pid), time.perf_counter()
            turns = REQUESTS // (CONNECTIONS * PIPELINED)
            for _ in range(turns):
                _turn(sockets, size)
            sent = turns * CONNECTIONS * PIPELINED
            self.rates.append(sent / (time.perf_counter() - started))
            self.sent += sent + 1
            return (cpu_seconds(self.pid) - before) / sent


def row() -> Row:
    """Measure bare against ours, with the floor and the generator's ceiling beside them."""
    with tempfile.TemporaryDirectory() as folder, _servers(Path(folder)) as servers:
        os.sched_setaffinity(0, cores()[1])
        loads: dict[str, Callable[[], float]] = {name: servers[name].load for name in LOADED}
        figures = compare(loads, ROUNDS)
        check(servers["watchroom"], servers["sink"])
    rates = {name: figure(server.rates).median for name, server in servers.items() if server.rates}
    return _row(figures, rates)


def check(watched: Server, sink: Server) -> None:
    """Stop unless every request was counted, and its count sent."""
    deadline = time.monotonic() + 10 * FLUSH_SECONDS
    while (counted := float(get(sink.port, "/"))) != watched.sent and time.monotonic() < deadline:
        time.sleep(FLUSH_SECONDS / 10)
    same({"requests": watched.sent, "counted": counted})


def _row(figures: dict[str, Figure], rates: dict[str, float]) -> Row:
    bare = figures["bare"].median
    lost = figures["watchroom"].median / bare - 1
    floor = figures["no-op"].median / bare - 1
    return Row(
        "T3",
        "share of requests/s lost under uvicorn",
        f"{figures['watchroom'].median * 1e6:.1f} µs/request, {rates['watchroom']:.0f}/s",
        "the bare application",
        f"{bare * 1e6:.1f} ±{figures['bare'].spread * 1e6:.1f} µs/request, {rates['bare']:.0f}/s",
        lost,
        0.01,
        f"no-op wrapper {floor:.3f}; the generator's ceiling is {rates['ceiling']:.0f}/s",
    )


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        servers = {}
        environ = {**os.environ, "WATCHROOM_SPOOL_DIR": str(folder / "spool")}
        for name in ("sink", *LOADED):
            port = free_port()
            process = stack.enter_context(
                running(
                    _command(name, port),
                    folder / f"{name}.log",
                    partial(get, port, "/items/3"),
                    {**environ, "BENCH_WATCHED": name},
                )
            )
            servers[name] = Server(process.pid, port)
            if name == "sink":
                environ["WATCHROOM_URL"] = f"http://127.0.0.1:{port}"
        yield servers


def _command(name: str, port: int) -> list[str]:
    if name == "ceiling":
        return [sys.executable, "-c", CEILING, str(port)]
    if name == "sink":
        return [sys.executable, "-m", "benchmarks.watched.sink", str(port)]
    factory = "benchmarks.watched.application:served"
    options = ["--no-access-log", "--log-level", "warning", "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", "--factory", factory, *options]


def _answer_size(connection: socket.socket) -> int:
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(b"}"):
        answer += connection.recv(4096)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or body != b'{"item":3}':
        raise SystemExit(f"unexpected answer {answer!r}")
    return len(answer)


def _turn(sockets: list[socket.socket], size: int) -> None:
    for connection in sockets:
        connection.sendall(REQUEST * PIPELINED)
    for connection in sockets:
        missing = size * PIPELINED
        while missing:
            missing -= len(connection.recv(missing))
