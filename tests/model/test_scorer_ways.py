"""One scorer (koudai.model.scorer), whichever way posts come and whoever counts: the same numbers, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from koudai.model.model import Model
from koudai.model.scorer import decisions, probabilities
from koudai.text.utf8 import of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.tiny import tiny_posts

TEXTS = [text[:300] for _, text in HOSTILE_STRINGS] + tiny_posts()[0][:40]


def test_threads_share_posts_and_change_nothing(tiny: Model) -> None:
    texts = [f"{text}{number}" for number in range(120) for text in TEXTS[-40:]]
    alone = decisions(tiny, texts)
    together = decisions(tiny, texts, workers=3)
    assert len(texts) > 4096
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])


def test_posts_may_come_as_strings_bytes_or_arrow(tiny: Model) -> None:
    texts = TEXTS[-40:]
    expected = probabilities(tiny, texts)
    for posts in (of_texts(texts), pa.array(texts), pa.chunked_array([texts[:7], texts[7:]], pa.large_string())):
        assert np.array_equal(probabilities(tiny, posts), expected, equal_nan=True)


@pytest.mark.slow
def test_without_a_compiler_the_numbers_are_the_same(
    tiny: Model, tiny_bundle: Path, tmp_path: Path, root: Path
) -> None:
    program = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from koudai.model.bundle.bundle import load_bundle\n"
        "from koudai.model.scorer import decisions\n"
        "from tests.model.test_scorer_ways import TEXTS\n"
        "decision, known = decisions(load_bundle(Path(sys.argv[1])), TEXTS)\n"
        "assert 'numba' not in sys.modules\n"
        "np.savez(sys.argv[2], decision=decision, known=known)\n"
    )
    environ = {**os.environ, "KOUDAI_NO_JIT": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", program, str(tiny_bundle), str(tmp_path / "plain.npz")]
    subprocess.run(command, env=environ, check=True, timeout=300)
    plain = np.load(tmp_path / "plain.npz")
    decision, known = decisions(tiny, TEXTS)
    assert known.sum() > 40
    assert np.array_equal(plain["decision"], decision)
    assert np.array_equal(plain["known"], known)
