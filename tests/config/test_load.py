"""Configs: all errors at once with path and suggestion, no code from names, paths from the config file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.audit import AuditConfig
from koudai.config.load import load_config, parse_config
from koudai.config.places import configs_folder, find_named, find_taxonomy
from koudai.config.source import Source
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError
from koudai.registry import did_you_mean

GOOD = {"run": {"name": "a", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}]}


@pytest.mark.parametrize("kind", ["train", "audit", "corpora"])
def test_every_config_that_koudai_brings_is_valid(root: Path, kind: str) -> None:
    model = {"train": TrainConfig, "audit": AuditConfig, "corpora": Source}[kind]
    paths = sorted((root / "configs" / kind).glob("*.toml"))
    assert paths
    for path in paths:
        load_config(model, path)


def test_a_filled_config_read_back_is_the_same_config() -> None:
    filled = parse_config(TrainConfig, GOOD, where="here")
    assert parse_config(TrainConfig, filled.model_dump(mode="json"), where="here") == filled


def test_C1_all_problems_are_listed_at_once_with_suggestions() -> None:
    bad = {**GOOD, "modle": {}, "features": {"word": [1, 2], "min_df": 0}, "decide": {"abstain": 2}}
    with pytest.raises(ConfigError) as caught:
        parse_config(TrainConfig, bad, where="here.toml")
    text = str(caught.value)
    assert "4 problems" in text
    assert "here.toml" in text
    assert "modle: unknown key" in text
    assert "did you mean 'model'?" in text
    assert "features.word: unknown key" in text
    assert "did you mean 'words'?" in text
    assert "features.min_df" in text
    assert "decide.abstain" in text
    assert caught.value.exit_code == 2


SECTIONS = ["run", "split", "text", "features", "model", "decide", "track"]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(section=st.sampled_from(SECTIONS), key=st.from_regex(r"[a-z_]{3,12}", fullmatch=True))
def test_C1_any_unknown_key_is_reported_with_its_path(section: str, key: str) -> None:
    known = TrainConfig.model_fields[section].annotation.model_fields  # type: ignore[union-attr]
    if key in known:
        return
    bad = {**GOOD, section: {**GOOD.get(section, {}), key: 1}}  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match=f"{section}.{key}: unknown key"):
        parse_config(TrainConfig, bad, where="here")


def test_C1_unknown_key_inside_a_list_is_reported_with_its_number() -> None:
    with pytest.raises(ConfigError, match=r"corpus\.0\.wieght: unknown key.*did you mean 'weight'"):
        parse_config(TrainConfig, {**GOOD, "corpus": [{"source": "seed", "wieght": 2}]}, where="here")


def test_a_corpus_of_no_weight_or_less_is_refused() -> None:
    for weight in (0, -1):
        with pytest.raises(ConfigError, match=r"corpus\.0\.weight"):
            parse_config(TrainConfig, {**GOOD, "corpus": [{"source": "seed", "weight": weight}]}, where="here")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[run]\nname = 'a'\nname = 'b'\n", "not TOML"),
        ("[run\n", "not TOML"),
        ("\ufffe", "not TOML"),
    ],
)
def test_broken_toml_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(TrainConfig, path)
    assert "x.toml" in str(caught.value)


def test_missing_config_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(TrainConfig, tmp_path / "none.toml")


def test_set_changes_one_value_and_reports_nonsense(root: Path) -> None:
    path = root / "configs" / "train" / "demo.toml"
    config = load_config(TrainConfig, path, overrides=("model.params.C=5", "run.name=other"))
    assert config.model.params["C"] == 5
    assert config.run.name == "other"
    with pytest.raises(ConfigError, match="section.field=value"):
        load_config(TrainConfig, path, overrides=("nonsense",))
    with pytest.raises(ConfigError, match="modle"):
        load_config(TrainConfig, path, overrides=("modle.params.C=5",))


def test_C3_names_resolve_from_the_config_file_wherever_koudai_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(os.path.relpath(root / "configs" / "train" / "demo.toml", root))
    found = set()
    for folder, given_path in ((root, path), (tmp_path, root / path), (root / "configs", Path("train/demo.toml"))):
        monkeypatch.chdir(folder)
        found.add(find_named("corpora", "seed", configs=configs_folder(given_path)))
    assert len(found) == 1


def test_a_config_elsewhere_uses_the_configs_that_koudai_brings(tmp_path: Path) -> None:
    assert find_taxonomy("cac-2023", configs=configs_folder(tmp_path / "x.toml")).name == "cac-2023"


def test_unknown_name_lists_the_known_ones(root: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'weibo21'") as caught:
        find_named("corpora", "weibo12", configs=root / "configs")
    assert "hancd" in str(caught.value)


def test_label_and_labels_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match="exclude each other"):
        parse_config(Source, {"name": "a", "file": "a.csv", "columns": {"label": "x", "labels": "y"}}, where="here")


def test_did_you_mean_is_silent_when_nothing_is_near() -> None:
    assert did_you_mean("zzzz", ["weight"]) is None


@pytest.mark.parametrize("silent", [True, False])
def test_a_label_says_one_thing(silent: bool) -> None:
    rule = {"source": "x", "category": "rumour", "says": 1, "fit": "direct", "reason": "because it is so"}
    rules = [rule] if silent else [rule, {**rule, "says": 0}]
    source = {"name": "a", "file": "a.csv", "columns": {"label": "x"}, "label": rules, "silent": ["x"] * silent}
    with pytest.raises(ConfigError, match="says two things about 'rumour'"):
        parse_config(Source, source, where="here")


def test_C1_a_source_in_full_is_told_of_by_its_own_fields_alone() -> None:
    rule = {"source": "x", "category": "rumour", "says": 1, "fit": "direct", "reason": "x"}
    whole = {"name": "own", "file": "own.csv", "columns": {"lable": "x"}, "label": [rule]}
    with pytest.raises(ConfigError, match="2 problems") as caught:
        parse_config(TrainConfig, {"run": {"name": "a", "taxonomy": "b"}, "corpus": [{"source": whole}]}, where="x")
    lines = str(caught.value.got).split("\n")
    assert any(line.startswith("corpus.0.source.columns.lable: unknown key") for line in lines)
    assert any(line.startswith("corpus.0.source.label.0.reason: ") for line in lines)
    assert "did you mean 'label'?" in str(caught.value.got)
    with pytest.raises(ConfigError, match="1 problem in") as caught:
        parse_config(TrainConfig, {"run": {"name": "a", "taxonomy": "b"}, "corpus": []}, where="x")
    assert str(caught.value.got).startswith("corpus: ")
