"""Drawing from a real job: known probabilities that add up, the same sample for the same seed, exact ids, masked texts,
and every post has its chance.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.sample.design import LabelledAgain, draw_sample
from koudai.audit.sample.labelled_sample import join_sample
from koudai.audit.sample.scored_posts import ScoredPosts, scored_posts
from koudai.errors import JobUnfinished, UsageError
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.results import open_job
from tests.audit.jobs import job, posts

SECRET = {"post_id": "=contact", "text": "加我微信：river_bend88 电话13800138000 @小河弯弯"}


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("sampled"), model, [*posts(200), SECRET])


@pytest.fixture
def there(scored: Path) -> ScoredPosts:
    return scored_posts(scored, progress=Silent())


def test_probabilities_are_known_and_add_up_to_n(there: ScoredPosts) -> None:
    drawn = draw_sample(there, 40)
    told = drawn.manifest
    assert len(told.rows) == len(drawn.texts) == 40
    assert sum(one.size for one in told.strata) == 201
    assert sum(one.size * one.probability for one in told.strata) == pytest.approx(40)
    assert all(0 < one.probability <= 1 for one in told.strata)
    counts = np.bincount([of for _, of in told.rows], minlength=len(told.strata))
    assert counts.tolist() == [one.drawn for one in told.strata]
    assert drawn.quarantined == 3
    assert any("no probability" in one.name for one in told.strata)


def test_ids_are_those_of_the_job_and_each_stands_in_its_stratum(scored: Path, there: ScoredPosts) -> None:
    drawn = draw_sample(there, 60)
    scores = open_job(scored).scores()
    told = drawn.manifest
    assert len({post_id for post_id, _ in told.rows}) == 60
    joined = join_sample(told, np.full((1, 60, len(told.categories)), -1, np.int8), scores)
    assert [scores.ids[at] for at in joined.post] == [post_id for post_id, _ in told.rows]
    assert joined.stratum[joined.post].tolist() == [of for _, of in told.rows]
    raw = {post["post_id"]: post["text"] for post in [*posts(200), SECRET]}
    for (post_id, _), text in zip(told.rows, drawn.texts, strict=True):
        assert text == raw[post_id] or post_id == SECRET["post_id"]


def test_the_same_seed_gives_the_same_sample_and_another_gives_another(there: ScoredPosts) -> None:
    first, again, other = draw_sample(there, 30, seed=5), draw_sample(there, 30, seed=5), draw_sample(there, 30, seed=6)
    assert first == again
    assert first.manifest.name != other.manifest.name
    assert first.manifest.rows != other.manifest.rows


def test_R6_contact_details_are_masked_unless_asked_for(there: ScoredPosts) -> None:
    for redact in (True, False):
        drawn = draw_sample(there, 201, redact=redact)
        text = drawn.texts[[post_id for post_id, _ in drawn.manifest.rows].index("=contact")]
        assert ("river_bend88" in text) is not redact
        assert ("13800138000" in text) is not redact
        assert ("小河弯弯" in text) is not redact
        assert drawn.manifest.redacted is redact


@pytest.mark.slow
def test_over_many_seeds_every_post_is_drawn_as_often_as_its_probability_says(scored: Path, there: ScoredPosts) -> None:
    times: dict[str, int] = {}
    seeds = 60
    for seed in range(seeds):
        told = draw_sample(there, 80, seed=seed, redact=False).manifest
        for post_id, _ in told.rows:
            times[post_id] = times.get(post_id, 0) + 1
    scores = open_job(scored).scores()
    joined = join_sample(told, np.full((1, 80, len(told.categories)), -1, np.int8), scores)
    expected = np.array([told.strata[of].probability for of in joined.stratum])
    seen = np.array([times.get(post_id, 0) for post_id in scores.ids]) / seeds
    assert np.abs(seen - expected).max() < 5 * (0.25 / seeds) ** 0.5
    assert np.mean(seen) == pytest.approx(80 / 201)


def test_only_the_categories_asked_for_are_in_it(there: ScoredPosts) -> None:
    told = draw_sample(there, 30, categories=("impersonation.ai_news_anchors",)).manifest
    assert told.categories == ("impersonation.ai_news_anchors",)
    with pytest.raises(UsageError, match="no scores of category 'impersonatoin'"):
        draw_sample(there, 30, categories=("impersonatoin",))


@pytest.mark.parametrize("n", [1, 202])
def test_numbers_that_cannot_be_drawn_are_refused(there: ScoredPosts, n: int) -> None:
    with pytest.raises(UsageError, match="so many posts"):
        draw_sample(there, n)


def test_an_unfinished_job_is_refused(scored: Path, model: Model, tmp_path: Path) -> None:
    other = job(tmp_path, model, posts(30))
    (other / "DONE.json").unlink()
    with pytest.raises(JobUnfinished):
        draw_sample(scored_posts(other, progress=Silent()), 10)


def test_parts_and_ids_are_those_of_the_whole(scored: Path) -> None:
    scores = open_job(scored).scores()
    parts = list(open_job(scored).parts())
    assert len(parts) > 5
    assert np.array_equal(np.concatenate([part.proba for part in parts]), scores.proba, equal_nan=True)
    assert np.array_equal(np.concatenate([part.alleged for part in parts]), scores.alleged)
    assert np.array_equal(np.concatenate([part.abstained for part in parts]), scores.abstained)
    places = np.array([200, 0, 77, 3])
    assert open_job(scored).ids(places) == [scores.ids[at] for at in places]


def test_what_is_labelled_again_is_drawn_from_all_strata_alike_and_leaves_the_sample_as_it_is(
    there: ScoredPosts,
) -> None:
    once, again = draw_sample(there, 80), draw_sample(there, 80, again=LabelledAgain(double=40, gold=20))
    assert again.manifest.rows == once.manifest.rows
    assert again.texts == once.texts
    for picked, part in ((again.manifest.double, 2), (again.manifest.gold, 4)):
        assert list(picked) == sorted({*picked})
        assert len(picked) == 80 // part
        taken = Counter(again.manifest.rows[row][1] for row in picked)
        for at, stratum in enumerate(again.manifest.strata):
            assert abs(taken[at] - stratum.drawn / part) <= 1
    for wrong in (LabelledAgain(double=81), LabelledAgain(gold=-1)):
        with pytest.raises(UsageError, match="cannot be labelled again"):
            draw_sample(there, 80, again=wrong)
