"""The benchmark of two builds: this one beside itself, on a few posts, with every cell of its table and every bar."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import builds
from tests.benchmarks.posts import BUNDLED, ROOT
from tests.benchmarks.same_model import Disagreement

pytestmark = pytest.mark.benchmark


@pytest.mark.slow
def test_both_builds_do_every_task_in_turns(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- builds -->\nold\n<!-- /builds -->\n", encoding="utf-8")
    report = builds.beside([BUNDLED], other=ROOT, most=60, few=40, rounds=2, least=0.0, seed=1)
    report.publish(as_json=tmp_path / "found.json", markdown=page, name="builds")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    told = [(row["task"], row["build"]) for row in found["rows"]]
    assert told == [(task, build) for task in builds.TASKS for build in (builds.OTHER, builds.THIS)]
    assert all(len(row["turns"]) == 2 and row["processor"]["low"] > 0 for row in found["rows"])
    assert all(row["processor"]["median"] == 1 for row in found["rows"] if row["build"] == builds.OTHER)
    assert [bar["wanted"] for bar in found["bars"]] == [wanted for _, wanted, _ in builds.BARS]
    assert all(bar["got"] > 0 for bar in found["bars"])
    assert "old build" in page.read_text(encoding="utf-8")


def test_builds_that_say_something_else_are_refused() -> None:
    same = np.array([[0.5, np.nan]])
    builds._refuse_other(same, same + 1e-8)
    for other in (same + 1e-5, np.array([[0.5, 0.5]])):
        with pytest.raises(Disagreement, match="same probabilities"):
            builds._refuse_other(same, other)
