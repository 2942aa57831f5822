"""Two models on the same labelled posts: tables with tables and with a bundle, as scikit-learn says (A4)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from koudai.audit.two_models import _figures, compare_tables
from koudai.errors import ConfigError, ScoresMismatch, UsageError
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, RANKED
from tests.audit.inputs.test_labelled import KEY, corpus
from tests.audit.jobs import posts
from tests.cli.test_bad_input import koudai
from tests.corpus.reading.writers import write_posts

N = 120


def labels(n: int = N) -> list[int]:
    return [int(one) for one in np.random.default_rng(1).random(n) < 0.5]


def config(
    folder: Path, name: str, *, shift: float = 0.0, ids: list[str] | None = None, texts: list[str] | None = None
) -> Path:
    """Write a table of probabilities, and an audit config of it with a labelled corpus."""
    ids = [f"p{i}" for i in range(N)] if ids is None else ids
    texts = [f"听说{i}要停水" for i in range(len(ids))] if texts is None else texts
    random = np.random.default_rng(2)
    noise = 0.7 * random.random(len(ids)) + shift * random.random(len(ids))
    p = np.clip(0.3 * np.array(labels(len(ids))) + noise, 0, 1)
    write_posts(folder / f"{name}.csv", {"post_id": ids, "p": [f"{one:.3f}" for one in p]})
    source = corpus(folder, ids, texts, labels(len(ids)))["source"]
    lines = [
        "[run]",
        'name = "a"',
        'taxonomy = "cac-2023"',
        "[table]",
        f'name = "{name}"',
        f'file = "{name}.csv"',
        f'columns = {{ "{KEY}" = "p" }}',
        "[[corpus]]",
        "[corpus.source]",
        *(f"{key} = {json.dumps(value)}" for key, value in source.items() if key != "columns"),
        "[corpus.source.columns]",
        'labels = "labels"',
    ]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_A4_two_tables_are_compared_post_by_post(tmp_path: Path) -> None:
    one, other = config(tmp_path, "a"), config(tmp_path, "b", shift=0.4)
    found = {row.metric: row for row in compare_tables(one, other)}
    sides = []
    for name in ("a", "b"):
        cells = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
        sides.append(np.array([float(cell.rpartition(",")[2].strip('"')) for cell in cells]))
    y = np.array(labels())
    for metric, figure in (("f1", lambda p: f1_score(y, p >= 0.5)), ("auc", lambda p: roc_auc_score(y, p))):
        row = found[metric]
        assert (row.a, row.b) == pytest.approx([figure(side) for side in sides], abs=1e-6)
        assert row.difference == pytest.approx((row.b or 0) - (row.a or 0))
        assert (row.category, row.corpus, row.n) == (KEY, "own", N)
        assert row.low is not None
        assert row.low <= row.difference <= (row.high or 0)


def test_a_table_beside_a_bundle_that_scores_the_posts(tmp_path: Path, bundle: Path, model: Model) -> None:
    made = posts()
    texts, ids = [one["text"] for one in made], [f"p{i}" for i in range(len(made))]
    path = config(tmp_path, "a", ids=ids, texts=texts)
    found = {row.metric: row for row in compare_tables(path, bundle)}
    p = score(model, ids, texts).proba[:, model.categories.index(KEY)]
    brier = found["brier"]
    known = np.isfinite(p)
    assert brier.n <= known.sum()
    back = {row.metric: row for row in compare_tables(bundle, path)}
    assert back["f1"].difference == pytest.approx(-(found["f1"].difference or 0))


def test_the_verb_prints_a_line_for_each_corpus_and_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, said, _ = koudai(capsys, "compare", config(tmp_path, "a"), config(tmp_path, "b", shift=0.4))
    header, *lines, note = said.splitlines()
    assert code == 0
    assert header.split()[0] == "corpus"
    assert [line.split()[2] for line in lines] == ["precision", "recall", "f1", "average_precision", "auc", "brier"]
    assert "neither is known to have been fitted on" in note


def test_what_cannot_be_compared_is_refused(tmp_path: Path, bundle: Path) -> None:
    with pytest.raises(UsageError, match="audit config"):
        compare_tables(bundle, bundle)
    bare = tmp_path / "bare.toml"
    bare.write_text('[run]\nname = "a"\ntaxonomy = "cac-2023"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="does not name both"):
        compare_tables(bare, bundle)
    one = config(tmp_path, "a")
    (tmp_path / "more").mkdir()
    other = config(tmp_path / "more", "b", ids=[f"q{i}" for i in range(N)])
    with pytest.raises(ScoresMismatch, match="no labelled post"):
        compare_tables(one, other)


def test_other_taxonomies_and_labels_that_differ_are_refused(tmp_path: Path) -> None:
    one = config(tmp_path, "a")
    (tmp_path / "more").mkdir()
    other = config(tmp_path / "more", "b")
    corpus(
        tmp_path / "more", [f"p{i}" for i in range(N)], [f"听说{i}要停水" for i in range(N)], [1 - y for y in labels()]
    )
    with pytest.raises(ScoresMismatch, match="no labelled post"):
        compare_tables(one, other)
    other.write_text(other.read_text(encoding="utf-8").replace("cac-2023", "cac-2025"), encoding="utf-8")
    with pytest.raises(ScoresMismatch, match="other taxonomies"):
        compare_tables(one, other)


def test_A1_without_a_probability_only_figures_of_tags_are_compared() -> None:
    y, tagged = np.array([1.0, 0, 1, 0] * 10), np.array([True, False, False, True] * 10)
    posts = JudgedPosts(y, np.full(40, np.nan), tagged, np.arange(40), np.arange(40))
    found = _figures("own", KEY, posts, posts)
    assert [row.metric for row in found] == [name for name in LINEAR if name not in RANKED]
    assert {(row.difference, row.n) for row in found} == {(0.0, 40)}
