"""Posts that the model was fitted on: recognised, counted, left out where it is judged; or said to be unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.inputs.fitted_on import FittedOn, fitted_on_of_table, whole_groups
from koudai.audit.report import AuditReport, NotMeasured
from koudai.config.load import load_config
from koudai.config.scored import TableSection
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, LabelError, ReadError
from koudai.model.bundle.fitted_posts import FittedPosts, salt_of
from koudai.scoring.job import run
from koudai.scoring.plan import make_plan
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.audit.inputs.test_labelled import KEY, corpus, table, take
from tests.audit.table import one
from tests.audit.table import table as small_input
from tests.corpus.reading.writers import write_posts
from tests.training.runs import section, sentences, write_config, write_table

JUDGING = ["calibration", "conformal"]
TEXTS = ["楼下的面馆今天开门，老板请大家吃西瓜", "地铁站台上有人丢了一把伞，请到服务台领取", "河边有人钓鱼"]


SENTENCES = sentences(90, seed=3)
IDS = [f"p{number}" for number in range(len(SENTENCES))]


class Home(NamedTuple):
    """A bundle fitted on a part of a corpus, a job of the whole corpus, and which posts were fitted on."""

    bundle: Path
    job: Path
    fit: np.ndarray


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    write_table(folder / "own.csv", SENTENCES, "label")
    config = write_config(folder / "own.toml", section("own"))
    prepared = prepare(load_config(TrainConfig, config), config)
    result = train_model(prepared, folder / "bundle")
    run(make_plan([folder / "own.csv"], model=result.model.digest), result.model, folder / "job")
    return Home(result.bundle, folder / "job", prepared.split.fit)


def own(folder: Path, **section: Any) -> dict[str, Any]:
    labels = [{"rumour": int(label == "in")} for _, label in SENTENCES]
    write_posts(folder / "own.jsonl", {"post_id": IDS, "text": [text for text, _ in SENTENCES], "labels": labels})
    source = {"name": "own", "kind": "real", "file": "own.jsonl", "columns": {"labels": "labels"}}
    return {"source": source, **section}


def seen(report: AuditReport) -> dict[str, Any]:
    told: dict[str, Any] = report.provenance["seen"]
    return told


def test_by_id_by_hash_and_by_group() -> None:
    fitted = FittedOn(FittedPosts.of(TEXTS[:1], salt=salt_of(b"test"), posts=1), frozenset({"c"}))
    assert fitted.seen(["a", "b", "c"], TEXTS).tolist() == [True, False, True]
    assert fitted.seen(["a", "b", "c"], None).tolist() == [False, False, True]
    assert whole_groups(np.array([False, True, False]), np.array([1, 1, 2])).tolist() == [True, True, False]


def test_measures_that_judge_the_model_leave_out_what_it_was_fitted_on(tmp_path: Path, home: Home) -> None:
    report = take(
        tmp_path, bundle=home.bundle, scores=home.job, corpus=[own(tmp_path)], measures=[*JUDGING, "learnability"]
    )
    n_fit = int(home.fit.sum())
    told = seen(report)
    assert told["known"]
    assert told["labelled"] == told["scored"] == n_fit
    assert told["labelled_of"] == told["scored_of"] == len(SENTENCES)
    assert told["left_out_of"] == JUDGING
    assert one(report.frames["calibration"], "rumour", "own", "ece").n == len(SENTENCES) - n_fit
    assert one(report.frames["learnability"], "rumour", "*", "average_precision").n == len(SENTENCES)
    assert report.provenance["inputs"][0]["seen"] == n_fit


def test_unseen_takes_the_groups_that_training_held_out(tmp_path: Path, home: Home) -> None:
    report = take(
        tmp_path,
        bundle=home.bundle,
        scores=home.job,
        corpus=[own(tmp_path, splits="unseen")],
        measures=["learnability"],
    )
    n_fit = int(home.fit.sum())
    assert one(report.frames["learnability"], "rumour", "*", "average_precision").n == len(SENTENCES) - n_fit
    labels = report.provenance["inputs"][0]
    assert (labels["rows"], labels["seen"]) == (len(SENTENCES) - n_fit, n_fit)
    assert (seen(report)["labelled"], seen(report)["left_out_of"]) == (0, [])


def test_where_all_were_fitted_on_nothing_judges_the_model(tmp_path: Path, home: Home) -> None:
    section = own(tmp_path)
    texts = [text for (text, _), fitted in zip(SENTENCES, home.fit, strict=True) if fitted]
    labels = [{"rumour": int(label == "in")} for (_, label), fitted in zip(SENTENCES, home.fit, strict=True) if fitted]
    write_posts(tmp_path / "own.jsonl", {"post_id": list(map(str, range(len(texts)))), "text": texts, "labels": labels})
    report = take(tmp_path, bundle=home.bundle, scores=home.job, corpus=[section], measures=JUDGING)
    assert report.not_measured == tuple(NotMeasured(name, ("unseen_labels",)) for name in JUDGING)
    with pytest.raises(LabelError, match="no split called test") as caught:
        take(tmp_path, bundle=home.bundle, scores=home.job, corpus=[{**section, "splits": ["test"]}])
    assert "unseen" in str(caught.value)
    nothing = take(
        tmp_path, bundle=home.bundle, scores=home.job, corpus=[{**section, "splits": "unseen"}], measures=JUDGING
    )
    assert nothing.not_measured == tuple(
        NotMeasured(name, ("labels_or_sample" if name in ("performance", "calibration") else "labels",))
        for name in JUDGING
    )


def test_a_table_without_ids_of_training_says_that_it_is_unknown(tmp_path: Path) -> None:
    labelled = corpus(tmp_path, ["a", "b", "c"], TEXTS, [1, 0, 1])
    made = table(tmp_path, {"post_id": ["a", "b", "c"], KEY: [0.9, 0.2, 0.8]})
    report = take(tmp_path, table=made, corpus=[labelled])
    assert seen(report) == {"known": False}
    assert one(report.frames["calibration"], KEY, "own", "brier").n == 3
    with pytest.raises(ConfigError, match="not known which posts") as caught:
        take(tmp_path, table=made, corpus=[{**labelled, "splits": "unseen"}])
    assert "trained_on" in str(caught.value)


def test_a_table_may_name_the_ids_in_a_file_or_in_a_column(tmp_path: Path) -> None:
    again = f"转：{TEXTS[0]}！"
    labelled = corpus(tmp_path, ["a", "b", "c", "d"], [*TEXTS, again], [1, 0, 1, 1])
    columns = {"post_id": ["a", "b", "c"], "text": TEXTS, KEY: [0.9, 0.2, 0.8], "fitted": ["1", "", "FALSE"]}
    (tmp_path / "ids.txt").write_text("a\n\n elsewhere \n", encoding="utf-8")
    by_file = take(tmp_path, table=table(tmp_path, columns, text="text", trained_on="ids.txt"), corpus=[labelled])
    by_column = take(tmp_path, table=table(tmp_path, columns, text="text", trained_column="fitted"), corpus=[labelled])
    for report in (by_file, by_column):
        told = seen(report)
        assert (told["known"], told["scored"], told["labelled"], told["labelled_of"]) == (True, 1, 2, 4)
        assert one(report.frames["calibration"], KEY, "own", "brier").n == 2
    entry = next(one for one in by_file.provenance["inputs"] if one["role"] == "trained_on")
    assert (entry["name"], entry["rows"], entry["scored"]) == ("ids.txt", 2, 1)


@pytest.mark.parametrize(
    ("section", "match"),
    [
        ({"trained_on": "nowhere.txt"}, "cannot be read"),
        ({"trained_on": "empty.txt"}, "is empty"),
        ({"trained_column": "text"}, "do not say whether"),
    ],
)
def test_what_does_not_say_it_is_refused(tmp_path: Path, section: dict[str, str], match: str) -> None:
    (tmp_path / "empty.txt").write_text("\n\n", encoding="utf-8")
    made = table(tmp_path, {"post_id": ["a", "b", "c"], "text": TEXTS, KEY: [0.9, 0.2, 0.8]}, **section)
    with pytest.raises(ReadError, match=match):
        take(tmp_path, table=made, measures=["coverage"])


def test_unseen_posts_of_an_input() -> None:
    given: AuditInput = small_input()
    labelled = given.labelled
    assert labelled is not None
    assert given.unseen() is given
    assert labelled.unseen() is labelled
    marked = np.zeros(len(labelled.ids), bool)
    marked[::2] = True
    half = replace(given, labelled=replace(labelled, seen=marked)).unseen().labelled
    assert isinstance(half, Labelled)
    assert half.ids == labelled.ids[1::2]
    assert np.array_equal(half.proba, labelled.proba[1::2], equal_nan=True)
    assert replace(given, labelled=replace(labelled, seen=np.ones_like(marked))).unseen().labelled is None


def test_without_texts_posts_fitted_on_are_known_by_id_alone(tmp_path: Path) -> None:
    none = np.zeros((2, 1), dtype=bool)
    scores = Scores(["a", "b"], (KEY,), np.zeros((2, 1), np.float32), none, none[:, 0], "d" * 16, Totals())
    (tmp_path / "fitted.txt").write_text("b\nz\n", encoding="utf-8")
    table_of = TableSection.model_validate({"name": "m", "file": "t.csv", "trained_on": "fitted.txt"})
    fitted, (entry,) = fitted_on_of_table(table_of, tmp_path, scores, None)
    assert fitted is not None
    assert (fitted.hashes, fitted.ids) == (None, {"b", "z"})
    assert fitted.seen(["a", "b"], TEXTS[:2]).tolist() == [False, True]
    assert (entry.rows, entry.counts) == (2, {"scored": 1})
    told, _ = fitted_on_of_table(table_of, tmp_path, scores, TEXTS[:2])
    assert told is not None
    assert told.seen(["c", "d"], [TEXTS[1], TEXTS[2]]).tolist() == [True, False]
