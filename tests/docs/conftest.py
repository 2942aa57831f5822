"""The documentation as a site, built as `make docs` builds it, and a browser to look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.once import once


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="session")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site, or skip where zensical is not installed."""
    near = [root / "build" / "docs-venv" / "bin", Path(sys.executable).parent]
    zensical = shutil.which("zensical", path=os.pathsep.join(map(str, near)))
    if zensical is None:
        pytest.skip("zensical is not installed: run `make docs` once")

    def build(folder: Path) -> None:
        shutil.copytree(root / "docs", folder / "docs")
        (folder / "docs" / "zensical.toml").rename(folder / "zensical.toml")
        built = subprocess.run(
            [zensical, "build", "--strict"],
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, built.stdout + built.stderr

    return once(tmp_path_factory, "site", build) / "site"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine alone; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
