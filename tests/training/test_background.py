"""The background: posts without labels and without the test side; vectors from it in a bundle, the same bytes again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, KoudaiError, TooFewPosts
from koudai.model.bundle.inspection import inspect_bundle
from koudai.model.explanation import contributions
from koudai.model.scorer import decisions
from koudai.training.prepare import Prepared, prepare
from koudai.training.train import train_model

SECRET = "碌碡"
WORDS = ("停水", "停电", "涨价", "开门", "关门", "下雨", "修路", "放假")
CONFIG = """
[run]
name = "own"
taxonomy = "cac-2023"
categories = ["rumour"]
[[corpus]]
source = { name = "own", file = "own.csv", columns = { label = "label", split = "split" }, label = [
    { source = "1", category = "rumour", says = 1, fit = "direct", reason = "coded as rumour by hand" },
    { source = "0", category = "rumour", says = 0, fit = "direct", reason = "coded as no rumour by hand" },
] }
[features]
words = [1, 1]
chars = [1, 2]
[features.vectors]
corpora = [
    { name = "own", file = "own.csv", columns = { label = "label", split = "split" }, label = [
        { source = "1", category = "rumour", says = 1, fit = "direct", reason = "coded as rumour by hand" },
        { source = "0", category = "rumour", says = 0, fit = "direct", reason = "coded as no rumour by hand" },
    ] },
    { name = "others", file = "others.csv" },
]
dim = 4
min_count = 2
[model]
classifier = "linear_svc"
[decide]
folds = 2
[track]
enabled = false
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    rows, others = [], []
    for i in range(80):
        said = "听说" if i % 2 else "通知"
        words = "，".join(random.choice(WORDS, 3))
        test = i % 4 > 1
        text = f"{said}第{i}号楼{words}{'，旁边有个' + SECRET if test else ''}，请大家看看"
        rows.append(f"{i},{text},{i % 2},{'test' if test else 'train'}")
        others.append(f"{i},{'传闻' if i % 2 else '公告'}{i * 7}楼{'，'.join(random.choice(WORDS, 4))}")
        if test:
            others.append(f"copy-{i},{text}！")
    (tmp_path / "own.csv").write_text("\n".join(["post_id,text,label,split", *rows]), encoding="utf-8")
    (tmp_path / "others.csv").write_text("\n".join(["post_id,text", *others]), encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def prepared(path: Path, *settings: str) -> Prepared:
    return prepare(load_config(TrainConfig, path, overrides=settings), path)


def test_the_test_side_and_its_copies_in_other_corpora_are_left_out(config: Path) -> None:
    background = prepared(config).background
    assert background is not None
    assert not [text for text in background.texts if SECRET in text]
    assert background.rows == {"own": 40, "others": 80}
    assert background.left_out == 80


def test_a_word_of_the_test_side_alone_has_no_weight_and_one_of_the_background_has(
    config: Path, tmp_path: Path
) -> None:
    model = train_model(prepared(config), tmp_path / "m").model
    terms = [term for block in model.blocks for term in block.terms]
    assert not [term for term in terms if SECRET[0] in term or SECRET in term]
    assert "公告" in terms
    fitted = " ".join(prepared(config).corpus.texts)
    assert "公告" not in fitted
    decision, known = decisions(model, ["公告", "传闻", SECRET])
    assert known.tolist() == [True, True, False]
    assert decision[0, 0] != decision[1, 0]
    explained = contributions(model, "公告")[0]
    assert "公告" in [term.split()[-1] for term, _ in explained.terms]
    evaluation = json.loads((tmp_path / "m" / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation["background"] == {"rows": {"own": 40, "others": 80}, "left_out": 80}
    assert inspect_bundle(tmp_path / "m")


def test_the_same_config_gives_the_same_bytes(config: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        train_model(prepared(config), tmp_path / name)
    same = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("features.vectors.corpora=[]", "features.vectors.corpora"),
        ("features.vectors.dim=0", "features.vectors.dim"),
        ("features.words=[2, 2]", "vectors.words needs n-grams of length 1"),
        ("features.chars=[1, 1]", "vectors.bigrams needs n-grams of length 2"),
        ("features.vectors={corpora=['seed'], words=false, bigrams=false}", "cannot both be left out"),
        ("model.classifier=NBSVM", "NBSVM does not go with vectors"),
        ("model.classifier=ComplementNB", "ComplementNB does not go with vectors"),
        ("features.vectors.corpora=['sead']", "sead"),
    ],
)
def test_what_does_not_go_is_refused(config: Path, setting: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prepared(config, setting)
    assert message in str(caught.value)


def test_a_background_of_too_few_words_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(TooFewPosts, match="no vectors of words"):
        train_model(prepared(config, "features.vectors.min_count=10000"), tmp_path / "m")


def test_check_lists_what_is_wrong_with_the_background_too(config: Path) -> None:
    (config.parent / "others.csv").unlink()
    problems: list[KoudaiError] = []
    with pytest.raises(KoudaiError) as refused:
        prepare(load_config(TrainConfig, config), config, problems=problems)
    assert problems == [refused.value]
    assert "others.csv" in str(refused.value)
