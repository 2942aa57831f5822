"""Files of a study: names are quoted as TOML has them, and both languages tell the same steps and files."""

from __future__ import annotations

import re
import tomllib

from koudai.audit.sample.study import CHINESE, CODEBOOK, CONFIG, MAKEFILE, README, Study
from koudai.config.places import bundled, find_taxonomy


def test_both_languages_tell_the_same_and_what_is_odd_is_quoted() -> None:
    taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    files = Study("mine", taxonomy, ("rumour",), posts='a "b".csv', model="../模型", n=80, double=20, gold=10).files
    config = tomllib.loads(files[CONFIG])
    assert config["model"] == "../模型"
    assert [one["category"] for one in config["plan"]["comparison"]] == ["rumour", "rumour"]
    code = re.compile(r"`([^`]+)`")
    assert sorted(set(code.findall(files[README]))) == sorted(set(code.findall(files[CHINESE])))
    assert "DOUBLE ?= 20" in files[MAKEFILE]
    assert "CATEGORIES ?= rumour\n" in files[MAKEFILE], "labels are asked of what is planned"
    assert files[MAKEFILE].count("sample job $(ASKED)") == 2
    asked = [one["question"] for one in config["plan"]["comparison"]]
    assert len(set(asked)) == 2
    assert all("涉嫌造谣传谣" in one and "Alleged rumour" in one for one in asked)
    assert files[CODEBOOK].count("\n## ") == len(taxonomy.category)
