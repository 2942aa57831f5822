"""The command itself: its help names every verb and is quick, an interrupt and a closed pipe end quietly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from koudai.cli.app import FLAGS, _interrupt, _interrupts, in_flags, run_command
from koudai.errors import KoudaiError
from tests.cli.test_bad_input import koudai
from tests.docs.reference import VERBS


def test_help_names_every_verb_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "--help")
    assert code == 0
    assert all(f"\n  {verb} " in out for verb in VERBS)
    assert "130 interrupted" in out
    assert "alleged" in out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, _ = koudai(capsys, verb, "--help")
    assert code == 0
    assert f"Usage: koudai {verb}" in out


def test_help_is_not_much_slower_than_python_itself() -> None:
    """A ratio, not a time: a machine under load slows both."""

    def fastest(*arguments: str) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest("-m", "koudai", "--help") < 40 * fastest("-S", "-E", "-c", "pass")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "--version")
    assert (code, out.startswith("koudai ")) == (0, True)


def test_broken_pipe_is_quiet(root: Path) -> None:
    command = f"{sys.executable} -m koudai --help | head -n 1"
    found = subprocess.run(["sh", "-c", command], cwd=root, capture_output=True, text=True, check=True)
    assert found.stderr == ""


def test_J12_an_interrupt_while_kernels_compile_comes_a_little_later() -> None:
    """What a compiler calls back cannot raise: there an interrupt would be shown and lost."""

    def _raw_object_cache_notify() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, _interrupt)
    try:
        _raw_object_cache_notify()
        with pytest.raises(KeyboardInterrupt):
            time.sleep(10)
    finally:
        signal.signal(signal.SIGINT, before)


def test_J12_an_interrupt_that_a_destructor_swallows_comes_again() -> None:
    class Closing:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    def close() -> None:
        with _interrupts():
            del (closing := [Closing()])[0]
            assert closing == []
            time.sleep(10)

    with pytest.raises(KeyboardInterrupt):
        close()


def test_J12_an_interrupt_says_what_is_known_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, **settings: object) -> None:
        interrupt = KeyboardInterrupt()
        interrupt.add_note("3 of 9 trials are kept")
        raise interrupt

    monkeypatch.setattr("koudai.api.inspect", stop)
    assert run_command(["inspect", "nowhere"]) == 130
    assert capsys.readouterr().err == "interrupted; 3 of 9 trials are kept\n"


def test_J12_an_interrupt_ends_with_130_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("koudai.model.bundle.inspection.inspect_bundle", stop)
    assert run_command(["inspect", "somewhere"]) == 130
    assert "resumes" in capsys.readouterr().err


def test_messages_name_flags_where_the_library_names_arguments() -> None:
    error = in_flags(
        KoudaiError(what="`shard_size` is out of range", got="`shard_size`", todo="`overrides`, or `columns` in a file")
    )
    assert error.message() == (
        "KoudaiError: --shard-size is out of range\n  got:      `shard_size`\n  to do:    --set, or `columns` in a file"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("`api.sample` draws one", "`koudai sample` draws one"),
        ("`api.verify('a job', repair=True)`, or not", "`koudai verify 'a job' --repair`, or not"),
        ("`api.promote('1', to='candidate')`, then again", "`koudai promote 1 --to candidate`, then again"),
        ("`api.track('$(boom)')`", "`koudai track '$(boom)'`"),
        ("`api.verify('a job', repair=wanted)`", "`koudai verify 'a job'`"),
        ("`api.track('a`b')`", "`api.track('a`b')`"),
    ],
)
def test_messages_name_commands_where_the_library_names_functions(said: str, shown: str) -> None:
    assert in_flags(KoudaiError(what="w", todo=said)).todo == shown


def test_every_flag_that_messages_name_is_one_of_a_verb(capsys: pytest.CaptureFixture[str]) -> None:
    said = "".join(koudai(capsys, verb, "--help")[1] for verb in VERBS)
    assert [flag for flag in FLAGS.values() if f"  {flag} " not in said.replace(",", " ")] == []


def test_a_warning_is_shown_in_one_line_without_a_place_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    assert run_command(["--version"]) == 0
    assert warnings.formatwarning("nearly full", UserWarning, "room.py", 3) == "UserWarning: nearly full\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **settings: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("koudai.api.inspect", broken)
    with pytest.raises(ZeroDivisionError):
        run_command(["inspect", "nowhere"])


def test_what_else_a_destructor_raises_is_shown_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    what = SimpleNamespace(exc_type=ValueError)
    with _interrupts():
        sys.unraisablehook(what)  # type: ignore[arg-type]
    assert told == [what]
    assert sys.unraisablehook == told.append
