"""Where the watched application's batches go: they are acknowledged, and the requests counted.

A GET of any path answers how many requests the newest batch that told of any has counted.
"""

import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from watchroom.wire.batch import decode

METRIC = "http_server_request_duration_seconds"


class Sink(BaseHTTPRequestHandler):
    """Answers as a server does that has stored the batch."""

    protocol_version = "HTTP/1.1"
    counted = 0

    def do_POST(self) -> None:  # the base class names it
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "deflate":
            body = zlib.decompress(body)
        for metric in decode(body).metrics:
            if metric.name == METRIC:
                Sink.counted = sum(point.value.count for point in metric.points)
        self._answer(b'{"accepted":1}')

    def do_GET(self) -> None:  # the base class names it
        self._answer(str(self.counted).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the log is for what goes wrong."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Sink).serve_forever()
