"""Python processes that start at once: forked from one that has imported, loaded and fitted everything before.

Promises: `Popen` and `run` are those of `subprocess` for ``[sys.executable, *arguments]``, arguments beginning with
``-c CODE``, ``-m MODULE`` or a file: a real process with its own exit code, streams, signals, environment and working
directory; in a line of `shell` the same goes for ``koudai``. Each worker of a run has one server of its own, without
threads, which ends with it. Elsewhere than on Linux it all is what `subprocess` does.
Not for tests of what starting does: imports, what is in `sys.modules`, variables that are read at import
(``KOUDAI_NO_JIT``, ``NUMBA_…``), the seed of hashes, options of the interpreter, compilation.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import inspect
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import koudai

ROOT = Path(__file__).resolve().parents[1]
PRELOADED = ("numba", "pandas", "pyarrow.csv", "pyarrow.parquet", "sklearn.linear_model")
AT_IMPORT = ("KOUDAI_NO_JIT", "NUMBA_", "DASK_", "LD_", "MALLOC_", "PYTHONHASHSEED", "PYTHONWARNINGS")
ONLY_PROGRAMS = ("preexec_fn", "pass_fds", "shell", "start_new_session", "user", "group")

LINE = "KOUDAI_TESTS_LINE"
CLIENT = """#!{python} -IS
import json, os, signal, socket, sys
environ = dict(os.environ)
line = socket.socket(fileno=int(environ.pop("{line}")))
status, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
asked = {{"arguments": ["-m", "koudai", *sys.argv[1:]], "cwd": os.getcwd(), "env": environ}}
socket.send_fds(line, [json.dumps(asked).encode()], [theirs.fileno(), 0, 1, 2])
theirs.close()
status.recv(20)
code = int(status.recv(20))
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""


