"""The audit as a whole: it joins only what belongs together (A7, J14), counts everything read (A6), measures labelled
posts whether they were scored before or not (A8), says what it could not measure, and gives the same report again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.frame import ALL
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.report import AuditReport, NotMeasured
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.corpus.corpus import load_corpus
from koudai.corpus.reading.reading import Reading
from koudai.corpus.sources import find_file, find_source
from koudai.errors import ConfigError, JobUnfinished, LabelError, ReadError, ScoresMismatch
from koudai.model.bundle.bundle import save_bundle
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.progress import Advance, Silent
from koudai.scoring.job import run as run_job
from koudai.scoring.plan import make_plan
from koudai.taxonomy import Taxonomy
from tests.audit.jobs import BROKEN, job, posts
from tests.audit.table import figures, one
from tests.model.tiny import EVALUATION

QUICK = ("coverage", "overlap", "overreach")
SLOW = ("learnability", "label_disagreement", "transfer", "multiplicity")
LABELS = [("a1", "水厂说明早停水，第1次了", 1), ("a2", "邻居请大家吃西瓜", 0), ("a3", "主播自称新闻中心播报", 1)]


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("scored"), model, posts())


def config(**changes: Any) -> AuditConfig:
    run = {"name": "test", "taxonomy": "cac-2023", **changes.pop("run", {})}
    return parse_config(AuditConfig, {"run": run, **changes}, where="test")


def lacking(given: set[str]) -> tuple[NotMeasured, ...]:
    """Return what cannot be measured with a model, its scores and these inputs, by what the measures declare."""
    given = given | {"scores", "model", "case_scores", "words"}
    needs = {name: tuple(need for need in MEASURES[name].needs if need not in given) for name in measures_in_order()}
    return tuple(NotMeasured(name, missing) for name, missing in needs.items() if missing)


def labelled(folder: Path, rows: list[tuple[str, str, int]] = LABELS) -> dict[str, Any]:
    """A corpus of its own, with ids that no scored post has."""
    lines = [
        json.dumps({"post_id": i, "text": t, "labels": {"impersonation.ai_news_anchors": says}, "split": "test"})
        for i, t, says in rows
    ]
    (folder / "own.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    source = {"name": "own", "title": "own", "kind": "written", "file": "own.jsonl", "licence": "none"}
    return {"source": {**source, "columns": {"labels": "labels", "split": "split"}}}


def take(bundle: Path, scores: Path, where: Path, *, texts: bool = True, **changes: Any) -> AuditReport:
    sources = AuditSources(where / "audit.toml", bundle, scores, (), texts=texts)
    return run_audit(config(**changes), sources, created_at="2026-11-22T00:00:00+00:00")


def test_A6_everything_read_is_in_the_report(bundle: Path, scored: Path, tmp_path: Path, model: Model) -> None:
    report = take(bundle, scored, tmp_path, run={"measures": QUICK})
    law = report.conservation
    assert law["read"] == 60 + len(BROKEN)
    assert law["quarantined"] == len(BROKEN)
    assert law["read"] == law["scored"] + law["abstained"] + law["quarantined"]
    batch = score(model, [p["post_id"] for p in posts()], [p["text"] for p in posts()])
    assert law["abstained"] == batch.abstained.sum() >= 2
    coverage = report.frames["coverage"]
    for key in model.categories:
        found = one(coverage, key, ALL, "alleged")
        assert (found.value, found.n) == (pytest.approx(sum(key in tags for tags in batch.tags()) / 63), 63)
    assert one(coverage, ALL, ALL, "quarantined").value == pytest.approx(3 / 63)


def test_what_is_not_measured_says_what_it_needs(bundle: Path, scored: Path, tmp_path: Path) -> None:
    report = take(bundle, scored, tmp_path, texts=False)
    assert report.not_measured == lacking({"profile"})
    assert NotMeasured("drift", ("texts", "period")) in report.not_measured
    assert NotMeasured("overreach", ("casebook",)) in report.not_measured
    assert list(report.frames) == ["coverage", "shift", "overlap"]
    assert report.posts == ()


def test_the_steps_of_all_measures_are_counted_together(bundle: Path, scored: Path, tmp_path: Path) -> None:
    measured: list[tuple[int | None, list[int]]] = []

    class Counted(Silent):
        @contextmanager
        def stage(self, name: str, total: int | None) -> Iterator[Advance]:  # type: ignore[override]
            done: list[int] = []
            yield lambda steps, told=None: done.append(steps)
            if name == "measuring":
                measured.append((total, done))

    sources = AuditSources(tmp_path / "audit.toml", bundle, scored)
    labels = {"corpus": [{"source": "seed", "splits": ["test"]}]}
    asked = config(run={"measures": ["coverage", "learnability"]}, **labels)
    report = run_audit(asked, sources, created_at="2026-11-22T00:00:00+00:00", progress=Counted())
    assert list(report.frames) == ["coverage", "learnability"]
    [(total, done)] = measured
    assert total == sum(done) == 1 + len(report.provenance["categories"])


@pytest.mark.slow
def test_the_whole_audit_twice_is_the_same_and_round_trips(bundle: Path, scored: Path, root: Path) -> None:
    where = root / "configs" / "audit"
    given: dict[str, Any] = {
        "corpus": [{"source": "seed", "splits": ["test"]}],
        "casebook": "../../data/casebook/cases.jsonl",
        "run": {"measures": [name for name in measures_in_order() if name not in SLOW]},
    }
    report = take(bundle, scored, where, **given)
    assert report == take(bundle, scored, where, **given)
    with joblib.parallel_config(n_jobs=1):
        assert report == take(bundle, scored, where, **given)
    assert report.not_measured == lacking({"texts", "labels", "labels_or_sample", "casebook", "profile"})
    missing = {item.measure for item in report.not_measured}
    assert missing >= {"agreement", "crosswalk", "outcome", "prevalence", "drift"}
    assert list(report.frames) == [name for name in measures_in_order() if name not in {*SLOW, *missing}]
    assert AuditReport.from_json(json.loads(json.dumps(report.to_json(), allow_nan=False))) == report
    assert [entry["role"] for entry in report.provenance["inputs"]] == ["labels", "scores", "casebook"]
    assert {post.role for post in report.posts} == {"typical", "borderline", "contradicting"}
    assert set(report.validated_on.values()) <= {"written", "none"}
    assert report.validated_on["rumour"] == "none"  # this model does not know it


def test_A7_scores_of_another_model_are_refused(bundle: Path, model: Model, tmp_path: Path) -> None:
    folder = job(tmp_path / "a", replace(model, digest="f" * 16), posts(10))
    with pytest.raises(ScoresMismatch) as caught:
        take(bundle, folder, tmp_path, run={"measures": QUICK})
    error = caught.value
    assert error.what == "the scores are another model's"
    assert error.where == folder
    assert error.expected == f"scores by model {model.digest}"
    assert error.got == f"scores by model {'f' * 16}"
    assert error.todo == "give the model that scored, or score again with this one"
    assert error.exit_code == 3


def test_A7_a_model_of_another_taxonomy_is_refused(
    bundle: Path, scored: Path, model: Model, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    reworded = Taxonomy.model_validate({**taxonomy.model_dump(), "version": taxonomy.version + 1})
    save_bundle(replace(model, taxonomy=reworded), tmp_path / "other", card="", evaluation=EVALUATION)
    with pytest.raises(ScoresMismatch) as caught:
        take(tmp_path / "other", scored, tmp_path, run={"measures": QUICK})
    error = caught.value
    assert error.what == "the model was trained with another taxonomy than the audit's"
    assert error.where == tmp_path / "other"
    assert error.expected == f"cac-2023 {taxonomy.digest}"
    assert error.got == f"cac-2023 {reworded.digest}"
    assert error.todo == "train again with this taxonomy, or audit with the model's"


def test_A8_labels_that_match_no_scored_post_are_measured_all_the_same(
    bundle: Path, scored: Path, model: Model, tmp_path: Path
) -> None:
    """Labelled posts are not joined to the scores by id: the model scores them itself, so none is unmatched."""
    report = take(bundle, scored, tmp_path, run={"measures": ["calibration", "coverage"]}, corpus=[labelled(tmp_path)])
    brier = one(report.frames["calibration"], "impersonation.ai_news_anchors", "own", "brier")
    proba = score(model, ["a1", "a2", "a3"], [text for _, text, _ in LABELS]).proba[
        :, model.categories.index(brier.category)
    ]
    assert brier.n == 3
    assert brier.value == pytest.approx(float(np.mean((proba - np.array([1, 0, 1])) ** 2)), abs=1e-6)
    assert one(report.frames["coverage"], ALL, ALL, "tagged").n == 63  # scores alone, no labelled post among them
    rows = {entry["role"]: entry["rows"] for entry in report.provenance["inputs"]}
    assert rows == {"labels": 3, "scores": 60}


def test_A8_the_same_ids_as_scored_posts_change_nothing(bundle: Path, scored: Path, tmp_path: Path) -> None:
    same_ids = [(f"p{i:03d}", text, says) for i, (_, text, says) in enumerate(LABELS)]
    frames = [
        take(bundle, scored, tmp_path, run={"measures": ["calibration"]}, corpus=[labelled(tmp_path, rows)]).frames
        for rows in (LABELS, same_ids)
    ]
    assert frames[0] == frames[1]


def test_labels_of_two_corpora_stay_apart(bundle: Path, scored: Path, tmp_path: Path, model: Model) -> None:
    corpora = [{"source": "seed", "splits": ["test"]}, labelled(tmp_path)]
    frame = take(bundle, scored, tmp_path, run={"measures": ["calibration"]}, corpus=corpora).frames["calibration"]
    source = find_source("seed", configs=Path("none"))
    seed = load_corpus(source, find_file(source, folders=(), config=tmp_path / "x"), taxonomy=model.taxonomy)
    column = model.taxonomy.keys.index("impersonation.ai_news_anchors")
    known = int((seed.labels[seed.split == "test", column] >= 0).sum())
    assert one(frame, "impersonation.ai_news_anchors", "seed", "ece").n == known
    assert one(frame, "impersonation.ai_news_anchors", "own", "ece").n == 3


@pytest.mark.slow
def test_a_split_that_is_not_there_is_refused(bundle: Path, scored: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelError) as caught:
        take(bundle, scored, tmp_path, corpus=[{"source": "seed", "splits": ["test", "dev"]}])
    assert caught.value.what == "corpus 'seed' has no split called dev"
    assert caught.value.expected == "test, train"
    assert caught.value.where == "corpus.splits"
    assert "leave `splits` out" in str(caught.value.todo)


def test_A1_a_corpus_of_which_nothing_is_left_is_no_labels(bundle: Path, scored: Path, tmp_path: Path) -> None:
    everything = {**labelled(tmp_path), "drop": {"split": ["test"]}}
    report = take(bundle, scored, tmp_path, run={"measures": ["calibration", "coverage"]}, corpus=[everything])
    assert report.not_measured == (NotMeasured("calibration", ("labels_or_sample",)),)
    assert report.provenance["inputs"][0]["rows"] == 0


@pytest.mark.parametrize("lost", ["DONE.json", "shards/000001.parquet", "receipts/000002.json"])
def test_J14_an_unfinished_job_is_refused(bundle: Path, scored: Path, tmp_path: Path, lost: str) -> None:
    half = shutil.copytree(scored, tmp_path / "half")
    (half / lost).unlink()
    if lost.startswith("receipts"):
        (half / "shards" / "000002.parquet").unlink()
    with pytest.raises(JobUnfinished) as caught:
        take(bundle, half, tmp_path, run={"measures": QUICK})
    complete = 100 if lost == "DONE.json" else 75
    assert caught.value.what == f"scoring is {complete} % complete"
    assert caught.value.where == half
    assert "score the same posts into this folder again" in str(caught.value.todo)
    assert caught.value.exit_code == 5


def test_posts_that_changed_since_they_were_scored_are_refused_unless_not_wanted(
    bundle: Path, model: Model, tmp_path: Path
) -> None:
    folder = job(tmp_path, model, posts(10))
    with (tmp_path / "posts.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"post_id": "late", "text": "后来的"}\n')
    with pytest.raises(ReadError, match="the posts that were scored are no longer there") as caught:
        take(bundle, folder, tmp_path, run={"measures": QUICK})
    assert "without texts" in str(caught.value.todo)
    assert take(bundle, folder, tmp_path, texts=False, run={"measures": QUICK}).conservation["read"] == 13


def test_unknown_measures_are_all_named(bundle: Path, scored: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        take(bundle, scored, tmp_path, run={"measures": ["coverage", "vagueness", "rank"]})
    assert caught.value.what == "unknown measure(s): vagueness, rank"
    assert str(caught.value.expected).split(", ") == measures_in_order()
    assert caught.value.exit_code == 2


def test_a_casebook_that_is_not_there_is_not_replaced(bundle: Path, scored: Path, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="the casebook cannot be read") as caught:
        take(bundle, scored, tmp_path, casebook="mine.jsonl")
    assert str(caught.value.where).endswith("mine.jsonl")


@pytest.mark.parametrize("redact", [True, False])
def test_R6_redaction_reaches_every_quoted_post(bundle: Path, scored: Path, tmp_path: Path, *, redact: bool) -> None:
    report = take(bundle, scored, tmp_path, run={"measures": ["coverage"], "redact": redact})
    assert report.provenance["redacted"] is redact
    ids = {post["post_id"] for post in posts()}
    assert report.posts
    assert all((post.post_id in ids) is not redact for post in report.posts)


def test_dates_are_counted_in_the_time_zone_of_the_config(bundle: Path, model: Model, tmp_path: Path) -> None:
    file = tmp_path / "dated.jsonl"
    rows = [{**post, "day": "2023-12-31T16:05:00Z"} for post in posts(20)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run_job(make_plan([file], model=model.digest, reading=Reading(keep=("day",))), model, tmp_path / "dated")
    for timezone, year in (("Asia/Shanghai", "2024"), ("UTC", "2023")):
        report = take(
            bundle,
            tmp_path / "dated",
            tmp_path,
            run={"measures": ["coverage", "drift"], "timezone": timezone},
            period={"column": "day"},
        )
        assert report.provenance["timezone"] == timezone
        groups = {figure.group for figure in report.frames["drift"].figures if figure.statistic == "alleged"}
        assert groups == {year}
    assert "timezone" not in take(bundle, tmp_path / "dated", tmp_path, run={"measures": ["coverage"]}).provenance


def test_only_the_categories_of_the_model_are_measured(
    bundle: Path, scored: Path, tmp_path: Path, model: Model
) -> None:
    report = take(bundle, scored, tmp_path, run={"measures": QUICK})
    for frame in report.frames.values():
        assert {figure.category for figure in frame.figures} <= {ALL, *model.categories}
    pairs = {(f.category, f.group) for f in figures(report.frames["overlap"], statistic="jaccard")}
    assert len(pairs) == 4  # of three categories, one the parent of another
