"""Term swap: by hand on two posts, by a loop with jieba over the bundled casebook (A4); order, doubles and names of
categories change nothing, not even the intervals (A5); nothing is nothing (A1).
"""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from pathlib import Path

import jieba
import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.casebook import Casebook, load_casebook
from koudai.audit.measures.term_swap import POSTS, changes, term_swap
from koudai.audit.trying.swaps import SwapList, load_swaps
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.taxonomy import Bilingual
from koudai.training.intervals import clustered_mean
from tests.audit.table import KEYS, RENAMED, figures, one, table, tiny_casebook, tiny_model

R, P, A, N = KEYS
THIS = importlib.import_module("koudai.audit.measures.term_swap")
PRESS = SwapList("press", Bilingual(zh="报", en="press"), "for tests", "no reason", (A,), (("军队", "报社", "天气"),))
POSTS_BY_HAND = ("军队来了", "报社说谣", "今天来了")


def sure(decision: float) -> float:
    return 1 / (1 + math.exp(-decision))


ALONE, SHARED, BASE = sure(5 - 2), sure(5 / math.sqrt(2) - 2), sure(-2)


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> AuditInput:
    monkeypatch.setattr(THIS, "load_swaps", lambda path: (PRESS,))
    book = tiny_casebook()
    cases = tuple(case.model_copy(update={"text": text}) for case, text in zip(book.cases, POSTS_BY_HAND, strict=False))
    return table(casebook=replace(book, cases=cases), texts=None)


@pytest.mark.parametrize(
    ("key", "change", "flips"),
    [
        (R, (0.0, 0.0), (0.0, 0.0)),  # 谣 stays, beside a known character each time
        (P, ((0 + ALONE - BASE) / 2, (0 + SHARED - BASE) / 2), (0.5, 0.5)),
        (N, ((ALONE - BASE) / 2, SHARED - BASE), (0.5, 1.0)),
    ],
)
def test_A4_by_hand(by_hand: AuditInput, key: str, change: tuple[float, float], flips: tuple[float, float]) -> None:
    frame = term_swap(by_hand)
    for group in ("press", ALL):
        mean, flip = (one(frame, key, group, name) for name in ("mean_change", "flip_rate"))
        assert (mean.value, mean.n) == (pytest.approx(sum(change) / 2, abs=1e-6), 2)
        assert (flip.value, flip.n) == (sum(flips) / 2, 2)
        for figure, values in ((mean, np.array(change)), (flip, np.array(flips))):
            told = clustered_mean(values, None)
            assert (figure.low, figure.high) == (pytest.approx(told.low, abs=1e-6), pytest.approx(told.high, abs=1e-6))
            assert told.low is not None
            assert told.high is not None
            assert 0 <= told.low <= values.mean() < told.high <= 1
    assert figures(frame, category=A) == []  # the list is not for it


def test_a_swap_into_nothing_known_is_left_out() -> None:
    lists = (replace(PRESS, groups=(("军队", "报社", "银行"),)),)
    found = changes(tiny_model(), lists, POSTS_BY_HAND[:2])["press"]
    assert [some.shape for some in found.values()] == [(1, 2, 4), (2, 2, 4)]  # 银行来了 has no feature, 银行说谣 has
    assert all(np.isfinite(some).all() for some in found.values())


def test_never_inside_a_longer_word() -> None:
    lists = (replace(PRESS, groups=(("法院", "报社"), ("北京", "军队"))),)
    words = tiny_model().segmenter.cut("法院院长在北京市说天气")
    assert "法院" not in words or "北京" not in words
    found = changes(tiny_model(), lists, ["法院院长在北京市说天气"])["press"]
    assert sum(map(len, found.values())) == sum(term in words for term in ("法院", "北京"))


def by_a_loop(model: Model, lists: tuple[SwapList, ...], texts: list[str]) -> dict[tuple[str, str, str], list[float]]:
    found: dict[tuple[str, str, str], list[float]] = {}
    for swaps in lists:
        for text in texts:
            words = jieba.lcut(text)
            swapped = []
            for group in swaps.groups:
                for term in set(group) & set(words):
                    for other in set(group) - {term}:
                        swapped.append("".join(other if word == term else word for word in words))
            if not swapped:
                continue
            batch = score(model, [str(i) for i in range(len(swapped) + 1)], [text, *swapped])
            for column, key in enumerate(model.categories):
                if not any(key == out or key.startswith(out + ".") for out in swaps.not_for):
                    p = batch.proba[:, column].astype(float)
                    tag = [key in tags for tags in batch.tags()]
                    found.setdefault((key, swaps.name, "mean_change"), []).append(float(np.mean(abs(p[1:] - p[0]))))
                    found.setdefault((key, swaps.name, "flip_rate"), []).append(
                        sum(one != tag[0] for one in tag[1:]) / len(swapped)
                    )
    return found


def audited(model: Model, root: Path, texts: list[str] | None = None) -> AuditInput:
    casebook = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    given = table(order=(), taxonomy=model.taxonomy, categories=model.categories, model=model, casebook=casebook)
    return replace(given, labelled=None, texts=texts)


