"""Training end to end: the same bytes from the same seed, refusals before fitting, bars on real corpora."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import koudai.corpus.sources as sources_
from koudai.config.load import load_config
from koudai.config.source import Source
from koudai.config.train import TrainConfig
from koudai.corpus.corpus import Corpus
from koudai.errors import LabelError, OutputExists, ReadError, TooFewPosts
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.model.model import Model
from koudai.training.check import find_problems
from koudai.training.prepare import Prepared, prepare
from koudai.training.tracking.address import without_password
from koudai.training.train import train_model


def prepared(path: Path, *settings: str, folders: tuple[Path, ...] = ()) -> Prepared:
    return prepare(load_config(TrainConfig, path, overrides=settings), path, folders=folders)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path, small_config: Path, bundle: Path
) -> None:
    train_model(prepared(small_config), tmp_path / "again")
    same = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert same == {path.name: path.read_bytes() for path in bundle.iterdir()}
    train_model(prepared(small_config, "run.seed=7"), tmp_path / "other")
    assert (tmp_path / "other" / "manifest.json").read_bytes() != same["manifest.json"]


def test_written_posts_never_count_as_validation_on_real_ones(model: Model, bundle: Path) -> None:
    assert set(model.validated_on.values()) == {"written"}
    assert "never validated on real posts" in (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_every_classifier_trains_from_a_config(tmp_path: Path, small_config: Path, name: str) -> None:
    settings = (f"model.classifier={name}", "run.categories=['unqualified_advice.medical']", "decide.folds=2")
    trained = train_model(prepared(small_config, *settings), tmp_path / name)
    entry = trained.evaluation.categories["unqualified_advice.medical"]
    ones, zeros = entry.test_rows["seed"]
    assert (entry.figure("average_precision").value or 0) > 3 * ones / (ones + zeros)
    assert trained.model.config["model"]["classifier"] == name


def test_K3_a_password_in_the_tracking_address_is_not_kept(tmp_path: Path, small_config: Path) -> None:
    settings = ("track.uri=https://me:hunter2@example.com/x", "decide.folds=2")
    train_model(prepared(small_config, *settings), tmp_path / "m")
    assert not [path for path in (tmp_path / "m").iterdir() if b"hunter2" in path.read_bytes()]
    assert (
        without_password("a https://me:hunter2@x.example b postgresql://u:p@h/d")
        == "a https://***@x.example b postgresql://***@h/d"
    )


def test_I17_a_silent_category_is_refused_with_what_could_be_trained(small_config: Path, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "post_id,text,label\n" + "".join(f"{i},第{i}条说法{'停水' * (i % 2)},{i % 2}\n" for i in range(40)),
        encoding="utf-8",
    )
    config = tmp_path / "own.toml"
    config.write_text(
        """
[run]
name = "own"
taxonomy = "cac-2023"
[split]
use = "group"
[[corpus]]
[corpus.source]
name = "own"
file = "own.csv"
columns = { label = "label" }
label = [
    { source = "1", category = "rumour", says = 1, fit = "direct", reason = "coded as rumour by hand" },
    { source = "0", category = "rumour", says = 0, fit = "direct", reason = "coded as no rumour by hand" },
]
""",
        encoding="utf-8",
    )
    with pytest.raises(LabelError, match="13 categories cannot be learnt") as caught:
        prepared(config)
    assert "run.categories = ['rumour']" in str(caught.value)
    assert prepared(config, 'run.categories=["rumour"]').categories == ("rumour",)


def test_a_corpus_that_is_not_here_says_where_it_comes_from(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="weibo21") as caught:
        prepared(root / "configs" / "train" / "rumour-weibo21.toml", folders=(tmp_path,))
    assert str(tmp_path) in str(caught.value)
    assert "MDFEND-Weibo21" in str(caught.value)
    assert "`data`" in str(caught.value)


def test_one_sided_split_and_full_folder_are_refused(small_config: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no split called dev"):
        prepared(small_config, 'split.test=["dev"]')
    with pytest.raises(TooFewPosts, match="one side"):
        prepared(small_config, 'split.use="group"', "split.test_share=0.0000001")
    (tmp_path / "x").write_text("")
    with pytest.raises(OutputExists):
        train_model(prepared(small_config), tmp_path)


def test_check_agrees_with_prepare(small_config: Path) -> None:
    problems, summary = find_problems(small_config)
    ready = prepared(small_config)
    assert problems == []
    assert summary.split.fit == int(ready.split.fit.sum())


def test_check_and_prepare_read_each_corpus_once(small_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, read = sources_.load_corpus, []

    def counted(source: Source, *arguments: Any, **others: Any) -> Corpus:
        read.append(source.name)
        return real(source, *arguments, **others)

    monkeypatch.setattr(sources_, "load_corpus", counted)
    for look in (find_problems, prepared):
        look(small_config)
        assert read == ["seed"]
        read.clear()


def test_check_lists_every_problem_and_prepare_raises_the_first(small_config: Path, tmp_path: Path) -> None:
    text = small_config.read_text(encoding="utf-8").replace('source = "seed"', 'source = "sead"')
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    overrides = ("model.classifier=svm", "decide.thresholds.clout_chasing=0.4")
    problems, summary = find_problems(path, overrides=overrides)
    assert summary is None
    assert len(problems) == 3
    with pytest.raises(type(problems[0])) as caught:
        prepare(load_config(TrainConfig, path, overrides=overrides), path)
    assert caught.value.message() == problems[0].message()
    named, _ = find_problems(path, overrides=("run.taxonomy=cac-2032", "model.classifier=svm"))
    assert [one.what.partition(" '")[2].partition("'")[0] for one in named] == ["cac-2032", "svm", "sead"]


@pytest.mark.slow
def test_weibo21_official_split_meets_its_bar(root: Path, tmp_path: Path, real_corpus: Callable[[str], Path]) -> None:
    folder = real_corpus("weibo21.parquet").parent
    path = root / "configs" / "train" / "rumour-weibo21.toml"
    ready = prepared(path, folders=(folder,))
    assert (int(ready.split.fit.sum()), int(ready.split.test.sum())) == (5473, 1830)
    evaluation = train_model(ready, tmp_path / "m").evaluation
    rumour = evaluation.categories["rumour"]
    assert (rumour.figure("macro_f1").value or 0.0) >= 0.912
    assert rumour.validated_on == "real"
    assert evaluation.split.leaked > 0
    assert rumour.figure("macro_f1", unseen=True).n < 1830


def test_clickbait_is_only_a_proxy(root: Path, tmp_path: Path, real_corpus: Callable[[str], Path]) -> None:
    folder = real_corpus("hancd_clickbait_test.parquet").parent
    model = train_model(prepared(root / "configs/train/clickbait-hancd.toml", folders=(folder,)), tmp_path / "m").model
    assert model.validated_on == {"clout_chasing": "proxy"}
