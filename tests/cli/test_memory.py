"""Memory that does not suffice ends a command with a named error and 5, never with a traceback (H10)."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from koudai.cli.app import run_command
from koudai.cli.memory import out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libarrow.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
    ],
)
def test_what_libraries_raise_is_known(error: Exception) -> None:
    found = out_of_memory(error)
    assert found is not None
    assert found.exit_code == 5
    assert type(error).__name__ in str(found.got)


def test_what_it_came_from_is_looked_at() -> None:
    error = ValueError("cannot go on")
    assert out_of_memory(error) is None
    error.__cause__ = MemoryError()
    assert out_of_memory(error) is not None
    assert out_of_memory(SystemError("error return without exception set")) is None


def test_a_command_ends_with_5(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fill(*arguments: object, **settings: object) -> None:
        raise MemoryError

    monkeypatch.setattr("koudai.api.inspect", fill)
    assert run_command(["inspect", "nowhere"]) == 5
    said = capsys.readouterr().err
    assert said.startswith("OutOfMemory: memory ran out")
    assert "`shard_size`" in said  # a flag of another verb is no flag of this one


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_an_address_space_too_small_for_the_libraries_is_named_before_they_load() -> None:
    command = f"ulimit -v 400000 && exec {sys.executable} -m koudai inspect nowhere"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr.startswith("OutOfMemory: the memory that this process may use is too small\n")
    assert "got:      390 MB" in done.stderr
