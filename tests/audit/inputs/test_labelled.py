"""Labels beside a table: their probabilities are those of the table, by id (A8), and an audit of a table made of
a job's own scores finds what the audit of the job finds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.frame import ALL
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.report import AuditReport, NotMeasured
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import ConfigError, ScoresMismatch, TooManyQuarantined
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.taxonomy import Taxonomy
from tests.audit.jobs import job, posts
from tests.audit.table import figures, one
from tests.corpus.reading.writers import write_posts

KEY = "impersonation.ai_news_anchors"
OF_LABELS = ("calibration", "conformal")
OF_SCORES = ("coverage", "overlap", "definition", "terms")
OF_A_MODEL = ("overreach", "term_swap", "evasion")


def corpus(folder: Path, ids: list[str], texts: list[str], says: list[int], name: str = "own") -> dict[str, Any]:
    labels = [{KEY: one} for one in says]
    write_posts(folder / f"{name}.jsonl", {"post_id": ids, "text": texts, "labels": labels})
    source = {"name": name, "kind": "written", "file": f"{name}.jsonl", "columns": {"labels": "labels"}}
    return {"source": source}


def take(folder: Path, *, bundle: Path | None = None, scores: Path | None = None, **sections: Any) -> AuditReport:
    run = {"name": "test", "taxonomy": "cac-2023", "measures": sections.pop("measures", list(OF_LABELS))}
    config = parse_config(AuditConfig, {"run": run, **sections}, where="test")
    sources = AuditSources(folder / "audit.toml", bundle, scores, (), quarantine=folder / "quarantine.jsonl")
    return run_audit(config, sources, created_at="2026-11-22T00:00:00+00:00")


def table(folder: Path, columns: dict[str, list[Any]], **section: Any) -> dict[str, Any]:
    write_posts(folder / "t.csv", columns)
    return {"name": "bert", "file": "t.csv", **section}


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("labels"), model, posts(), broken=False)


def test_a_table_of_a_jobs_scores_gives_the_figures_of_the_job(
    tmp_path: Path, bundle: Path, model: Model, scored: Path
) -> None:
    """The model abstains near its thresholds and a table does not, so tags are compared where neither plays a part."""
    ids, texts = [post["post_id"] for post in posts()], [post["text"] for post in posts()]
    own = corpus(tmp_path, ids, texts, [int("播报" in text) for text in texts])
    batch = score(model, ids, texts)
    cells = {
        key: ["" if np.isnan(p) else str(p) for p in batch.proba[:, at]] for at, key in enumerate(model.categories)
    }
    threshold = {key: float(at) for key, at in zip(model.categories, model.threshold, strict=True)}
    made = table(tmp_path, {"post_id": ids, "text": texts, **cells}, text="text", threshold=threshold)
    measures = [*OF_LABELS, *OF_SCORES, *OF_A_MODEL]
    casebook = str(Path("data/casebook/cases.jsonl").resolve())
    by_table = take(tmp_path, table=made, corpus=[own], measures=measures, casebook=casebook)
    by_job = take(tmp_path, bundle=bundle, scores=scored, corpus=[own], measures=list(OF_LABELS) + ["coverage"])
    assert [by_table.frames[name] for name in OF_LABELS] == [by_job.frames[name] for name in OF_LABELS]
    curves = [figures(one.frames["coverage"], statistic="share") for one in (by_table, by_job)]
    assert curves[0] == curves[1]
    assert by_table.provenance["posts"] == by_job.provenance["posts"]
    assert set(by_table.frames) == {*OF_LABELS, *OF_SCORES}
    assert by_table.not_measured == (
        NotMeasured("overreach", ("case_scores",)),
        NotMeasured("term_swap", ("model",)),
        NotMeasured("evasion", ("model",)),
    )
    assert set(by_table.validated_on.values()) == {"none"}
    assert by_table.provenance["model"]["classifier"] == "external"
    assert by_table.provenance["config"]["table"]["threshold"] == threshold
    assert {post.role for post in by_table.posts} >= {"borderline", "contradicting"}
    assert AuditReport.from_json(json.loads(json.dumps(by_table.to_json(), allow_nan=False))) == by_table


def test_A8_labelled_posts_take_their_probabilities_by_id(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["b", "c", "a", "new"], ["二", "三", "一", "四"], [1, 0, 1, 1])
    made = table(tmp_path, {"post_id": ["a", "b", "c", "d"], KEY: [0.25, 1, 0, 0.5]})
    report = take(tmp_path, table=made, corpus=[own])
    brier = one(report.frames["calibration"], KEY, "own", "brier")
    assert (brier.value, brier.n) == (pytest.approx(0.75**2 / 3), 3)
    assert one(report.frames["conformal"], KEY, ALL, "no_probability").value == 0.25
    labels, scores = report.provenance["inputs"]
    assert (labels["rows"], labels["only_scores"], labels["only_labels"]) == (4, 1, 1)
    assert (scores["role"], scores["rows"]) == ("scores", 4)


def test_P1_rows_set_aside_are_counted_by_reason_in_the_report(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["a", "b", "c"], ["一", "二", "三"], [1, 0, 1])
    with (tmp_path / "own.jsonl").open("a", encoding="utf-8") as file:
        file.write("{\n")
    made = table(tmp_path, {"post_id": ["a", "b", "c", "d"], KEY: [0.25, 1, 0, "x"]}, quarantined=0.3)
    with pytest.raises(TooManyQuarantined, match="1 of 4 rows were quarantined"):
        take(tmp_path, table=made, corpus=[own])
    report = take(tmp_path, table=made, corpus=[{**own, "quarantined": 0.3}])
    labels, _ = report.provenance["inputs"]
    assert (labels["rows"], labels["quarantined"], labels["quarantined bad-json"]) == (3, 1, 1)
    assert report.provenance["quarantined"] == {"bad-probability": 1}


def test_A8_labels_that_match_too_few_posts_of_the_table_are_refused(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["x", "y", "a"], ["一", "二", "三"], [1, 0, 1])
    made = table(tmp_path, {"post_id": ["a", "b", "c"], KEY: [0.2, 0.4, 0.6]})
    with pytest.raises(ScoresMismatch, match="ids of corpus 'own'") as caught:
        take(tmp_path, table=made, corpus=[own])
    assert "2 of its 3 posts are not in the table: 'x', 'y'" in str(caught.value.got)
    assert "2 of 3 posts of the table are not in it: 'b', 'c'" in str(caught.value.got)
    report = take(tmp_path, table={**made, "unscored": 1}, corpus=[own], measures=["calibration", "coverage"])
    assert one(report.frames["calibration"], KEY, "own", "brier").n == 1


def test_A1_labels_of_which_none_is_in_the_table_have_no_calibration(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["x", "y"], ["一", "二"], [1, 0])
    made = table(tmp_path, {"post_id": ["a"], KEY: [0.2]}, unscored=1)
    report = take(tmp_path, table=made, corpus=[own])
    assert report.frames["calibration"].figures == ()
    assert one(report.frames["conformal"], KEY, ALL, "no_probability").value == 1.0


def test_A8_one_id_for_two_posts_is_refused(tmp_path: Path) -> None:
    first = corpus(tmp_path, ["1", "2"], ["一", "二"], [1, 0])
    second = corpus(tmp_path, ["1", "2"], ["一 ", "贰"], [1, 0], name="other")
    columns: dict[str, list[Any]] = {"post_id": ["1", "2"], KEY: [0.2, 0.4]}
    with pytest.raises(ScoresMismatch, match="1 id.* of another among the labels") as caught:
        take(tmp_path, table=table(tmp_path, columns), corpus=[first, second])
    assert caught.value.got == "'2'"
    made = table(tmp_path, {**columns, "text": ["一", "贰"]}, text="text")
    with pytest.raises(ScoresMismatch, match="1 id.* of another among the labels"):
        take(tmp_path, table=made, corpus=[first])
    assert take(tmp_path, table=made, corpus=[second]).frames["calibration"].figures


def test_A6_quarantined_rows_are_written_down_and_their_labels_have_no_probability(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["a", "b"], ["一", "二"], [1, 0])
    made = table(tmp_path, {"post_id": ["a", "b", "c"], KEY: [0.2, 3, 0.6]}, quarantined=0.5)
    report = take(tmp_path, table=made, corpus=[own], measures=["coverage", "conformal"])
    assert report.conservation == {"read": 3, "scored": 2, "abstained": 0, "quarantined": 1}
    (line,) = (tmp_path / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["where"] == "t.csv:3"
    assert json.loads(line)["reason"] == "bad-probability"
    assert one(report.frames["conformal"], KEY, ALL, "no_probability").value == 0.5


def test_A9_the_casebook_counts_if_every_case_was_scored(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = Path("data/casebook/cases.jsonl").resolve()
    cases = load_casebook(path, taxonomy=taxonomy).cases
    right = [int("clout_chasing" in case.expected) for case in cases]
    made = table(tmp_path, {"post_id": ["a"], "clout_chasing": [0.2]}, casebook="c.csv")
    write_posts(tmp_path / "c.csv", {"post_id": [case.case_id for case in cases], "clout_chasing": right})
    sections: dict[str, Any] = {"table": made, "casebook": str(path), "measures": ["overreach", "evasion"]}
    report = take(tmp_path, **sections)
    figure = one(report.frames["overreach"], ALL, ALL, "pass_rate")
    assert figure.n == sum(not case.expected or "clout_chasing" in case.expected for case in cases)
    assert figure.value == 1.0
    assert report.not_measured == (NotMeasured("evasion", ("model",)),)
    assert [entry["role"] for entry in report.provenance["inputs"]] == ["scores", "casebook", "case_scores"]
    write_posts(tmp_path / "c.csv", {"post_id": [case.case_id for case in cases[1:]], "clout_chasing": right[1:]})
    with pytest.raises(ScoresMismatch, match="not those of all its cases") as caught:
        take(tmp_path, **sections)
    assert f"1 cases are not there: {cases[0].case_id!r}" in str(caught.value.got)


def test_A6_labelled_posts_that_the_table_lacks_are_no_controls(tmp_path: Path) -> None:
    own = corpus(tmp_path, ["a", "b", "new"], ["一", "二", "三"], [0, 0, 0])
    made = table(tmp_path, {"post_id": ["a", "b"], KEY: [0.9, 0.2]}, casebook="c.csv")
    (tmp_path / "functions.toml").write_text("[f]\ntitle_zh = '甲'\ntitle_en = 'a'\n", encoding="utf-8")
    case = {"case_id": "c1", "function": "f", "pair_id": "p", "text": "好", "expected": [], "why": "for the test"}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case) + "\n", encoding="utf-8")
    write_posts(tmp_path / "c.csv", {"post_id": ["c1"], KEY: [0.1]})
    report = take(tmp_path, table=made, corpus=[own], casebook="cases.jsonl", measures=["overreach"])
    controls = one(report.frames["overreach"], KEY, "own", "tag_rate_on_controls")
    assert (controls.value, controls.n) == (0.5, 2)


def test_a_corpus_called_as_the_returned_sample_is_refused_beside_one(
    bundle: Path, scored: Path, tmp_path: Path
) -> None:
    """Their figures would have one name; alone either may be called so."""
    own = corpus(tmp_path, ["a", "b"], ["新主播播报", "今天下雨"], [1, 0], name="sample")
    beside = {"manifest": "no.json", "labels": ["no.csv"]}
    with pytest.raises(ConfigError, match='called "sample"(?s:.*)nothing was measured'):
        take(tmp_path, bundle=bundle, scores=scored, corpus=[own], sample=beside)
    assert take(tmp_path, bundle=bundle, scores=scored, corpus=[own]).frames["calibration"]


def test_labelled_posts_stand_in_the_clusters_that_a_column_names(tmp_path: Path) -> None:
    says = [i % 2 for i in range(40)]
    ids, texts = (
        [f"p{i}" for i in range(40)],
        [f"听说第{i}号楼明天停水" if y else f"第{i}号楼今天开门" for i, y in enumerate(says)],
    )
    own = corpus(tmp_path, ids, texts, says)
    columns = {"post_id": ids, "text": texts, KEY: [0.2 + 0.6 * y for y in says], "thread": ["a"] * 40}
    made = table(tmp_path, columns, text="text")
    alone = take(tmp_path, table=made, corpus=[own], measures=["performance"])
    together = take(tmp_path, table=made, corpus=[own], measures=["performance"], cluster={"column": "thread"})
    brier = [one(report.frames["performance"], KEY, "own", "brier") for report in (alone, together)]
    assert brier[0].value == brier[1].value
    assert brier[0].low != brier[1].low
    assert brier[1].low is None
