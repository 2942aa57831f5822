"""Transfer between corpora: the matrix has every cell once, a corpus like another carries over and one that is not does
not, a near-duplicate never stands on both sides, and one corpus alone is refused before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.errors import LabelError
from koudai.model.evaluation import Evaluation, TransferValue
from koudai.model.model import Model
from koudai.training import transfer as transfer_
from koudai.training.fit import FitData
from koudai.training.prepare import Prepared, prepare
from koudai.training.train import train_model
from koudai.training.transfer import ALL, ALL_BUT, OF_ONE, OF_TWO, as_matrix
from tests.training.runs import section, sentences, write_config, write_table

NAMES = ("alike", "same", "turned", "quiet")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Evaluation]:
    """Two corpora labelled alike, one labelled the other way round, one that only says 0; a post of the first is in
    the second as well.
    """
    folder = tmp_path_factory.mktemp("transfer")
    alike, same, turned, quiet = (sentences(160, seed=seed) for seed in range(4))
    same[:40] = [(text + "！转", label) for text, label in alike[:40]]
    turned = [(text, {"in": "out", "out": "in"}[label]) for text, label in turned]
    quiet = [(text, "out") for text, _ in quiet]
    for name, rows in zip(NAMES, (alike, same, turned, quiet), strict=True):
        sides = ["train" if number % 2 else "test" for number in range(len(rows))]
        if name == "same":
            sides = ["test" if side == "train" else "train" for side in sides]
        write_table(
            folder / f"{name}.csv", [(*row, side) for row, side in zip(rows, sides, strict=True)], "label", "split"
        )
    sections = [
        section(name, columns=', split = "split"', rules=("out",) if name == "quiet" else ("in", "out"))
        for name in NAMES
    ]
    path = write_config(folder / "own.toml", *sections, split='use = "official"')
    ready = prepare(load_config(TrainConfig, path), path)
    return ready, train_model(ready, folder / "m", leave_one_source_out=True).evaluation


def cell(evaluation: Evaluation, fitted: str, tested: str, metric: str = "auc") -> TransferValue:
    found = [
        one
        for one in [*evaluation.by_corpus, *evaluation.transfer]
        if (one.fitted_on, one.tested_on, one.metric) == (fitted, tested, metric)
    ]
    assert len(found) == 1
    return found[0]


def test_every_cell_is_there_once_with_its_n(run: tuple[Prepared, Evaluation]) -> None:
    ready, evaluation = run
    told = [(one.fitted_on, one.tested_on, one.metric) for one in evaluation.transfer]
    able = NAMES[:3]
    expected = {
        (fitted, tested, metric)
        for tested in NAMES
        for fitted in (*able, ALL_BUT + tested)
        for metric in (OF_ONE if tested == "quiet" else OF_TWO)
    }
    assert set(told) == expected
    assert len(told) == len(expected)
    unseen = ready.split.test & ~ready.split.leaked
    for one in [*evaluation.by_corpus, *evaluation.transfer]:
        assert one.n == int((unseen & (ready.corpus.source == one.tested_on)).sum())
        assert one.low <= one.value <= one.high


def test_what_is_labelled_alike_carries_over_and_what_is_labelled_the_other_way_does_not(
    run: tuple[Prepared, Evaluation],
) -> None:
    _, evaluation = run
    assert cell(evaluation, "alike", "same").value > 0.9
    assert cell(evaluation, "alike", "turned").value < 0.1
    assert cell(evaluation, "turned", "turned").value > 0.9
    assert cell(evaluation, "turned", "alike").value < 0.1
    assert cell(evaluation, "turned", "quiet", "accuracy").n == 80


def test_A3_a_copy_in_another_corpus_is_never_tested_on(run: tuple[Prepared, Evaluation]) -> None:
    ready, evaluation = run
    assert int(ready.split.leaked.sum()) >= 40
    assert evaluation.split.leaked_across == int(ready.split.leaked.sum())
    assert cell(evaluation, ALL, "same").n == 80 - 20
    assert cell(evaluation, ALL, "alike").n == 80 - 20


def test_A3_no_fit_holds_a_near_duplicate_of_a_test_post(
    run: tuple[Prepared, Evaluation], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready, _ = run
    seen: list[set[int]] = []
    real = transfer_.fit_categories

    def watched(data: FitData, **others: Any) -> Any:
        seen.append(set(data.groups.tolist()))
        return real(data, **others)

    monkeypatch.setattr(transfer_, "fit_categories", watched)
    train_model(ready, tmp_path / "m", leave_one_source_out=True)
    measured = set(ready.groups[ready.split.test & ~ready.split.leaked].tolist())
    assert len(seen) == 3 + 4
    assert all(measured.isdisjoint(groups) for groups in seen)


def test_A3_a_word_of_the_corpus_left_out_has_no_weight_and_its_posts_no_say_in_idf(
    run: tuple[Prepared, Evaluation], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready, _ = run
    models: list[Model] = []
    real = transfer_.probabilities

    def watched(model: Model, texts: list[str]) -> Any:
        models.append(model)
        return real(model, texts)

    monkeypatch.setattr(transfer_, "probabilities", watched)
    texts = [f"{text}独一无二" if source == "turned" else text for text, source in zip(*_of(ready), strict=True)]
    marked = replace(ready, corpus=replace(ready.corpus, texts=texts))
    train_model(marked, tmp_path / "m", leave_one_source_out=True)
    knows = ["独一无二" in {term for block in model.blocks for term in block.terms} for model in models]
    alike, same, turned, *all_but = knows
    assert (alike, same, turned) == (False, False, True)
    assert all_but == [True, True, False, True], "all but turned"


def _of(ready: Prepared) -> tuple[list[str], list[str]]:
    return ready.corpus.texts, ready.corpus.source.tolist()


def test_as_matrix_lays_out_what_was_measured() -> None:
    measured = [
        TransferValue("auc", 0.5, 9, 0.4, 0.6, "rumour", "a", "a"),
        TransferValue("auc", None, 1200, None, None, "rumour", "a", "b"),
        TransferValue("auc", 0.5, 1200, None, None, "rumour", "all but b", "b"),
        TransferValue("f1", 0.9, 9, 0.4, 0.6, "rumour", "a", "a"),
    ]
    assert as_matrix(measured, "rumour", "auc") == (
        ["fitted on", "a, n = 9", "b, n = 1,200"],
        [["a", "0.500 [0.400, 0.600]", "-"], ["all but b", "", "0.500"]],
    )
    assert as_matrix(measured, "clout_chasing", "auc") == (["fitted on"], [])


def test_one_corpus_alone_is_refused_and_nothing_is_written(small_config: Path, tmp_path: Path) -> None:
    ready = prepare(load_config(TrainConfig, small_config), small_config)
    with pytest.raises(LabelError, match="a category that two corpora of this run label") as caught:
        train_model(ready, tmp_path / "m", leave_one_source_out=True)
    assert "impersonation: seed" in str(caught.value.got)
    assert caught.value.happened == "nothing was trained"
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_rumour_on_weibo_does_not_carry_over_to_wechat_titles(
    root: Path, tmp_path: Path, real_corpus: Callable[[str], Path]
) -> None:
    folder = real_corpus("weibo21.parquet").parent
    real_corpus("wefend_wechat_titles.parquet")
    config = load_config(
        TrainConfig,
        root / "configs" / "train" / "rumour-weibo21.toml",
        overrides=('corpus=[{source="weibo21"}, {source="wefend"}]', "features.words=[1,1]", "features.chars=[1,2]"),
    )
    ready = prepare(config, root / "configs" / "train" / "rumour-weibo21.toml", folders=(folder,))
    evaluation = train_model(ready, tmp_path / "m", leave_one_source_out=True).evaluation
    home, away = cell(evaluation, "weibo21", "weibo21"), cell(evaluation, "weibo21", "wefend")
    assert home.low > 0.9
    assert away.high < 0.75
    unseen = ready.split.test & ~ready.split.leaked & (ready.corpus.labels[:, 0] >= 0)
    assert away.n == int((unseen & (ready.corpus.source == "wefend")).sum())
