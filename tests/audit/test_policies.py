"""Policies: nested wordings, codes that say nothing, both languages and forms; answers come back as wordings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from koudai import api
from koudai.audit.inputs.wordings import read_wordings
from koudai.audit.policies import FORMS, LANGUAGES, LISTED, WORDINGS, Policy, policies
from koudai.config.paraphrases import load_paraphrases
from koudai.config.places import bundled, find_taxonomy
from koudai.config.wording import WordingSection
from koudai.errors import ConfigError, OutputExists
from koudai.taxonomy import Taxonomy
from tests.config.test_paraphrases import PARAPHRASES


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return find_taxonomy("cac-2023", configs=bundled("configs"))


@pytest.fixture(scope="module")
def every(taxonomy: Taxonomy) -> dict[str, Policy]:
    return {one.relative: one for one in policies(taxonomy)}


def test_every_category_in_every_wording_form_and_language(taxonomy: Taxonomy, every: dict[str, Policy]) -> None:
    assert len(every) == len(taxonomy.keys) * len(WORDINGS) * len(FORMS) * len(LANGUAGES)
    for one in every.values():
        category = taxonomy[one.category]
        parts = [getattr(part, one.language) for part in (category.name, category.wording)]
        held = [part.rstrip("。.") in one.text for part in parts]
        assert held == {"full": [True, True], "regulator": [True, True], "name": [True, False]}.get(
            one.wording, [False, False]
        ), one.relative
        assert (getattr(category.counts_in, one.language) in one.text) == (one.wording == "full"), one.relative
        purpose = "不用于内容管理" if one.language == "zh" else "It does not serve to moderate"
        assert purpose in one.text
        answers = ("符合" if one.language == "zh" else "valid") if one.form == "goal" else f"{one.code}1"
        assert answers in one.text
        assert not any(line.endswith(" ") for line in one.text.splitlines())


def test_what_counts_out_is_listed_and_a_parent_names_its_children(every: dict[str, Policy]) -> None:
    rumour = every["full/rumour.criteria.en.md"].text
    assert "## Excludes\n\n- Quoting a claim to refute it.\n- Asking whether it is true." in rumour
    posing = every["full/impersonation.goal.zh.md"].text
    assert "## 符合\n\n- 属于任一子类即计入。\n- 涉嫌冒充国家机关及工作人员：" in posing


def test_documents_of_what_is_withheld_differ_by_nothing_but_the_code(every: dict[str, Policy]) -> None:
    """Neither code nor text tells which category it is."""
    found = [one for one in every.values() if (one.wording, one.language) == ("withheld", "en")]
    assert len({one.text.replace(one.code, "") for one in found if one.form == "criteria"}) == 1
    assert len({one.text for one in found if one.form == "goal"}) == 1
    codes = {one.category: one.code for one in every.values()}
    assert len({*codes.values()}) == len(codes)
    assert list(codes.values())[:3] == ["CA", "CB", "CC"]


def test_paraphrases_come_from_a_file_and_only_in_the_languages_that_it_has(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "p.toml").write_text(PARAPHRASES, encoding="utf-8")
    said = load_paraphrases(tmp_path / "p.toml", taxonomy=taxonomy)
    found = {one.relative: one for one in policies(taxonomy, categories=("rumour",), paraphrases=said)}
    assert len(found) == 16 + 4 + 2
    assert "Telling as true what is made up." in found["paraphrase-plain/rumour.goal.en.md"].text
    assert "Making up or spreading" not in found["paraphrase-plain/rumour.goal.en.md"].text
    assert "paraphrase-short/rumour.goal.en.md" not in found


def test_answers_to_documents_come_back_as_wordings(tmp_path: Path, taxonomy: Taxonomy) -> None:
    """Whatever a document asks for is read: its codes, valid and invalid, 符合 and 不符合."""
    found = api.policy("cac-2023", out=tmp_path / "policies", categories=["rumour"])
    assert found.listed.name == LISTED
    sections = []
    with found.listed.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["file"] for row in rows] == [one.relative for one in found.documents]
    for place, row in enumerate(rows):
        assert (tmp_path / "policies" / row["file"]).read_text(encoding="utf-8") == found.documents[place].text
        (tmp_path / f"{place}.csv").write_text(f"post_id,a\n1,{row['yes']}\n2,{row['no']}\n", encoding="utf-8")
        kind = "code" if row["form"] == "criteria" else "truth"
        sections.append(
            WordingSection(
                name=f"{row['wording']}-{row['form']}-{row['language']}",
                file=f"{place}.csv",
                columns={row["category"]: "a"},
                answers=kind,
            )
        )
    read, _ = read_wordings(tuple(sections), tmp_path, taxonomy=taxonomy)
    assert {tuple(runs.ravel().tolist()) for runs in read.said["rumour"]} == {(1, 0)}
    with pytest.raises(OutputExists):
        api.policy("cac-2023", out=tmp_path / "policies")
    again = api.policy(taxonomy, out=tmp_path / "policies", categories=["rumour"], overwrite=True)
    assert again.documents == found.documents
    with pytest.raises(ConfigError, match="no category"):
        api.policy(taxonomy, out=tmp_path / "none", categories=["rumuor"])
    assert not (tmp_path / "none").exists()
