"""A forked process is what a started one is, for whoever started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked

pytestmark = pytest.mark.slow

PROGRAMS = {
    "ends": "pass",
    "says": "import sys; print('out'); sys.stderr.write('err')",
    "exits": "import sys; sys.exit(7)",
    "exits with a message": "import sys; sys.exit('no')",
    "raises": "raise KeyError(1)",
    "is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "is interrupted": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "reads": "import sys; print(sys.stdin.read()[::-1])",
    "has arguments": "import sys; print(sys.argv, __name__)",
    "ends threads": "import threading; threading.Thread(target=lambda: print(1)).start()",
    "calls at exit": "import atexit; atexit.register(print, 'bye')",
    "knows its place": "import os; print(os.getcwd(), os.environ.get('PLACE'), len(os.environ))",
    "writes into nothing": "import os, sys; os.close(1); os.open('/dev/full', os.O_WRONLY); print('lost')",
    "has its streams alone": "import os; print(os.listdir('/proc/self/fd')[:-1])",
    "has no children": "import os\ntry: os.waitpid(-1, 0)\nexcept ChildProcessError: print('none')",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_it_ends_and_says_what_a_started_one_does(program: str, tmp_path: Path) -> None:
    given = {"capture_output": True, "text": True, "cwd": tmp_path, "env": {**os.environ, "PLACE": "here"}}
    arguments = ["-c", program, "a", "-b"]
    started = subprocess.run([sys.executable, *arguments], input="抬头", check=False, **given)
    found = forked.run(arguments, input="抬头", **given)
    assert (found.returncode, found.stdout) == (started.returncode, started.stdout)
    assert found.stderr.splitlines()[-1:] == started.stderr.splitlines()[-1:]
    assert found.args == started.args


def test_a_module_and_a_file_are_run(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 1", encoding="utf-8")
    (tmp_path / "it.py").write_text("import sys, beside; print(sys.argv, __name__)", encoding="utf-8")
    found = forked.run([tmp_path / "it.py", 1], capture_output=True, text=True)
    assert found.stdout == f"{[str(tmp_path / 'it.py'), '1']} __main__\n", found.stderr
    found = forked.run(["-m", "koudai", "--version"], capture_output=True, text=True)
    assert found.stdout.startswith("koudai "), found.stderr


def test_it_is_talked_to_and_killed_while_it_runs() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with forked.Popen(["-c", "for _ in range(9): print(input() * 2, flush=True)"], text=True, **pipes) as process:
        process.stdin.write("a\n")
        process.stdin.flush()
        assert process.stdout.readline() == "aa\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert process.poll() == -signal.SIGKILL


def test_a_failure_is_raised_if_asked() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        forked.run(["-c", "import sys; sys.exit(1)"], check=True)


def test_what_is_read_at_import_cannot_be_changed() -> None:
    found = forked.run(["-c", ""], capture_output=True, text=True, env={**os.environ, "KOUDAI_NO_JIT": "1"})
    assert found.returncode != 0
    assert "KOUDAI_NO_JIT" in found.stderr
    with pytest.raises(AssertionError, match="new program"):
        forked.Popen(["-c", ""], start_new_session=True)


def test_a_shell_has_it_as_a_command(tmp_path: Path) -> None:
    done = forked.shell("koudai --version | tr a-z A-Z; koudai nonsense", cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.partition(" ")[0]) == (2, "KOUDAI")
    assert "nonsense" in done.stderr


def test_what_the_server_has_is_there_already() -> None:
    code = "import json, sys; print(json.dumps([*sys.modules]))"
    found = {*json.loads(forked.run(["-c", code], capture_output=True, text=True).stdout)}
    assert {"koudai.scoring.unit", "numba", "pandas", "sklearn.linear_model"} <= found
