"""Studies: what is laid down goes from posts to page by make and by its config, and nothing is overwritten."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from koudai import api, load_report
from koudai.audit.sample.study import Study
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.errors import ConfigError, OutputExists, UsageError
from tests import forked
from tests.audit.test_plan import label


def test_names_categories_and_folders_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name of a study"):
        api.new_study(tmp_path / "谣言")
    with pytest.raises(UsageError, match="no category rumor"):
        api.new_study(tmp_path / "mine", categories=["rumor"])
    with pytest.raises(UsageError, match="so few"):
        api.new_study(tmp_path / "mine", n=7)
    with pytest.raises(ConfigError, match="cac-2024"):
        api.new_study(tmp_path / "mine", taxonomy="cac-2024")
    assert not (tmp_path / "mine").exists()
    written = api.new_study(tmp_path / "mine")
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(OutputExists):
        api.new_study(tmp_path / "mine", taxonomy="thucnews-10")
    assert {path: path.read_bytes() for path in written} == before


def test_the_config_is_read_and_the_codebook_says_what_the_taxonomy_says(tmp_path: Path) -> None:
    posts, model = tmp_path / "posts.parquet", tmp_path / "models" / "mine"
    written = api.new_study(tmp_path / "mine", taxonomy="cac-2025", posts=posts, model=model, n=1000)
    config = load_config(AuditConfig, tmp_path / "mine" / "study.toml")
    assert config.plan is not None
    assert config.sample is not None
    assert (config.run.name, config.run.taxonomy, config.model) == ("mine", "cac-2025", "../models/mine")
    texts = {path.name: path.read_text(encoding="utf-8") for path in written}
    assert "POSTS ?= ../posts.parquet" in texts["Makefile"]
    assert "DOUBLE ?= 250" in texts["Makefile"]
    from koudai.config.places import bundled, find_taxonomy

    taxonomy = find_taxonomy("cac-2025", configs=bundled("configs"))
    for one in taxonomy.category:
        assert f"(`{one.key}`)" in texts["codebook.md"]
        assert one.counts_out.zh in texts["codebook.md"]
    top = [one.key for one in taxonomy.category if not taxonomy.ancestors(one.key)]
    assert list(dict.fromkeys(one.category for one in config.plan.comparison)) == top
    assert Study("mine", taxonomy, tuple(top)).files["README.md"].startswith("# mine\n")
    numbered = [sum(line[:2] in {f"{n}." for n in range(9)} for line in texts[name].splitlines()) for name in texts]
    assert numbered[-2:] == [6, 6], "both languages have the same steps"


@pytest.mark.slow
def test_make_goes_from_bundled_posts_to_the_page(root: Path, bundle: Path, tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    shutil.copytree(bundle, tmp_path / "model")
    lines = (root / "data" / "seed" / "posts.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "posts.jsonl").write_text("".join(lines[:300]), encoding="utf-8")
    study = tmp_path / "mine"
    api.new_study(study, posts=tmp_path / "posts.jsonl", model=tmp_path / "model", n=100, categories=["impersonation"])

    config = study / "study.toml"
    measures = '[run]\nmeasures = ["coverage", "prevalence", "prevalence_corrected"]'
    config.write_text(config.read_text(encoding="utf-8").replace("[run]", measures), encoding="utf-8")

    # As a person would start it: a make that runs these tests hands its flags on, and a make below it prints folders.
    alone = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}

    def make(*target: str) -> subprocess.CompletedProcess[str]:
        return forked.shell(
            shlex.join(["make", *target]), cwd=study, env=alone, capture_output=True, text=True, encoding="utf-8"
        )

    done = make()
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()[-1]) == 64
    assert "50" in make("expect").stdout
    for sheet in ("sheet.csv", "sheet.double.csv", "sheet.gold.csv"):
        label(study / sheet)
    asked = (study / "sheet.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert [column for column in asked.split(",") if column.startswith("label:")] == ["label:impersonation"]
    done = make("page")
    assert done.returncode == 0, done.stderr
    report = load_report(study / "report" / "report.json")
    table = report.to_pandas()
    assert set(table[table["planned"]]["category"]) == {"impersonation"}
    assert "exploratory" in (study / "report" / "report.html").read_text(encoding="utf-8")
