"""A real MLflow server in a process of its own, and others that stand in its way: refusing, slow, cut off."""

from __future__ import annotations

import contextlib
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_MINUTES = 3


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def mlflow_server(folder: Path, backend: str) -> Iterator[str]:
    """Run ``mlflow server`` on loopback until the block ends; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", backend, "--artifacts-destination", str(folder / "artifacts")]
    environ = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with serving(command, folder, port, environ=environ) as address:
        yield address


@contextlib.contextmanager
def model_server(folder: Path, model: Path) -> Iterator[str]:
    """Run ``mlflow models serve`` of a logged model on loopback, in this environment; gives its address."""
    (folder / "uvicorn").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m uvicorn "$@"\n')
    (folder / "uvicorn").chmod(0o755)
    port, environ = free_port(), {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with serving(command, folder, port, environ={"MLFLOW_DISABLE_TELEMETRY": "true", **environ}) as address:
        yield address


@contextlib.contextmanager
def serving(
    command: list[str], folder: Path, port: int, *, environ: dict[str, str], minutes: float = _MINUTES
) -> Iterator[str]:
    """Run a server on loopback, in a folder, until the block ends; gives its address once it says that it is well."""
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environ},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, folder / "server.log", minutes)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path, minutes: float) -> None:
    until = time.monotonic() + 60 * minutes
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
            return
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        assert time.monotonic() < until, f"no server after {minutes} minutes"
        time.sleep(0.2)


@contextlib.contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve every request with `answer`; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with contextlib.suppress(OSError):
                super().handle_one_request()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            answer(self)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "text/html") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    """Return the body of a request, also of one that comes in chunks, as that of an empty file does."""
    if "chunked" not in (handler.headers.get("Transfer-Encoding") or "").lower():
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    body = b""
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass
    return body


@contextlib.contextmanager
def in_between(address: str, *, path: str, how: str) -> Iterator[tuple[str, threading.Event]]:
    """Pass requests on to `address` until one whose path holds `path`; that one and all later ones fail.

    ``refuse``: status 500, not passed on. ``drop``: the connection is cut, not passed on. ``lose``: the first is passed
    on and done, but its answer is lost. Gives the address, and an event: set it and the server is there again.
    """
    down, again = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = body_of(handler)
        first = path in handler.path and not down.is_set()
        if first:
            down.set()
        failing = down.is_set() and not again.is_set()
        if failing and not (first and how == "lose"):
            if how == "refuse":
                reply(handler, 500, b"the disk is full")
            handler.close_connection = True
            return
        passed = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        own = ("host", "connection", "transfer-encoding")
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in own}
        passed.request(handler.command, handler.path, body, headers)
        found = passed.getresponse()
        data = found.read()
        passed.close()
        if failing:
            handler.close_connection = True
            return
        reply(handler, found.status, data, found.getheader("Content-Type") or "application/json")

    with answering(answer) as here:
        yield here, again
        assert down.is_set(), f"nobody asked for {path}"
