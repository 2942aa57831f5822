"""A second wave: known probabilities over both, where the labels tell most, and only of a first wave that fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from koudai import api
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.labelled_sample import join_sample
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.scored_posts import ScoredPosts, scored_posts
from koudai.audit.sample.second_wave import draw_second_wave, drawn_in_all
from koudai.audit.sample.sheet import manifest_path
from koudai.errors import KoudaiError, LabelError, OutputExists, ScoresMismatch, UsageError
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.results import open_job
from tests.audit.jobs import job, posts

KEY = "impersonation.ai_news_anchors"


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("waves"), model, posts(200))


def label(sheet: Path) -> None:
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    said = [line + ("是" if "播报" in line else "否") for line in lines[1:]]
    sheet.write_text("\n".join([lines[0], *said]), encoding="utf-8")


def all_labels(manifest: Manifest, value: int = 1) -> NDArray[np.int8]:
    return np.full((1, len(manifest.rows), len(manifest.categories)), value, dtype=np.int8)


def test_both_waves_come_back_as_one_sample_with_the_probabilities_of_both(scored: Path, tmp_path: Path) -> None:
    sheet, more = tmp_path / "one.csv", tmp_path / "two.csv"
    first = api.sample(scored, n=30, out=sheet, categories=[KEY]).manifest
    label(sheet)
    drawn = api.continue_sample(scored, [sheet], n=25, out=more)
    assert drawn.manifest == load_manifest(manifest_path(more))
    told = drawn.manifest
    assert told.rows[:30] == first.rows
    assert len({post_id for post_id, _ in told.rows}) == 55
    assert [one.size for one in told.strata] == [one.size for one in first.strata]
    counted = np.bincount([at for _, at in told.rows], minlength=len(told.strata)).tolist()
    assert counted == [one.drawn for one in told.strata]
    assert told.first is not None
    assert told.first.drawn == tuple(one.drawn for one in first.strata)
    assert told.probability(0) == told.strata[told.rows[0][1]].drawn / told.strata[told.rows[0][1]].size
    assert len(more.read_text(encoding="utf-8-sig").splitlines()) == 1 + 25
    label(more)
    labels = read_labels([sheet, more], told)
    assert labels.shape == (1, 55, 1)
    assert (labels >= 0).all()
    joined = join_sample(told, labels, open_job(scored, progress=Silent()).scores())
    assert (joined.stratum[joined.post] == [at for _, at in told.rows]).all()
    again = draw_second_wave(
        scored_posts(scored, progress=Silent()), first, labels[:, :30], n=25, seed=20230310, progress=Silent()
    )
    assert again.manifest == told
    with pytest.raises(ScoresMismatch, match="do not belong"):
        read_labels([more], first)
    for wrong, kind, words in (
        ([sheet], UsageError, "continued already"),
        ([more], UsageError, "continued already"),
        ([], UsageError, "no labels of a first wave"),
        ([tmp_path / "anna.csv"], UsageError, "not plain which sample"),
    ):
        with pytest.raises(kind, match=words):
            api.continue_sample(scored, wrong, n=25, out=tmp_path / "three.csv")
    with pytest.raises(OutputExists):
        api.continue_sample(scored, [sheet], n=25, out=more)
    assert not (tmp_path / "three.csv").exists()


def test_a_first_wave_that_does_not_fit_is_refused(scored: Path, model: Model, tmp_path: Path) -> None:
    first = api.sample(scored, n=30, categories=[KEY]).manifest
    here = scored_posts(scored, progress=Silent())
    other = scored_posts(job(tmp_path, model, posts(150)), progress=Silent())
    draw: list[tuple[ScoredPosts, int, int, type[KoudaiError], str]] = [
        (other, 1, 10, ScoresMismatch, "other scores"),
        (here, -1, 10, LabelError, "not labelled"),
        (here, 1, 171, UsageError, "so many posts"),
    ]
    for of, value, n, kind, words in draw:
        with pytest.raises(kind, match=words):
            draw_second_wave(of, first, all_labels(first, value), n=n, seed=1, progress=Silent())
    whole = draw_second_wave(here, first, all_labels(first), n=170, seed=1, progress=Silent()).manifest
    assert all(one.probability == 1 for one in whole.strata)


def test_more_is_drawn_where_labels_differ_and_every_stratum_is_looked_at() -> None:
    size, drawn = np.array([1000, 1000, 10]), np.array([20, 20, 10])
    yes, known = np.array([[0.0], [10.0], [5.0]]), np.array([[20.0], [20.0], [10.0]])
    found = drawn_in_all(size, drawn, (yes, known), np.array([[0.3], [0.3], [0.3]]), n=100)
    assert found.sum() == 150
    assert 20 < found[0] < found[1]
    assert found[2] == 10
