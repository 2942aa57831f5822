"""What is audited: a job with its model, or a table; both is as wrong as neither; ids digested whatever their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.audited import (
    EXTERNAL,
    Audited,
    audit_taxonomy,
    audited_job,
    audited_table,
    require_model_or_table,
)
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import ConfigError, JobUnfinished
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy
from tests.audit.jobs import job, posts

TABLE = {"name": "bert", "file": "t.csv", "licence": "MIT"}


def config(**sections: Any) -> AuditConfig:
    return parse_config(AuditConfig, {"run": {"name": "a", "taxonomy": "cac-2023"}, **sections}, where="test")


def of_table(folder: Path, taxonomy: Taxonomy, text: str, **sections: Any) -> Audited:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    loaded = config(**{"table": TABLE, **sections})
    return audited_table(loaded, folder / "audit.toml", taxonomy, texts=True, progress=Silent())


def test_a_table_is_a_model_that_koudai_has_not_seen(tmp_path: Path, taxonomy: Taxonomy) -> None:
    found = of_table(tmp_path, taxonomy, "post_id,rumour\na,0.5\nb,x\n", table={**TABLE, "quarantined": 0.5})
    digest = sha256_file(tmp_path / "t.csv")
    assert (found.name, found.digest, found.classifier, found.model) == ("bert", digest, EXTERNAL, None)
    assert found.validated_on == {}
    assert found.job == digest
    entry = {"role": "scores", "name": "t.csv", "rows": 1, "sha256": digest, "licence": "MIT", "silent": 0}
    assert [one.to_json() for one in found.inputs] == [entry]
    assert [one.where for one in found.quarantined] == ["t.csv:3"]


def test_columns_that_other_sections_name_are_kept(tmp_path: Path, taxonomy: Taxonomy) -> None:
    named = {"group": {"column": "topic"}, "period": {"column": "day"}}
    found = of_table(tmp_path, taxonomy, "post_id,rumour,topic,day\na,0.5,x,2019\n", **named)
    assert found.scores.kept == {"topic": ["x"], "day": ["2019"]}
    with pytest.raises(ConfigError, match="called 'fate'"):
        of_table(tmp_path, taxonomy, "post_id,rumour\na,0.5\n", outcome={"column": "fate", "removed": ["gone"]})


def test_columns_of_domains_and_of_a_regression_are_kept(tmp_path: Path, taxonomy: Taxonomy) -> None:
    named = {
        "domain": [{"columns": ["platform", "kind"]}, {"columns": ["kind"]}],
        "regression": {"levels": ["platform"], "numbers": ["length"]},
    }
    found = of_table(tmp_path, taxonomy, "post_id,rumour,platform,kind,length\na,0.5,x,y,7\n", **named)
    assert found.scores.kept == {"platform": ["x"], "kind": ["y"], "length": ["7"]}
    assert config(table=TABLE, **named).kept_columns == ("platform", "kind", "length")


def test_the_file_of_the_posts_is_an_input(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "p.csv").write_text("post_id,text\na,好\nb,坏\n", encoding="utf-8")
    found = of_table(tmp_path, taxonomy, "post_id,rumour\na,0.5\n", table={**TABLE, "posts": {"file": "p.csv"}})
    assert found.texts == ["好"]
    assert [(one.role, one.name, one.rows) for one in found.inputs] == [
        ("scores", "t.csv", 1),
        ("texts", "p.csv", 2),
    ]


def test_A7_a_job_and_a_table_of_the_same_posts_have_the_same_ids(
    tmp_path: Path, bundle: Path, model: Model, taxonomy: Taxonomy
) -> None:
    folder = job(tmp_path, model, posts(12))
    of_job = audited_job(bundle, folder, taxonomy, texts=False, progress=Silent())
    rows = "".join(f"{post['post_id']},0.5\n" for post in reversed(posts(12)))
    assert of_job.posts == of_table(tmp_path, taxonomy, "post_id,rumour\n" + rows).posts
    assert of_job.posts["n"] == 12
    assert of_job.posts != of_table(tmp_path, taxonomy, "post_id,rumour\n" + rows + "new,0.5\n").posts


def test_A7_J14_an_unfinished_job_is_refused(tmp_path: Path, bundle: Path, model: Model, taxonomy: Taxonomy) -> None:
    folder = job(tmp_path, model, posts(12))
    (folder / "DONE.json").unlink()
    with pytest.raises(JobUnfinished):
        audited_job(bundle, folder, taxonomy, texts=False, progress=Silent())


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.text("ab,\n", min_size=1, max_size=3), min_size=1, max_size=4, unique=True), st.data())
def test_ids_of_other_posts_have_another_digest(ids: list[str], data: st.DataObject) -> None:
    def digest(some: list[str]) -> Any:
        scores = type("Scores", (), {"ids": some})()
        return Audited(*[None] * 6, scores=scores, texts=None, job="", inputs=()).posts  # type: ignore[arg-type]

    assert digest(data.draw(st.permutations(ids))) == digest(ids)
    other = data.draw(st.lists(st.text("ab,\n", min_size=1, max_size=3), max_size=4, unique=True))
    assert (digest(other) == digest(ids)) == (set(other) == set(ids))


@pytest.mark.parametrize(
    ("table", "bundle", "scores", "message"),
    [
        (None, None, None, "needs a model and its scores, or a table"),
        (None, Path("m"), None, "needs a model and its scores, or a table"),
        (None, None, Path("s"), "needs a model and its scores, or a table"),
        (TABLE, Path("m"), None, "not both"),
        (TABLE, None, Path("s"), "not both"),
        (TABLE, Path("m"), Path("s"), "not both"),
    ],
)
def test_one_of_both_and_not_both(table: Any, bundle: Path | None, scores: Path | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        require_model_or_table(config(table=table), Path("audit.toml"), bundle, scores)


def test_scores_of_cases_need_their_casebook() -> None:
    with pytest.raises(ConfigError, match="no `casebook` says what they are"):
        require_model_or_table(config(table={**TABLE, "casebook": "c.csv"}), Path("audit.toml"), None, None)


def test_either_alone_is_enough() -> None:
    require_model_or_table(config(), Path("audit.toml"), Path("m"), Path("s"))
    require_model_or_table(config(table=TABLE), Path("audit.toml"), None, None)


def test_a_taxonomy_is_named_or_the_models_and_a_column_of_clusters_is_kept(tmp_path: Path, taxonomy: Taxonomy) -> None:
    nameless = parse_config(AuditConfig, {"run": {"name": "a"}, "table": TABLE}, where="test")
    with pytest.raises(ConfigError, match="nothing says which taxonomy") as refused:
        audit_taxonomy(nameless, tmp_path / "audit.toml")
    assert "run.taxonomy" in str(refused.value.expected)
    text = "post_id,rumour,thread\na,0.5,x\nb,0.4,x\n"
    found = of_table(tmp_path, taxonomy, text, cluster={"column": "thread"})
    assert found.scores.kept == {"thread": ["x", "x"]}
