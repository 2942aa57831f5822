"""A real process, killed at its disk calls (J1, J4) or asked to end at any time (J12): the same command finishes."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from koudai.model.bundle.bundle import load_bundle
from koudai.storage.durable import is_scratch
from tests.faults.jobs import Job, contents
from tests.faults.killer import struck
from tests.faults.seam import FaultyDisk, installed

pytestmark = pytest.mark.slow

CALLS = (1, 6, 12, 19, 26, 31, 37, 44, 50, 57)
"""Where the ten kills strike, close to each other: to look at what is finished takes fewer calls than to make it."""
NEVER = 10**9
HINT = "interrupted; what was finished is kept, and the same command resumes a scoring job or a search\n"


@pytest.fixture
def before(bundle: Path) -> int:
    """How many disk calls it takes to load the model."""
    disk = FaultyDisk(NEVER, "transient")
    with installed(disk):
        load_bundle(bundle)
    return disk.calls


@pytest.fixture
def expected(job: Job, bundle: Path, place: Path) -> dict[str, bytes]:
    """What the undisturbed command leaves; ``job.json`` names the bundle."""
    assert struck(job.command(bundle, place / "expected", "--workers", 1), when=NEVER) == (0, "")
    return contents(place / "expected")


def test_J1_killed_at_ten_disk_calls_it_ends_in_the_same_bytes(
    job: Job, bundle: Path, place: Path, before: int, expected: dict[str, bytes]
) -> None:
    out = place / "out"
    command = job.command(bundle, out, "--workers", 1)
    for call in CALLS:
        assert struck(command, when=before + call) == (-signal.SIGKILL, "")
        assert contents(out).items() <= expected.items()
    assert struck(command, when=NEVER) == (0, "")
    assert contents(out) == expected
    assert struck(command, when=NEVER) == (0, "")
    assert contents(out) == expected


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_J12_a_signal_at_any_call_ends_with_130_a_hint_and_no_traceback(
    job: Job, bundle: Path, place: Path, before: int, expected: dict[str, bytes], how: signal.Signals
) -> None:
    out = place / "out"
    command = job.command(bundle, out, "--workers", 2)
    for call in (3, 20, 44, 80):
        code, said = struck(command, when=before + call, how=how)
        assert code == 130
        assert (
            said == "interrupted; what was finished is kept, and the same command resumes a scoring job or a search\n"
        )
        assert contents(out).items() <= expected.items()
        assert not [path for path in out.rglob("*.part") if is_scratch(path.name)]
    assert struck(command, when=NEVER) == (0, "")
    assert contents(out) == expected


def test_J12_signals_at_random_times(job: Job, bundle: Path, place: Path, expected: dict[str, bytes]) -> None:
    """During an import Python may end by the signal itself after the hint; a shell shows that as 130 too."""
    out, chosen = place / "out", random.Random(5)
    command = job.command(bundle, out)
    for _ in range(6):
        how = chosen.choice([signal.SIGINT, signal.SIGTERM])
        code, said = struck(command, when=chosen.uniform(0, 2), how=how, started=True)
        assert (code, said) in ((130, HINT), (-signal.SIGINT, HINT), (0, ""))
        assert contents(out).items() <= expected.items()
    assert struck(command, when=NEVER) == (0, "")
    assert contents(out) == expected
