"""Near-duplicates, folds, fits and figures are the same numbers, bit for bit, when nothing is compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.evaluation import as_plain
from koudai.model.fitting.dual import solve
from koudai.text.compiled.jit import SWITCH
from koudai.training.evaluate import evaluate
from koudai.training.folds import deal_folds
from tests.conftest import ROOT
from tests.corpus.posts import POSTS, copies
from tests.hostile.strings import HOSTILE_STRINGS


def numbers() -> str:
    """Return everything that kernels compute for some posts, written out."""
    texts = [*(copy for post in POSTS for copy in copies(post)), *(text[:200] for _, text in HOSTILE_STRINGS)]
    random = np.random.default_rng(8)
    dense = random.random((40, 30)) * (random.random((40, 30)) < 0.3)
    y, groups = random.integers(0, 2, 40).astype(np.int8), random.integers(0, 25, 40)
    costs = random.random((40, 5)) + 0.1
    fits = [solve(sp.csr_matrix(dense), y, costs, logistic=logistic, seed=2) for logistic in (False, True)]
    figures = evaluate(y, random.random(40).round(1), threshold=0.5, groups=groups)
    return repr(
        [
            near_duplicate_groups(texts).tolist(),
            deal_folds(y, groups, 4, seed=6).tolist(),
            [(weights.tolist(), intercepts.tolist()) for weights, intercepts in fits],
            [as_plain(figure) for figure in figures],
        ]
    )


@pytest.mark.slow
def test_P6_compiled_or_not_the_numbers_are_the_same() -> None:
    code = "import sys, tests.test_without_compiler as t; print(t.numbers()); assert 'numba' not in sys.modules"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, SWITCH: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == numbers()
