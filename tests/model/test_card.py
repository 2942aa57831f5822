"""The model card: every figure with its n and interval, missing ones as a dash, hostile cells inside their table."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.model.card import CORPORA, FIGURES, MEANING, model_card
from pipeline.model.model import VALIDATIONS, Model


@pytest.fixture(scope="module")
def evaluation(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / "evaluation.json").read_bytes())
    return found


def rows(card: str, first: str) -> list[list[str]]:
    """Return the cells of the table whose header begins with `first`."""
    lines = card.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.replace("\\|", "¦").strip("|").split("|")])
    return table


def test_the_card_in_the_bundle_is_made_from_its_evaluation(
    model: Model, bundle: Path, evaluation: dict[str, Any]
) -> None:
    assert (bundle / "MODEL_CARD.md").read_text(encoding="utf-8") == model_card(model, evaluation)


def test_every_category_has_its_figures_with_n_and_interval(model: Model, evaluation: dict[str, Any]) -> None:
    table = rows(model_card(model, evaluation), "category")
    assert table[0] == list(FIGURES)
    assert [row[0] for row in table[2:]] == list(model.categories)
    for row, entry in zip(table[2:], evaluation["categories"].values(), strict=True):
        f1 = next(item for item in entry["all"] if item["metric"] == "f1")
        assert row[1] == f"**{entry['validated_on']}**"
        assert row[3].startswith(f"{f1['n']} (")
        assert row[4] == f"{f1['value']:.3f} [{f1['low']:.3f}, {f1['high']:.3f}]"
        assert row[-1] == str(entry["abstained"])


def test_each_way_of_validation_is_explained_where_it_is_used(model: Model, evaluation: dict[str, Any]) -> None:
    assert set(MEANING) == set(VALIDATIONS)
    card = model_card(model, evaluation)
    used = {entry["validated_on"] for entry in evaluation["categories"].values()}
    for name, meaning in MEANING.items():
        assert (f"- **{name}**: {meaning}." in card) == (name in used)


def test_A1_a_figure_that_rests_on_nothing_is_a_dash(model: Model, evaluation: dict[str, Any]) -> None:
    changed = copy.deepcopy(evaluation)
    for item in changed["categories"][model.categories[0]]["all"]:
        item.update(value=None, n=0, low=None, high=None)
    row = rows(model_card(model, changed), "category")[2]
    assert row[4] == row[6] == row[7] == "-"
    assert row[3].startswith("0 (")


HOSTILE = ["a | b | c", "first\n\n# second", "\r\n| x | y |", "\u2028# x", "   "]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_R1_hostile_words_of_a_source_stay_in_their_cell(model: Model, evaluation: dict[str, Any], text: str) -> None:
    changed = copy.deepcopy(evaluation)
    corpus = next(iter(changed["corpora"].values()))
    corpus.update(citation=text, licence=text, kind=text)
    card = model_card(model, changed)
    table = rows(card, "corpus")
    assert [len(row) for row in table] == [len(CORPORA)] * (2 + len(changed["corpora"]))
    assert card.count("\n# ") == model_card(model, evaluation).count("\n# ")


def test_the_card_says_what_it_is_not_for(model: Model, evaluation: dict[str, Any]) -> None:
    card = model_card(model, evaluation)
    assert "**Not for** removing, reporting, ranking or profiling posts or people." in card
    assert "never a finding that a post is unlawful" in card
    assert model.taxonomy.digest in card
