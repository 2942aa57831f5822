"""Normalisation: total, bounded, idempotent, and blind to what a reader does not see; unknown steps are refused."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import ConfigError
from koudai.limits import NORMALISED_GROWTH
from koudai.text.characters.normalize import STEPS, Normalizer
from tests.hostile.strings import HOSTILE_STRINGS

ALL = ("nfkc", "drop-invisible", "links", "mentions")
ORDERS = list(itertools.permutations(ALL))
PIECES = (
    *(
        "@",
        "＠",
        "http://",
        "ＨＴＴＰｓ：／／",
        "www.",
        "/",
        ":",
        ".",
        "·",
        "-",
        "_",
        " ",
        "\n",
        "张三",
        "你好",
        "a",
        "é",
        "e",
    ),
    *(
        "\u0301",
        "\u0323",
        "\u0951",
        "\uff9e",
        "\u0344",
        "\u0f73",
        "\u0338",
        "=",
        "≠",
        "ｶ",
        "\ufdfa",
        "①",
        "ﬁ",
        "㎏",
        "İ",
        "😂",
    ),
    *(
        "\u200b",
        "\u3164",
        "\u034f",
        "\ufe0f",
        "\U000e0041",
        "\u1100",
        "\u1161",
        "각",
        "\ud800",
        "\ufffd",
        "é",
        "e",
        "İ",
        "😂",
    ),
)
ANY = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.builds(lambda unit, times: unit * times, st.sampled_from(PIECES), st.integers(0, 400)),
    st.builds(lambda a, b, times: a + b * times, st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(0, 400)),
)
INVISIBLES = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u1160\u3164\uffa0\u2800\u180b\ufe00\ufe0f\U000e0100"
    "\U000e0041\u061c\u202e\u2066"
)
PLAIN = "刚接到通知，明天起全县停水七天，赶紧转给家里人！ABC 123 看 https://example.com/a?b=1 转自 @某某某 的消息"


@settings(derandomize=True, deadline=None, max_examples=400)
@given(ANY, st.sampled_from(ORDERS))
def test_T7_normalising_twice_changes_nothing_more(text: str, steps: tuple[str, ...]) -> None:
    normalizer = Normalizer(steps)
    once = normalizer(text)
    assert normalizer(once) == once
    assert len(once) <= NORMALISED_GROWTH.value * len(text)
    once.encode()


def test_T7_hostile_strings_are_normalised_once_and_for_all(subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            normalizer = Normalizer(ALL)
            once = normalizer(text)
            assert normalizer(once) == once
            assert len(once) <= NORMALISED_GROWTH.value * len(text)
            assert not any("\ud800" <= c <= "\udfff" for c in once)


@pytest.mark.parametrize("length", [1, 29, 30, 31, 60, 500])
def test_T7_a_mention_takes_at_most_thirty_characters_of_the_post(length: int) -> None:
    """Chinese has no spaces: what follows a name must not be eaten round after round."""
    text = "@" + "这" * length
    kept = Normalizer(ALL)(text)
    assert kept.count("这") == max(0, length - 30)
    assert kept.startswith("@")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(PLAIN)), st.sampled_from(INVISIBLES)), max_size=40))
def test_T4_invisible_characters_sprinkled_in_change_nothing(places: list[tuple[int, str]]) -> None:
    sprinkled = PLAIN
    for place, character in sorted(places, reverse=True):
        sprinkled = sprinkled[:place] + character + sprinkled[place:]
    assert Normalizer(ALL)(sprinkled) == Normalizer(ALL)(PLAIN)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_nfkc_is_unicode_s_own_where_no_run_of_marks_is_long(text: str) -> None:
    expected = unicodedata.normalize("NFKC", text)
    if len(expected) <= NORMALISED_GROWTH.value * len(text):
        assert Normalizer(("nfkc",))(text) == expected


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.text("0123456789abcXYZ 今天天气不错，去公园走走。！？😂", max_size=60))
def test_posts_without_anything_to_normalise_stay_as_they_are(text: str) -> None:
    assert Normalizer(("drop-invisible", "links", "mentions"))(text) == text


EXAMPLES = [
    ("ＡＢＣ１２３，全角", "ABC123,全角"),
    ("看 https://example.com/a?b=1 吧", "看   吧"),
    ("看www.example.com。好", "看 。好"),
    ("@老王：你来", "@:你来"),
    ("转自@某某·某-1 的", "转自@ 的"),
    ("谣\u200b言", "谣言"),
    ("\ud800", "\ufffd"),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_hand_made_examples(text: str, expected: str) -> None:
    assert Normalizer(ALL)(text) == expected


@pytest.mark.parametrize("count", [1, 10, 5000])
def test_T1_the_worst_character_of_nfkc_is_bounded(count: int) -> None:
    grown = Normalizer(("nfkc",))("\ufdfa" * count)
    assert len(grown) == 4 * count


def test_T2_marks_beyond_the_limit_are_dropped() -> None:
    assert len(Normalizer(("nfkc",))("好" + "\u0315\u0323" * 100_000)) == 31


def test_T6_full_width_syntax_becomes_ascii_before_features_so_it_must_be_escaped_after() -> None:
    assert Normalizer(("nfkc",))("＜script＞＝＠") == "<script>=@"


@pytest.mark.parametrize("steps", [(), ("mentions",), ("html", "nfkc", "contacts"), ("links", "nfkc", "mentions")])
def test_R7_any_normaliser_can_be_had_hiding_contacts_and_links(steps: tuple[str, ...]) -> None:
    own, hiding = Normalizer(steps), Normalizer(steps).hiding()
    assert (own.hides, hiding.hides, hiding.hiding() is hiding) == (False, True, True)
    said = hiding("@河弯弯某 写信给wangwu77@example.com，见https://example.com/river77")
    assert not [one for one in ("河弯弯", "wangwu", "river") if one in said]


def test_no_steps_replace_lone_surrogates_only() -> None:
    assert Normalizer(())("ａ\ud83d@b http://x") == "ａ\ufffd@b http://x"


@pytest.mark.parametrize(
    ("step", "near"), [("nkfc", "nfkc"), ("link", "links"), ("os.system", None), ("", None), ("NFKC", None)]
)
def test_C2_an_unknown_step_is_refused_with_the_known_ones(step: str, near: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        Normalizer(("nfkc", step))
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert repr(step) in message
    assert "where:    text.steps" in message
    assert all(name in message for name in STEPS)
    assert (f"did you mean {near!r}?" in message) == (near is not None)
