"""Themes: the effective number is the Hill number of order 1 (A4), planted topics are counted as they were planted and
differ from the complement in every run, halves dealt at random do not, too few posts give no figure (A1).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT
from koudai.audit.measures.themes import CHANGES, FEWEST_POSTS, HOLDS, NUMBERS, effective_number, themes
from tests.audit.table import RENAMED, figures, one, table

TOPICS = [
    ["停水", "水厂", "水管", "水龙头", "自来水"],
    ["鸡蛋", "牛奶", "面包", "白菜", "土豆"],
    ["火车", "飞机", "地铁", "车站", "机场"],
    ["篮球", "足球", "比赛", "冠军", "球迷"],
    ["医院", "医生", "护士", "药店", "感冒"],
    ["老师", "学生", "学校", "考试", "作业"],
    ["电影", "导演", "演员", "影院", "票房"],
    ["手机", "电脑", "屏幕", "电池", "键盘"],
]
quick = settings(derandomize=True, deadline=None, max_examples=60)
shares = st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(lambda p: sum(p) > 1e-6)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([1.0], 1.0),
        ([1.0, 0.0, 0.0], 1.0),
        ([0.125] * 8, 8.0),
        ([0.5, 0.5], 2.0),
        ([3.0, 3.0, 3.0], 3.0),
        ([0.5, 0.25, 0.25], 2 * math.sqrt(2)),  # H = 1.5 ln 2
    ],
)
def test_A4_effective_number_by_hand(p: list[float], expected: float) -> None:
    assert effective_number(np.array(p)) == pytest.approx(expected)


@quick
@given(shares)
def test_A4_effective_number_is_exp_of_shannon_entropy(p: list[float]) -> None:
    found = effective_number(np.array(p))
    assert found == pytest.approx(math.exp(entropy(p)), rel=1e-9)
    assert 1.0 - 1e-9 <= found <= len(p) + 1e-9


@quick
@given(shares, st.randoms(use_true_random=False))
def test_A5_effective_number_knows_no_order_and_no_scale(p: list[float], random: object) -> None:
    mixed = list(p)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert effective_number(7 * np.array(mixed)) == pytest.approx(effective_number(np.array(p)))


def test_A1_effective_number_of_nothing_is_not_a_number() -> None:
    assert math.isnan(effective_number(np.zeros(8)))


def planted(order: np.ndarray | None = None, names: dict[str, str] | None = None) -> tuple[AuditInput, list[str]]:
    """Posts of eight topics, thirty each; the four categories take one, two, all topics, and ten posts."""
    random = np.random.default_rng(11)
    topic = np.repeat(np.arange(8), 30)
    texts = [" ".join(random.choice(TOPICS[k], 6)) for k in topic]
    alleged = np.zeros((len(topic), 4), dtype=bool)
    alleged[:, 0] = topic == 3
    alleged[:, 1] = np.isin(topic, (1, 4))
    alleged[:, 2] = True
    alleged[:10, 3] = True
    order = np.arange(len(topic)) if order is None else order
    texts = [texts[i] for i in order]
    return table(order=[0] * len(topic), texts=texts, alleged=alleged[order], names=names, labelled=None), texts


def number(frame: AuditFrame, key: str, statistic: str = "effective_number") -> float:
    value = one(frame, key, ALL, statistic).value
    assert value is not None
    return value


def test_A4_planted_topics_are_counted_as_planted() -> None:
    frame = themes(planted()[0])
    assert number(frame, "rumour") == pytest.approx(1.0, abs=0.1)
    assert number(frame, "posing") == pytest.approx(2.0, abs=0.2)
    assert number(frame, "posing.army") == pytest.approx(8.0, abs=0.3)
    assert not figures(frame, category="posing.press")  # ten posts


def test_A4_shares_are_the_means_of_each_posts_shares() -> None:
    frame = themes(planted()[0])
    for key, topics in (("rumour", 1), ("posing", 2), ("posing.army", 8)):
        found = figures(frame, category=key, statistic="share")
        values = [figure.value or 0.0 for figure in found]
        assert len(found) == NUMBERS[0]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(1.0)
        assert values[:topics] == pytest.approx([1 / topics] * topics, abs=0.05)
        of_seeds = one(frame, key, ALL, "effective_number")
        assert of_seeds.low is not None
        assert of_seeds.high is not None
        assert of_seeds.low - 1e-9 <= math.exp(entropy(values)) <= of_seeds.high + 1e-9
    top = figures(frame, category="rumour", statistic="share")[0]
    assert set(top.group.split()) <= set(TOPICS[3])


def test_a_category_is_set_beside_the_posts_that_are_not_in_it() -> None:
    frame = themes(planted()[0])
    rest = one(frame, "rumour", ALL, "effective_number_of_complement")
    assert rest.n == 30
    assert rest.value is not None
    assert 5.5 < rest.value < 7.05  # seven topics, four posts of each
    told = one(frame, "rumour", HOLDS, "difference")
    assert told.value is not None
    assert told.value < -4
    assert not figures(frame, category="posing.army", statistic="difference")  # nothing is outside
    for figure in figures(frame, category="rumour"):
        assert figure.low is None or figure.low <= (figure.value or 0.0) <= (figure.high or 0.0)


@pytest.mark.slow
def test_a_difference_that_changes_its_sign_is_said_to_do_so() -> None:
    """Halves of posts dealt at random are as mixed as each other: hardly ever do all runs agree on which is more so."""
    given, _ = planted()
    random, held = np.random.default_rng(5), 0
    for _ in range(8):
        half = random.permutation(240) < 120
        alleged = np.column_stack([half, given.alleged[:, 1:]])
        found = {one.group for one in figures(themes(replace(given, alleged=alleged)), category="rumour")}
        assert len({HOLDS, CHANGES} & found) == 1
        held += HOLDS in found
    assert held <= 1


@pytest.mark.slow
def test_topics_that_are_there_are_found_by_every_seed_and_noise_by_none() -> None:
    clear = one(themes(planted()[0]), ALL, f"K={NUMBERS[0]}", "stability")
    random = np.random.default_rng(3)
    words = [f"{a}{b}" for a in "山水田林湖草" for b in "东西南北上下左右前后"]
    texts = [" ".join(random.choice(words, 5)) for _ in range(240)]
    noise = one(themes(replace(planted()[0], texts=texts)), ALL, f"K={NUMBERS[0]}", "stability")
    assert clear.value is not None
    assert noise.value is not None
    assert clear.value > 0.8
    assert noise.value < 0.5


@pytest.mark.slow
def test_same_seed_same_figures_and_order_of_posts_matters_little() -> None:
    frame = themes(planted()[0])
    assert themes(planted()[0]) == frame
    shuffled = themes(planted(np.random.default_rng(1).permutation(240))[0])
    for key in ("rumour", "posing", "posing.army"):
        assert number(shuffled, key) == pytest.approx(number(frame, key), rel=0.02)


def test_A5_other_names_for_the_categories_change_no_value() -> None:
    frame, renamed = themes(planted()[0]), themes(planted(names=RENAMED)[0])
    for key in ("rumour", "posing", "posing.army"):
        assert number(renamed, RENAMED[key]) == number(frame, key)
        mine, other = (figures(f, category=k, statistic="share") for f, k in ((frame, key), (renamed, RENAMED[key])))
        assert [(f.group, f.value) for f in mine] == [(f.group, f.value) for f in other]


def test_posts_without_words_are_in_no_denominator_of_themes() -> None:
    given, texts = planted()
    silent = table(
        order=[0] * 260,
        texts=texts + ["🙂"] * 20,
        alleged=np.vstack([given.alleged, np.ones((20, 4), dtype=bool)]),
        labelled=None,
    )
    found = one(themes(silent), "rumour", ALL, "effective_number")
    assert (found.n, found.value) == (30, pytest.approx(1.0, abs=0.1))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"order": ()},
        {"order": [0] * 30, "texts": ["🙂"] * 30},
        {"order": [0] * 30, "texts": [" ".join(TOPICS[0] + TOPICS[1])] * 5 + ["🙂"] * 25},
        {"order": [0] * 30, "texts": ["停水"] * 30},
        {"order": [7] * 30, "texts": [" ".join(TOPICS[0] + TOPICS[1])] * 30},
    ],
    ids=["twelve posts", "no posts", "no words", "five posts with words", "one word", "nothing tagged"],
)
def test_A1_too_little_gives_no_figure(changes: dict[str, object]) -> None:
    assert FEWEST_POSTS == 20
    assert themes(table(**changes)).figures == ()  # type: ignore[arg-type]


def test_one_post_thirty_times_is_one_thing() -> None:
    same = table(order=[0] * 30, texts=[" ".join(TOPICS[0] + TOPICS[1])] * 30)
    frame = themes(same)
    own = one(frame, "rumour", ALL, "effective_number")
    assert own.low == pytest.approx(own.high)


@pytest.mark.slow
def test_what_was_removed_is_told_by_its_themes() -> None:
    given, _ = planted()
    assert given.outcome is not None
    fate = np.where(given.alleged[:, 0], REMOVED, np.where(given.alleged[:, 1], KEPT, SILENT)).astype(np.int8)
    frame = themes(replace(given, outcome=replace(given.outcome, fate=fate)))
    for group, key in (("removed", "rumour"), ("kept", "posing")):
        assert one(frame, ALL, group, "effective_number").value == pytest.approx(number(frame, key), rel=0.001)
        of_posts = {
            f.group.removeprefix(f"{group}: "): f.value for f in figures(frame, category=ALL, statistic="share")
        }
        assert of_posts.items() >= {f.group: f.value for f in figures(frame, category=key, statistic="share")}.items()
    without = figures(themes(replace(given, outcome=None)), category=ALL)
    assert {figure.statistic for figure in without} == {"stability"}
