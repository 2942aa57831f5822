"""Evasion: by hand on the twelve cases, by a loop over the bundled casebook and posts with a trained model (A4, T9);
order, doubles and names of categories change nothing (A5); silence is not a tag (A6); nothing is nothing (A1).
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.casebook import Casebook, load_casebook
from koudai.audit.measures.evasion import POSTS, evasion
from koudai.audit.trying.spellings import load_spellings
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.text.characters.script import script_of
from koudai.training.intervals import wilson
from tests.audit.table import KEYS, RENAMED, figures, one, table, tiny_casebook

R, P, A, N = KEYS
THIS = importlib.import_module("koudai.audit.measures.evasion")
TOYS = {
    "none": lambda text: text,
    "hide": lambda text: text.replace("谣", "遥").replace("军", "君"),
    "show": lambda text: text.replace("天", "谣"),
}


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(THIS, "load_spellings", lambda path: TOYS)


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    ("key", "group", "lost", "of", "gained", "among"),
    [
        # tagged R: p1 (one of them a quotation), p6, p6; 谣 or 军 in those and p3, p4, p5; 天 in p2, p2, p3
        (R, "hide", 3, 3, 0, 3),
        (R, "show", 0, 0, 3, 3),
        (R, "none", 0, 0, 0, 0),
        (R, ALL, 3, 3, 3, 6),
        # should be and are posing: p3 (军), p4 (报, untouched), p5 (军报: 报 is left)
        (P, "hide", 1, 2, 0, 3),
        (P, ALL, 1, 2, 0, 6),
        # should be and are army: p3, p5
        (A, "hide", 2, 2, 0, 3),
        # should be and are press: p4 (untouched), p5 (报 is left)
        (N, "hide", 0, 1, 0, 5),
    ],
)
def test_A4_by_hand(key: str, group: str, lost: int, of: int, gained: int, among: int) -> None:
    frame = evasion(table(texts=None))
    for statistic, hits, n in (("lost", lost, of), ("gained", gained, among)):
        found = one(frame, key, group, statistic)
        assert (found.value, found.low, found.high, found.n) == (*wilson(hits, n), n), statistic


@pytest.mark.usefixtures("toys")
def test_A4_posts_by_hand() -> None:
    texts = ["谣", "谣", "天谣", "报", "天天", "军谣"]
    alleged = np.array([["谣" in text, "军" in text, "军" in text, False] for text in texts])
    frame = evasion(table(order=range(6), texts=texts, alleged=alleged))
    # different texts tagged R: 谣, 天谣, 军谣, all of them hidden; not tagged R: 报 (untouched), 天天
    assert (one(frame, R, "hide", "lost_on_posts").value, one(frame, R, "hide", "lost_on_posts").n) == (1.0, 3)
    assert (one(frame, R, "hide", "gained_on_posts").value, one(frame, R, "hide", "gained_on_posts").n) == (None, 0)
    assert (one(frame, R, "show", "gained_on_posts").value, one(frame, R, "show", "gained_on_posts").n) == (1.0, 1)
    # 谣 for 天 turns 天谣 into 谣谣: still R
    assert (one(frame, R, "show", "lost_on_posts").value, one(frame, R, "show", "lost_on_posts").n) == (0.0, 1)


def audited(model: Model, root: Path, texts: list[str] | None = None) -> AuditInput:
    casebook = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    given = table(order=(), taxonomy=model.taxonomy, categories=model.categories, model=model, casebook=casebook)
    alleged = tagged(model, texts) if texts is not None else given.alleged
    return replace(given, labelled=None, texts=texts, alleged=alleged)


def tagged(model: Model, texts: list[str]) -> np.ndarray:
    found = score(model, [str(i) for i in range(len(texts))], texts).tags()
    return np.array([[key in keys for key in model.categories] for keys in found]).reshape(len(texts), -1)


@pytest.mark.slow
def test_A4_T9_the_bundled_casebook_by_a_loop(model: Model, root: Path) -> None:
    given = audited(model, root)
    assert given.casebook is not None
    cases = given.casebook.cases
    texts = [case.text for case in cases]
    before = tagged(model, texts)
    frame = evasion(given)
    spelt = load_spellings(root / "data" / "casebook" / "spellings.toml")
    assert {f.group for f in frame.figures} == {*spelt, ALL}
    for name, spell in spelt.items():
        other = [spell(text) for text in texts]
        after = tagged(model, other)
        for column, key in enumerate(given.categories):
            lost, gained = [], []
            for i, case in enumerate(cases):
                if other[i] == texts[i]:
                    continue
                should = any(expected == key or expected.startswith(f"{key}.") for expected in case.expected)
                if before[i, column] and should:
                    lost.append(not after[i, column])
                elif not before[i, column]:
                    gained.append(after[i, column])
            for statistic, flips in (("lost", lost), ("gained", gained)):
                found = one(frame, key, name, statistic)
                assert (found.value, found.low, found.high) == wilson(sum(flips), len(flips)), (key, name, statistic)
                assert found.n == len(flips)


@pytest.mark.slow
def test_T9_stability_between_scripts_is_measured_not_asserted(model: Model, root: Path) -> None:
    frame = evasion(audited(model, root))
    key = model.categories[-1]
    assert one(frame, key, "traditional", "gained").n > 500
    book = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    written = [script_of(case.text) for case in book.cases]
    assert 0 < one(frame, key, "simplified", "gained").n < 3 * (written.count("traditional") + written.count("mixed"))


@pytest.mark.slow
def test_what_the_model_normalises_away_changes_nothing(model: Model, root: Path) -> None:
    assert {"nfkc", "drop-invisible"} <= set(model.normalizer.steps)
    frame = evasion(audited(model, root))
    assert {f.value for f in frame.figures if f.group == "zero-width"} == {0.0}
    assert {f.value for f in frame.figures if f.group == "full-width"} <= {0.0, None}
    assert any(f.value for f in figures(frame, group="spaces", statistic="lost"))


@pytest.mark.slow
def test_A4_posts_by_a_loop_and_the_limit(model: Model, root: Path) -> None:
    casebook = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    texts = [case.text for case in casebook.cases]
    given = audited(model, root, [*texts, *texts])
    frame = evasion(given)
    spaced = load_spellings(root / "data" / "casebook" / "spellings.toml")["spaces"]
    before, after = tagged(model, texts), tagged(model, [spaced(text) for text in texts])
    for column, key in enumerate(given.categories):
        lost, gained = (one(frame, key, "spaces", f"{what}_on_posts") for what in ("lost", "gained"))
        inside = before[:, column]
        assert gained.n == POSTS < (~inside).sum()
        assert lost.n == min(POSTS, inside.sum())
        if lost.n < POSTS:
            assert lost.value == pytest.approx((~after[inside, column]).mean())
        assert gained.low is not None
        assert gained.high is not None
        assert gained.low - 0.05 <= after[~inside, column].mean() <= gained.high + 0.05


def same(found: AuditFrame, expected: AuditFrame) -> bool:
    return [replace(f, category="") for f in found.figures] == [replace(f, category="") for f in expected.figures]


@pytest.mark.usefixtures("toys")
def test_A5_order_doubles_and_names_change_nothing() -> None:
    texts = ["谣", "天谣", "报", "天天", "军谣"]
    alleged = np.array([["谣" in text, "军" in text, "军" in text, False] for text in texts])
    given = table(order=range(5), texts=texts, alleged=alleged)
    expected = evasion(given)
    book = tiny_casebook()
    backwards = replace(book, cases=(*book.cases[::-1], *book.cases))
    doubled = replace(
        given, casebook=backwards, texts=[*texts[::-1], *texts], alleged=np.concatenate([alleged[::-1], alleged])
    )
    assert evasion(doubled) == expected
    assert same(evasion(table(order=range(5), texts=texts, alleged=alleged, names=RENAMED)), expected)


def test_A6_a_post_that_falls_silent_has_lost_its_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(THIS, "load_spellings", lambda path: {"mute": lambda text: "🙂"})
    frame = evasion(table(texts=None))
    assert (one(frame, A, "mute", "lost").value, one(frame, A, "mute", "lost").n) == (1.0, 2)
    assert {f.value for f in figures(frame, statistic="gained")} == {0.0}


def test_A1_no_model_no_casebook_no_case_no_text() -> None:
    assert evasion(table(model=None)).figures == ()
    assert evasion(table(casebook=None)).figures == ()
    nothing = evasion(table(casebook=Casebook((), {}), texts=[], order=()))
    assert nothing.figures
    assert {(f.n, f.value, f.low, f.high) for f in nothing.figures} == {(0, None, None, None)}


@pytest.mark.parametrize("expected", [(), (R,)])
def test_one_class(expected: tuple[str, ...]) -> None:
    cases = tuple(case.model_copy(update={"expected": expected}) for case in tiny_casebook().cases)
    frame = evasion(table(casebook=Casebook(cases, {}), texts=None))
    assert {f.n for f in figures(frame, category=A, statistic="lost")} == {0}
    assert (max(f.n for f in figures(frame, category=R, statistic="lost")) > 0) == bool(expected)
    assert max(f.n for f in figures(frame, category=R, statistic="gained")) > 0