class Popen(subprocess.Popen[Any]):
    """A process that is forked from the server of this one; takes what `subprocess.Popen` takes, but no options that
    only a new program can have.
    """

    _status: socket.socket

    def __init__(self, arguments: Sequence[object], **given: Any) -> None:
        super().__init__([sys.executable, *map(str, arguments)], **given)

    if sys.platform == "linux":

        def _execute_child(self, *given: Any) -> None:
            """Ask the server for a child, which gets our ends of the pipes."""
            asked = inspect.signature(subprocess.Popen._execute_child).bind(self, *given).arguments
            assert not any(map(asked.get, ONLY_PROGRAMS)), "only a new program can have these"
            pipes = [asked[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")]
            cwd, env = str(asked["cwd"] or Path.cwd()), dict(asked["env"] or os.environ)
            streams = [own if own != -1 else number for number, own in enumerate((pipes[0], pipes[3], pipes[5]))]
            request = json.dumps({"arguments": asked["args"][1:], "cwd": cwd, "env": env}).encode()
            self._status, status = socket.socketpair(type=socket.SOCK_SEQPACKET)
            with status:
                socket.send_fds(_server(), [request], [status.fileno(), *streams])
            self.pid = int(self._status.recv(20))
            self._child_created = True
            self._close_pipe_fds(*pipes)

        def _internal_poll(self, *_: Any, **__: Any) -> int | None:
            return self._ended(0)

        def _wait(self, timeout: float | None) -> int:
            code = self._ended(timeout)
            if code is None:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            return code

        def _ended(self, timeout: float | None) -> int | None:
            """Return how it ended, if it does within so many seconds."""
            if self.returncode is None:
                self._status.settimeout(timeout)
                with contextlib.suppress(TimeoutError, BlockingIOError):
                    self.returncode = int(self._status.recv(20))
                    self._status.close()
            return self.returncode


def run(
    arguments: Sequence[object],
    *,
    input: str | bytes | None = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **given: Any,
) -> subprocess.CompletedProcess[Any]:
    """Do what `subprocess.run` does."""
    if input is not None:
        given["stdin"] = subprocess.PIPE
    if capture_output:
        given["stdout"] = given["stderr"] = subprocess.PIPE
    with Popen(arguments, **given) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def shell(script: str, *, program: str = "sh", **given: Any) -> subprocess.CompletedProcess[Any]:
    """Run a script of a shell, whose ``koudai`` is forked; `given` is for `subprocess.run`."""
    environ = dict(given.pop("env", None) or os.environ)
    folders = [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]
    if sys.platform == "linux":
        line, client = _server(), _client()
        environ[LINE], given["pass_fds"], folders[:0] = str(line.fileno()), [line.fileno()], [str(client)]
    environ["PATH"] = os.pathsep.join(folders)
    return subprocess.run([program, "-c", script], env=environ, **given)


@functools.cache
def _client() -> Path:
    """Return a folder with the program ``koudai`` that asks the server."""
    folder = tempfile.TemporaryDirectory(prefix="koudai-")
    atexit.register(folder.cleanup)
    program = Path(folder.name) / "koudai"
    program.write_text(CLIENT.format(python=sys.executable, line=LINE), encoding="utf-8")
    program.chmod(0o755)
    return program.parent


@functools.cache
def _server() -> socket.socket:
    """Return the line to the server of this process, started when it is first needed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        server = subprocess.Popen(
            command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _serve(line: socket.socket) -> None:
    """Fork a child for each request; return in the child, which is then to run; exit when nobody is there any more."""
    while True:
        request, handles, _, _ = socket.recv_fds(line, 1 << 20, 4)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not request:
            os._exit(0)
        if _fork():
            for handle in handles:
                os.close(handle)
            continue
        line.close()
        status = socket.socket(fileno=handles[0])
        child = _fork()
        if child:
            for handle in handles[1:]:
                os.close(handle)
            os.closerange(0, 3)
            status.send(str(child).encode())
            status.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
            os._exit(0)
        status.close()
        return _become(json.loads(request), handles[1:])


def _fork() -> int:
    """Fork; BLAS, the only one to have threads, ends them first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process one that has just been started as `request` says."""
    changed = {name for name in {*os.environ, *request["env"]} if os.environ.get(name) != request["env"].get(name)}
    wrong = sorted(name for name in changed if name.startswith(AT_IMPORT))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    assert not wrong, f"{wrong}: read at import, which was long ago; start a real process"
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = request["arguments"]
    sys.path[0:1] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]


def _prepare() -> None:
    """Import what commands import, and load what they compile."""
    found = pkgutil.walk_packages(koudai.__path__, "koudai.")
    for name in [*PRELOADED, *(one.name for one in found if not one.name.endswith(("__main__", "pyfunc")))]:
        importlib.import_module(name)
    from koudai.model.evidence import evidence
    from koudai.model.scorer import probabilities
    from koudai.text.utf8 import of_texts
    from tests.model.tiny import tiny_model, tiny_posts

    model, posts = tiny_model(), of_texts(tiny_posts()[0][:3])
    evidence(model, posts, probabilities(model, posts) > 0, 1)
    gc.collect()
    gc.freeze()  # so that no child copies it all at its first collection


def _main() -> None:
    """Run the program that `sys.argv` names, as ``python`` would."""
    if sys.argv[0] == "-c":
        code = sys.argv.pop(1)
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), vars(main))
    elif sys.argv[0] == "-m":
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(sys.argv[0]).parent)
        runpy.run_path(sys.argv[0], run_name="__main__")


def _end_at_once(code: list[int]) -> None:
    """Be the last to be called at exit: end without taking thousands of modules apart, which takes most of the time."""
    if code:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # what Python says of it, it then says itself
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code[0] & 0xFF)


if __name__ == "__main__":
    code: list[int] = []
    atexit.register(_end_at_once, code)
    line = socket.socket(fileno=int(sys.argv[1]))
    _prepare()
    _serve(line)
    try:
        _main()
        code.append(0)
    except SystemExit as asked:
        code[:] = [] if isinstance(asked.code, str) else [int(asked.code or 0)]
        raise
