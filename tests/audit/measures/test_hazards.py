"""Hazards: by hand on twelve posts, by a loop with a trained model (A4), order and names change nothing (A5), and where
nothing is odd nothing changes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL, wilson
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures.hazards import STEP, hazard_shares
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.text.characters.hazards import HAZARDS
from koudai.text.characters.hazards import hazards as of_one
from koudai.text.characters.normalize import Normalizer
from tests.audit.table import KEYS, RENAMED, figures, one, table, tiny_model

R, P, A, N = KEYS
TEXTS = [
    *("谣<br>", "&#35875;来了...全文", "谣\\n谣", "转发微博"),  # &#35875; is 谣
    *("<b title='军'>报", "军\u200b", "报", "天"),
    *("<a href='谣'>天</a>", "锟斤拷", "😂", ""),
]
TAGGED = np.array([["谣" in text, "军" in text or "报" in text, "军" in text, "报" in text] for text in TEXTS])
FLAGGED = [True, True, True, True, True, True, False, False, True, True, True, True]


def by_hand() -> AuditInput:
    return table(order=range(12), texts=TEXTS, alleged=TAGGED)


def test_the_posts_are_odd_as_said() -> None:
    assert [bool(of_one(text)) for text in TEXTS] == FLAGGED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "group", "statistic", "hits", "n"),
    [
        (ALL, ALL, "flagged", 10, 12),
        (ALL, "markup", "flagged", 4, 12),
        (ALL, "cut-off", "flagged", 1, 12),
        (ALL, "bidi", "flagged", 0, 12),
        (ALL, "no-words", "flagged", 2, 12),
        (R, ALL, "flagged", 3, 3),  # 谣<br>, 谣\n谣, the address
        (R, "markup", "flagged", 2, 3),
        (R, "markup", "flagged_elsewhere", 2, 9),
        (N, "markup", "flagged", 1, 2),
        (A, "invisible", "flagged", 1, 2),
        # 谣<br> is 谣 both ways; &#35875; becomes 谣; the address' 谣 and the title's 军 go
        (ALL, STEP, "changed", 3, 4),
        (ALL, ALL, "changed", 3, 12),
        (R, STEP, "changed", 2, 4),
        (A, STEP, "changed", 1, 4),
        (N, STEP, "changed", 0, 4),
        # the reference is silent without the step; 天 alone has no weight but is known
        (ALL, STEP, "from_abstained", 1, 4),
        (ALL, STEP, "to_abstained", 0, 4),
    ],
)
def test_A4_by_hand(key: str, group: str, statistic: str, hits: int, n: int) -> None:
    found = one(hazard_shares(by_hand()), key, group, statistic)
    assert (found.value, found.low, found.high, found.n) == (*wilson(hits, n), n)


def test_A4_by_a_loop_with_a_trained_model(model: Model) -> None:
    texts = [
        f"{lead}{body}{tail}"
        for lead in ("", "<b>", "<a href='http://a.cn/专家'>", "&#65281;")
        for body in ("老中医祖传偏方，三天治好高血压", "本台主播由AI生成，播报今日新闻", "食堂的豆腐脑又涨价了")
        for tail in ("", "&nbsp;&nbsp;&nbsp;", "<img alt=[医生] src=x>")
    ]
    given = replace(
        table(order=(), taxonomy=model.taxonomy, categories=model.categories, model=model),
        texts=texts,
        alleged=tags(model, texts)[0],
        labelled=None,
    )
    frame = hazard_shares(given)
    plain = model.normalizer.steps
    ways = [replace(model, normalizer=Normalizer(steps)) for steps in (plain, ("html", *plain))]
    (before, quiet), (after, quieter) = (tags(one_way, texts) for one_way in ways)
    touched = [ways[0].normalizer(text) != ways[1].normalizer(text) for text in texts]
    assert one(frame, ALL, STEP, "changed").n == sum(touched)
    assert one(frame, ALL, ALL, "changed").value == np.mean((before != after).any(axis=1))
    assert one(frame, ALL, ALL, "to_abstained").value == np.mean(quieter & ~quiet)
    assert one(frame, ALL, ALL, "from_abstained").value == np.mean(quiet & ~quieter)
    for column, key in enumerate(model.categories):
        assert one(frame, key, ALL, "changed").value == np.mean(before[:, column] != after[:, column])
    for name in HAZARDS:
        assert one(frame, ALL, name, "flagged").value == np.mean([name in of_one(text) for text in texts])


def tags(model: Model, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    batch = score(model, [""] * len(texts), texts)
    return batch.alleged[:, [batch.keys.index(key) for key in model.categories]], batch.abstained


def test_a_model_that_has_the_step_is_compared_with_itself_without_it() -> None:
    given = by_hand()
    model = replace(tiny_model(), normalizer=Normalizer(("html",)))
    assert hazard_shares(replace(given, model=model)).figures == hazard_shares(given).figures


def test_A5_order_and_names_change_nothing() -> None:
    order = list(reversed(range(12)))
    turned = table(order=range(12), texts=[TEXTS[i] for i in order], alleged=TAGGED[order])
    assert figures(hazard_shares(turned)) == figures(hazard_shares(by_hand()))
    renamed = table(order=range(12), texts=TEXTS, alleged=TAGGED, names=RENAMED)
    assert len(hazard_shares(renamed).figures) == len(hazard_shares(by_hand()).figures)


def test_clean_posts_change_nothing_and_nothing_is_nothing() -> None:
    clean = hazard_shares(table(order=range(12), texts=["谣来了"] * 12, alleged=TAGGED))
    assert one(clean, ALL, ALL, "flagged").value == 0.0
    assert (one(clean, ALL, STEP, "changed").value, one(clean, ALL, STEP, "changed").n) == (None, 0)
    assert one(clean, ALL, ALL, "changed").value == 0.0
    assert hazard_shares(replace(by_hand(), texts=None)).figures == ()
    without = hazard_shares(replace(by_hand(), model=None))
    assert {figure.statistic for figure in without.figures} == {"flagged", "flagged_elsewhere"}
