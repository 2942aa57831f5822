"""A server on this machine that answers as it is told: well, short, long, slowly, endlessly, elsewhere, or not at all.

It listens on a free port of the loopback, remembers what it was asked for, and ends with the test.
"""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the answer that `Server.answers` holds for a path, 404 for any other."""

    server: Server

    def do_GET(self) -> None:  # noqa: N802  (the name that http.server asks for)
        self.server.asked.append(unquote(self.path))
        with contextlib.suppress(ConnectionError):
            self.server.answers.get(unquote(self.path), status(404))(self)

    def head(self, code: int, **headers: object) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Where it is (`address`), what it answers, what it was asked, and an event that ends every waiting."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Run a server as long as the context lasts."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def good(content: bytes) -> Answer:
    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(content))
        handler.wfile.write(content)

    return answer


def zipped(content: bytes) -> Answer:
    """The content, packed for the way as web servers do."""
    packed = gzip.compress(content)

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(packed), Content_Encoding="gzip")
        handler.wfile.write(packed)

    return answer


def claiming(content: bytes, length: int) -> Answer:
    """The content under a Content-Length that is not its own."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=length)
        handler.wfile.write(content)
        handler.close_connection = True

    return answer


def status(code: int) -> Answer:
    return lambda handler: handler.head(code, Content_Length=0)


def elsewhere(address: str) -> Answer:
    return lambda handler: handler.head(302, Location=address, Content_Length=0)


def slow(content: bytes) -> Answer:
    """The head and the first byte at once, the rest when the test is over."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(content))
        handler.wfile.write(content[:1])
        handler.wfile.flush()
        handler.server.over.wait()

    return answer


def silent(handler: Handler) -> None:
    """Nothing until the test is over."""
    handler.server.over.wait()


def hanging_up(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Bytes without a length, and without an end."""
    handler.head(200)
    while not handler.server.over.is_set():
        handler.wfile.write(bytes(1 << 16))