@pytest.mark.slow
def test_A4_the_bundled_casebook_by_a_loop(model: Model, root: Path) -> None:
    given = audited(model, root)
    lists = load_swaps(root / "data" / "casebook" / "swaps.toml")
    assert given.casebook is not None
    expected = by_a_loop(model, lists, [case.text for case in given.casebook.cases])
    frame = term_swap(given)
    assert {(f.category, f.group, f.statistic) for f in frame.figures if f.n and f.group != ALL} == set(expected)
    assert max(map(len, expected.values())) > 50
    compared = 0
    for (key, group, statistic), values in expected.items():
        found = one(frame, key, group, statistic)
        assert (found.value, found.n) == (pytest.approx(np.mean(values), abs=1e-6), len(values)), (key, group)
        if len(values) > 30 and np.std(values) > 0:
            assert found.low is not None
            assert found.high is not None
            mean, n = float(np.mean(values)), len(values)
            worth = mean * (1 - mean) / (np.var(values, ddof=1) / n)
            told, least = (proportion_confint(mean * of, of, method="wilson") for of in (worth, n))
            assert least[0] - 1e-3 < found.low < told[0] + 1e-9, "no wider than of values of 0 and 1,"
            assert told[1] - 1e-9 < found.high < least[1] + 1e-3, "and no narrower than their variance tells"
            rarer = np.array(values) if mean <= 0.5 else 1 - np.array(values)
            if (rarer.sum() ** 2 / (rarer**2).sum()) ** 2 * n / worth > 20:
                assert (found.low, found.high) == pytest.approx(told, rel=0.1)
                compared += 1
    assert compared


def test_advice_is_not_measured_under_swaps_of_institutions(model: Model, root: Path) -> None:
    measured = {f.category for f in figures(term_swap(audited(model, root)), group="public_institutions")}
    assert measured == {key for key in model.categories if not key.startswith("unqualified_advice")}


def test_on_posts_the_draw_stops_at_the_limit(model: Model, root: Path) -> None:
    texts = [f"第{i}次去医院，邻居也在" for i in range(POSTS + 30)]
    frame = term_swap(audited(model, root, texts))
    for group in ("public_institutions", "acquaintances"):
        assert {f.n for f in figures(frame, group=group, statistic="mean_change_on_posts")} == {POSTS}
    assert {f.n for f in figures(frame, group="regions", statistic="mean_change_on_posts")} == {0}
    assert {f.value for f in figures(frame, group="regions", statistic="mean_change_on_posts")} == {None}


def same(found: AuditFrame, expected: AuditFrame) -> bool:
    return [replace(f, category="") for f in found.figures] == [replace(f, category="") for f in expected.figures]


def test_A5_order_doubles_and_names_change_nothing(by_hand: AuditInput) -> None:
    assert by_hand.casebook is not None
    texts = [*POSTS_BY_HAND, "天气预报", "说军队"]
    given = replace(by_hand, texts=texts)
    expected = term_swap(given)
    assert any(f.statistic == "flip_rate_on_posts" and f.value for f in expected.figures)
    cases = by_hand.casebook.cases
    backwards = Casebook((*cases[::-1], *cases), by_hand.casebook.titles)
    assert term_swap(replace(given, casebook=backwards, texts=[*texts[::-1], *texts])) == expected
    renamed = replace(
        given,
        taxonomy=(other := table(names=RENAMED)).taxonomy,
        categories=other.categories,
        model=other.model,
        casebook=replace(by_hand.casebook, cases=tuple(c.model_copy(update={"expected": ()}) for c in cases)),
    )
    kept = AuditFrame("term_swap", tuple(f for f in term_swap(renamed).figures if f.category != RENAMED[A]))
    assert same(kept, expected)


def test_A1_no_model_no_casebook_no_case_no_text() -> None:
    assert term_swap(table(model=None)).figures == ()
    assert term_swap(table(casebook=None)).figures == ()
    nothing = term_swap(table(casebook=Casebook((), {}), texts=[], order=()))
    assert nothing.figures
    assert {(f.n, f.value, f.low, f.high) for f in nothing.figures} == {(0, None, None, None)}


def test_A1_posts_without_features_give_no_figure(by_hand: AuditInput) -> None:
    silent = tuple(case.model_copy(update={"text": "🙂"}) for case in tiny_casebook().cases)
    found = term_swap(replace(by_hand, casebook=Casebook(silent, {}), texts=["", "🙂"]))
    assert {f.value for f in found.figures} == {None}


@pytest.mark.parametrize("expected", [(), (R,)])
def test_one_class_changes_nothing(by_hand: AuditInput, expected: tuple[str, ...]) -> None:
    assert by_hand.casebook is not None
    cases = tuple(case.model_copy(update={"expected": expected}) for case in by_hand.casebook.cases)
    assert term_swap(replace(by_hand, casebook=replace(by_hand.casebook, cases=cases))) == term_swap(by_hand)


def test_one_post_has_no_interval(by_hand: AuditInput) -> None:
    assert by_hand.casebook is not None
    alone = replace(by_hand.casebook, cases=by_hand.casebook.cases[:1])
    for figure in term_swap(replace(by_hand, casebook=alone)).figures:
        assert figure.n == 1
        assert (figure.low, figure.high) == (None, None)


def test_posts_are_read_only_until_every_list_has_had_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(THIS, "POSTS", 2)
    found = changes(tiny_model(), (PRESS,), ["军队来了", "今天来了", "报社来了", "军队又来了", "报社又来了"])
    assert list(found["press"]) == [0, 2]
    assert all(some.shape == (2, 2, len(KEYS)) for some in found["press"].values())


def test_a_text_that_has_no_probability_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(model: Model, ids: list[str], texts: list[str]) -> object:
        scores = score(model, ids, texts)
        proba = scores.proba.copy()
        proba[["又" in text for text in texts]] = np.nan
        return replace(scores, proba=proba)

    monkeypatch.setattr(THIS, "score", blind)
    found = changes(tiny_model(), (PRESS,), ["军队又来了", "报社来了"])
    assert list(found["press"]) == [1]
