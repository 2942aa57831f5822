"""The model card: every figure with its n and interval, "not measured" where nothing was, hostile words as words."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from koudai.errors import printable
from koudai.model.bundle.card import FAILURES, FIGURES, MEANING, TRANSFER, model_card
from koudai.model.bundle.card_sections import CORPORA
from koudai.model.bundle.markdown import plain
from koudai.model.evaluation import Evaluation
from koudai.model.model import VALIDATIONS, Model
from tests.hostile.strings import encodable
from tests.model.tiny import changed, tiny_model

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def card_of(model: Model, evaluation: dict[str, Any]) -> str:
    """Return the card of an evaluation that is given as plain data."""
    return model_card(model, Evaluation.from_json(evaluation))


@pytest.fixture(scope="module")
def evaluation(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / "evaluation.json").read_bytes())
    return found


def rows(card: str, header: tuple[str, ...]) -> list[list[str]]:
    """Return the cells of the table below `header`, as a reader of Markdown sees them."""
    tokens = MARKDOWN.parse(card)
    cells: list[list[str]] = []
    wanted = False
    for number, token in enumerate(tokens):
        if token.type == "tr_open":
            cells.append([])
        elif token.type in ("th_open", "td_open"):
            cells[-1].append("".join(part.content for part in tokens[number + 1].children or []))
        elif token.type == "table_open":
            cells = []
        elif token.type == "table_close":
            wanted = cells[0] == list(header)
            if wanted:
                return cells[1:]
    return []


def structure(card: str) -> Counter[str]:
    """Return how often each kind of Markdown or HTML occurs in a card."""
    tokens = MARKDOWN.parse(card)
    inner = [
        part.type for token in tokens for part in token.children or [] if part.type not in ("text", "text_special")
    ]
    return Counter([*(token.type for token in tokens), *inner])


def test_the_card_in_the_bundle_is_made_from_its_evaluation(
    model: Model, bundle: Path, evaluation: dict[str, Any]
) -> None:
    assert (bundle / "MODEL_CARD.md").read_text(encoding="utf-8") == card_of(model, evaluation)


def test_every_category_has_its_figures_with_n_and_interval(model: Model, evaluation: dict[str, Any]) -> None:
    table = rows(card_of(model, evaluation), FIGURES)
    assert [row[0] for row in table] == list(model.categories)
    for row, entry in zip(table, evaluation["categories"].values(), strict=True):
        told = dict(zip(FIGURES, row, strict=True))
        figures = {item["metric"]: item for item in entry["all"]}
        unseen = next(item for item in entry["unseen"] if item["metric"] == "f1")
        assert told["validated on"] == entry["validated_on"]
        assert told["n test (1 / 0)"].startswith(f"{figures['f1']['n']} (")
        for name in ("precision", "recall", "F1", "average precision", "calibration error (home only)"):
            figure = figures[name.removesuffix(" (home only)").lower().replace(" ", "_")]
            assert told[name] == f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
        assert told["ECE (home only)"] == f"{figures['ece']['value']:.3f}"
        assert told["F1 unseen"].startswith(f"{unseen['value']:.3f} [")
        assert told["F1 unseen"].endswith(f", n = {unseen['n']}")
        assert told["silent"] == str(entry["abstained"])


def test_each_way_of_validation_is_explained_where_it_is_used(model: Model, evaluation: dict[str, Any]) -> None:
    assert set(MEANING) == set(VALIDATIONS)
    card = card_of(model, evaluation)
    used = {entry["validated_on"] for entry in evaluation["categories"].values()}
    for name, meaning in MEANING.items():
        assert (f"- **{name}**: {meaning}." in card) == (name in used)


def test_A1_a_figure_that_rests_on_nothing_is_a_dash(model: Model, evaluation: dict[str, Any]) -> None:
    changed_ = copy.deepcopy(evaluation)
    for part in ("all", "unseen"):
        for item in changed_["categories"][model.categories[0]][part]:
            item.update(value=None, n=0, low=None, high=None)
    row = dict(zip(FIGURES, rows(card_of(model, changed_), FIGURES)[0], strict=True))
    assert [row[name] for name in ("precision", "recall", "F1", "average precision", "ECE (home only)")] == ["-"] * 5
    assert row["F1 unseen"] == "-, n = 0"
    assert row["n test (1 / 0)"].startswith("0 (")


@pytest.mark.parametrize(
    ("leaked", "words"), [(0, "*unseen* is the same as all"), (7, "7 of 742 test posts have a near")]
)
def test_A3_the_leak_is_said(model: Model, evaluation: dict[str, Any], leaked: int, words: str) -> None:
    card = card_of(model, evaluation | {"split": evaluation["split"] | {"leaked": leaked}})
    assert words in card
    assert ("is the same as all" in card) == (leaked == 0)


def test_transfer_is_not_measured_unless_it_was(model: Model, evaluation: dict[str, Any]) -> None:
    card = card_of(model, evaluation)
    assert "Not measured: no category was tested on a corpus that it was not fitted on." in card
    elsewhere = copy.deepcopy(evaluation)
    elsewhere["categories"][model.categories[0]]["test_rows"] |= {"abroad": [3, 4], "empty": [0, 0]}
    card = card_of(model, elsewhere)
    assert f"\n- {model.categories[0]}: abroad\n" in card
    assert "no category was tested" not in card
    one = {"category": "rumour", "fitted_on": "a", "tested_on": "b", "metric": "f1", "n": 9}
    measured = [
        {**one, "value": 0.5, "low": 0.4, "high": 0.6},
        {**one, "value": None, "low": None, "high": None, "n": 0},
    ]
    card = card_of(model, evaluation | {"transfer": measured})
    assert rows(card, TRANSFER) == [
        ["rumour", "a", "b", "f1", "0.500 [0.400, 0.600]", "9"],
        ["rumour", "a", "b", "f1", "-", "0"],
    ]


def test_failures_are_those_of_the_casebook_the_worst_first(model: Model, evaluation: dict[str, Any]) -> None:
    assert "Not measured in this run" in card_of(model, evaluation)
    functions = [
        {
            "metric": "pass_rate",
            "function": f"f{i}",
            "title": f"Function {i}",
            "value": i / 20,
            "low": 0.0,
            "high": 1.0,
            "n": 20,
        }
        for i in range(21)
    ]
    alarms = [
        {"metric": "false_alarm_rate", "category": "rumour", "value": 0.25, "low": 0.1, "high": 0.4, "n": 40},
        {"metric": "false_alarm_rate", "category": "silent", "value": None, "low": None, "high": None, "n": 0},
    ]
    found = {"metric": "pass_rate", "value": 0.5, "low": 0.4, "high": 0.6, "n": 420}
    found |= {"functions": functions, "false_alarms": alarms}
    card = card_of(model, evaluation | {"casebook": found})
    assert [row[0] for row in rows(card, FAILURES)] == [f"Function {i}" for i in range(10)]
    assert "Of 420 cases" in card
    assert "- rumour: tags 0.250 [0.100, 0.400] of the cases that it should not (n = 40)" in card
    assert "silent:" not in card
    none = card_of(model, evaluation | {"casebook": {**found, "functions": functions[-1:]}})
    assert rows(none, FAILURES) == []
    assert "fails most often" not in none


def test_silence_is_explained_as_the_model_decides(evaluation: dict[str, Any]) -> None:
    figures = next(iter(evaluation["categories"].values()))
    for exclusive, words in ((False, "within 0.050 of its threshold"), (True, "leads the next by less than 0.100")):
        model = tiny_model(exclusive=exclusive)
        card = card_of(model, evaluation | {"categories": dict.fromkeys(model.categories, figures)})
        assert words in card


def test_what_was_not_recorded_is_said_to_be_so(tiny: Model, evaluation: dict[str, Any]) -> None:
    figures = next(iter(evaluation["categories"].values()))
    card = card_of(changed(tiny, config={}), evaluation | {"categories": dict.fromkeys(tiny.categories, figures)})
    assert "- calibration: not recorded; thresholds: not recorded" in card


UNDEFINED = {"value": None, "low": None, "high": None}
HOSTILE = [
    "a | b | c",
    "first\n\n# second\n\n- third",
    "\r\n| x | y |",
    "\u2028# x",
    "   ",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](http://x.example/x.png) [a]: http://x.example",
    "<http://x.example> &lt;b&gt; &#x3C;b> <!-- x -->",
    "**bold** _it_ `code` ~~gone~~ ``` fence",
    "\\| \\\\| \\` \\<b> \\",
    "$x$ $$y$$",
    "真的\u202e假的\u200b\x00\x1b[2J",
]


@pytest.mark.slow
def test_R1_hostile_words_of_a_source_are_shown_as_words(
    model: Model, evaluation: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for text in [*HOSTILE, *(text for _, text in encodable())]:
        with subtests.test(ascii(text)[:30]):
            hostile, tame = copy.deepcopy(evaluation), copy.deepcopy(evaluation)
            for given_, words in ((hostile, text), (tame, "words")):
                corpora = given_["corpora"]
                corpora[words] = {
                    **corpora.pop("seed"),
                    "title": words,
                    "citation": words,
                    "licence": words,
                    "kind": words,
                }
                given_["transfer"] = [
                    {"category": "x", "fitted_on": words, "tested_on": words, "metric": "f1", "n": 0} | UNDEFINED
                ]
                rate = {"metric": "pass_rate", "value": 0.5, "low": 0.4, "high": 0.6, "n": 4}
                functions = [{**rate, "function": "f", "title": words}]
                given_["casebook"] = {**rate, "functions": functions, "false_alarms": []}
            card = card_of(model, hostile)
            assert structure(card) == structure(card_of(model, tame))
            shown = printable(" ".join(text.split()), limit=600)
            (corpus,), (case,) = rows(card, CORPORA), rows(card, FAILURES)
            empty = {"title": "-", "licence": "not stated", "citation": "not stated"}
            for name, cell in zip(CORPORA, corpus, strict=True):
                if name in ("corpus", "title", "kind", "licence", "citation"):
                    assert cell == (shown or (empty.get(name, "") if not text else ""))
            assert case[0] == shown


@settings(max_examples=300)
@given(st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~&$:;=\"'/ \n\tax1文\u202e"), max_size=30))
def test_R1_any_words_come_back_from_one_paragraph(text: str) -> None:
    tokens = MARKDOWN.parse(f"Source: {plain(text)} end")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    parts = tokens[1].children or []
    assert {part.type for part in parts} <= {"text", "text_special"}
    shown = printable(" ".join(text.split()), limit=600)
    assert "".join(part.content for part in parts) == f"Source: {shown} end"


def test_the_card_says_what_it_is_not_for_and_how_to_cite_it(model: Model, evaluation: dict[str, Any]) -> None:
    card = card_of(model, evaluation)
    assert "**Not for** removing, reporting, ranking or profiling posts or people." in card
    assert "never a finding that a post is unlawful" in card
    assert model.taxonomy.digest in card
    assert "## How to cite" in card


def test_a_search_is_told_with_the_warning_that_a_winner_is_optimistic(
    model: Model, evaluation: dict[str, Any]
) -> None:
    assert "trials" not in card_of(model, evaluation)
    search = {
        "trials": 1200,
        "failed": 3,
        "metric": "macro_f1",
        "value": 0.81234,
        "settings": {"model.params.C": 2.5, "model.classifier": "<b>svc</b>"},
        "as_configured": 0.8,
        "folds": 5,
        "seed": 1,
    }
    card = " ".join(card_of(model, evaluation | {"search": search}).split())
    assert "the best of 1,200 trials (3 failed) by macro_f1" in card
    assert "out of fold (5 folds) on the posts fitted on" in card
    assert "model.params.C = 2.5" in card
    assert "it reached 0.812 there" in card
    assert "The out-of-fold figure of a winner is optimistic" in card
    assert "<b>" not in card
    unchanged = card_of(model, evaluation | {"search": search | {"settings": {}}})
    assert "those of the config" in unchanged


def test_classes_and_the_background_are_told_where_there_are_any(evaluation: dict[str, Any], model: Model) -> None:
    def figures(n: int) -> list[dict[str, Any]]:
        return [{"metric": name, "value": 0.5, "n": n, "low": 0.4, "high": 0.6} for name in ("accuracy", "macro_f1")]

    more = {"classes": {"all": figures(9), "unseen": figures(7)}, "background": {"rows": {"a|b": 1200}, "left_out": 3}}
    plainly, told = card_of(model, evaluation), card_of(model, evaluation | more)
    assert "accuracy 0.500 [0.400, 0.600], macro-F1 over classes 0.500" in told
    assert "macro-F1 0.500 [0.400, 0.600], n = 7" in told
    assert "(1,200); 3 posts" in told
    assert "most probable class of each post" not in plainly
    assert "Vectors" not in plainly
    assert structure(told)["table_open"] == structure(plainly)["table_open"]
