"""What can be sampled: a job, or a table of any model's probabilities, the same sample where they say the same."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.sample.design import draw_sample
from koudai.audit.sample.scored_posts import scored_posts
from koudai.errors import ConfigError, ScoresMismatch
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.results import open_job
from tests.audit.jobs import job, posts

KEYS = ("impersonation.ai_news_anchors", "unqualified_advice.medical")


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Score with a model that is never uncertain, which a table cannot say."""
    return job(tmp_path_factory.mktemp("scored"), replace(model, abstain=0.0), posts(150), broken=False)


def table(folder: Path, scored: Path, model: Model, *, keep: slice = slice(None), more: str = "") -> Path:
    """Write the job's probabilities of `KEYS` as a table, its config beside it, and return the config."""
    scores = open_job(scored).scores()
    at = [scores.categories.index(key) for key in KEYS]
    with (folder / "other.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["post_id", *KEYS])
        for post_id, line in list(zip(scores.ids, scores.proba[:, at].astype(np.float64), strict=True))[keep]:
            rows.writerow([post_id, *("" if np.isnan(p) else repr(float(p)) for p in line)])
    threshold = ", ".join(f"{key!r} = {float(model.threshold[model.categories.index(key)])!r}" for key in KEYS)
    config = folder / "other.toml"
    config.write_text(
        "[run]\nname = 'other'\ntaxonomy = 'cac-2023'\n[table]\nname = 'other'\nfile = 'other.csv'\n"
        f"threshold = {{ {threshold} }}\n{more}",
        encoding="utf-8",
    )
    return config


def posts_of(scored: Path) -> str:
    return f"[table.posts]\nfile = '{scored.parent / 'posts.jsonl'}'\n"


def test_a_table_that_says_what_a_job_says_gives_the_same_sample(scored: Path, model: Model, tmp_path: Path) -> None:
    config = table(tmp_path, scored, model, more=posts_of(scored))
    of_job = draw_sample(scored_posts(scored, progress=Silent()), 40, categories=KEYS)
    of_table = draw_sample(scored_posts(config, progress=Silent()), 40, categories=KEYS)
    assert of_table.manifest.rows == of_job.manifest.rows
    assert of_table.manifest.strata == of_job.manifest.strata
    assert of_table.texts == of_job.texts
    assert of_table.manifest.job != of_job.manifest.job
    assert len({len(text) for text in of_table.texts}) > 1


def test_a_table_without_posts_or_an_audit_without_a_table_cannot_be_sampled(
    scored: Path, model: Model, tmp_path: Path
) -> None:
    config = table(tmp_path, scored, model)
    with pytest.raises(ConfigError, match="this table has none"):
        scored_posts(config, progress=Silent())
    config.write_text("[run]\nname = 'other'\ntaxonomy = 'cac-2023'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="names no table"):
        scored_posts(config, progress=Silent())


def test_a_table_whose_posts_are_elsewhere_is_refused(scored: Path, model: Model, tmp_path: Path) -> None:
    (tmp_path / "few.jsonl").write_text('{"post_id": "p001", "text": "水厂说明早停水"}\n', encoding="utf-8")
    config = table(tmp_path, scored, model, more="[table.posts]\nfile = 'few.jsonl'\n")
    with pytest.raises(ScoresMismatch):
        scored_posts(config, progress=Silent())
