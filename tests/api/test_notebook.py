"""What is done in a notebook: paths as text, names listed, ids as they are, and what a call returns shows itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import koudai
from koudai import api, load_bundle, load_model, load_report, load_taxonomy, read_posts
from koudai.api.trained_model import exact_id
from koudai.errors import ConfigError, UsageError
from tests.api.conftest import AUDIT

TEXTS = ["各位观众晚上好，AI主播为您播报", "<b>&"]


def test_what_is_public_is_listed_and_paths_are_text(here: Path) -> None:
    assert dir(koudai) == sorted([*koudai.__all__, "__version__"])
    assert dir(api) == sorted(api.__all__)
    assert load_report("audited/report.json").conservation["read"] == 3
    assert load_bundle("model").name == "small"
    (batch,) = read_posts("posts.csv")
    assert len(batch.ids) == 3
    with pytest.raises(ConfigError):
        load_taxonomy("none.toml")


def test_what_calls_return_shows_itself_with_n_and_interval(here: Path) -> None:
    model = load_model("model")
    shown = model._repr_html_()
    assert all(key in shown for key in model.model.categories)
    assert "[" in shown
    report = load_report("audited/report.json")
    told = report._repr_html_()
    assert "n=3" in told
    assert "read 3" in told
    assert "alleged category" in api.verify("job")._repr_html_()
    explained = model.explain("听说要停水<b>")._repr_html_()
    assert all(key in explained for key in model.model.categories)
    drawn = api.sample("job", n=3)
    sheet = drawn._repr_html_()
    assert all(post_id in sheet for post_id, _ in drawn.manifest.rows)
    assert not any(one.name in sheet for one in drawn.manifest.strata)
    page = api.show("audited/report.json", lang="zh")
    assert page._repr_html_().startswith("<iframe srcdoc=")
    assert page.html.count("<html") == 1
    with pytest.raises(UsageError, match="unknown language"):
        api.show(report, lang="fr")


def test_ids_that_are_whole_numbers_are_exact_and_others_are_refused(here: Path) -> None:
    model = load_model("model")
    whole = [4901234567890123457, np.int64(7)]
    assert model.predict(TEXTS, ids=whole)["post_id"].tolist() == ["4901234567890123457", "7"]
    assert exact_id("007") == "007"
    for wrong in (4.9e18, True, None, np.float64(7)):
        with pytest.raises(UsageError, match="neither text nor a whole number"):
            model.predict(TEXTS[:1], ids=[wrong])


def test_an_audit_config_is_checked_with_everything_that_it_names(here: Path) -> None:
    problems, summary = api.check_audit("audit.toml", model="model", scores="job")
    assert problems == []
    assert summary is not None
    assert (summary.posts, summary.measures, summary.not_measured) == (3, ("coverage",), {})
    (here / "bad.toml").write_text(
        AUDIT.replace("coverage", "covrage")
        + "[period]\ncolumn = 'day'\n[annotations]\nfile = 'none.csv'\ncolumns = ['a', 'b']\n",
        encoding="utf-8",
    )
    problems, summary = api.check_audit("bad.toml", model="model", scores="job")
    assert summary is None
    assert [problem.what.split(":")[0] for problem in problems] == [
        "unknown measure(s)",
        problems[1].what,
        "no such file",
    ]
    assert "day" in problems[1].message()
    assert [problem.what for problem in api.check_audit("audit.toml")[0]] == [
        "an audit needs a model and its scores, or a table of probabilities"
    ]


def test_what_is_there_gives_way_only_if_it_is_asked_to(here: Path) -> None:
    before = (here / "audited" / "report.json").read_bytes()
    settings = api.AuditSettings(overrides=["run.name='again'"])
    again = {"model": "model", "scores": "job", "settings": settings}
    api.audit("audit.toml", out=api.Overwrite("audited"), **again)
    assert (here / "audited" / "report.json").read_bytes() != before
    (here / "none.toml").write_text(AUDIT + "[period]\ncolumn = 'day'\n", encoding="utf-8")
    with pytest.raises(koudai.KoudaiError):
        api.audit("none.toml", out="failed", model="model", scores="job")
    assert not (here / "failed").exists()
    with pytest.raises(koudai.KoudaiError):
        api.audit("none.toml", out=api.Overwrite("audited"), model="model", scores="job")
    assert load_report("audited/report.json").provenance["name"] == "again"
