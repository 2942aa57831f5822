"""Normalisation of many posts as bytes (normalize_kernels): what `Normalizer` gives for each string."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.limits import NORMALISED_GROWTH
from koudai.text.characters import characters
from koudai.text.characters import normalize_kernels as kernels
from koudai.text.characters.assigned import is_later
from koudai.text.characters.normalize import STEPS, Normalizer, _kernels, _table
from koudai.text.utf8 import PAD, Utf8, of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.characters.test_normalize import EXAMPLES
from tests.text.linear import assert_linear
from tests.text.posts import ANY, HARD, odd_posts, random_bytes, real_posts, without_compiler

ALL = tuple(STEPS)
PLAIN = tuple(step for step in ALL if step != "html")
ORDERS = [order for length in range(5) for order in itertools.permutations(PLAIN, length)]
ORDERS += [("html",), ("html", *PLAIN), (*PLAIN, "html"), ("links", "html", "nfkc"), ("mentions", "html", "links")]


def test_the_bits_of_the_kernels_are_the_places_of_the_steps() -> None:
    bits = {"nfkc": kernels.NFKC, "drop-invisible": kernels.DROP, "links": kernels.LINKS, "mentions": kernels.MENTIONS}
    assert {name: 1 << ALL.index(name) for name in bits} == bits


def assert_same(texts: list[str], steps: tuple[str, ...]) -> None:
    normalizer = Normalizer(steps)
    many = normalizer.many(of_texts(texts))
    assert many.texts() == [normalizer(text) for text in texts]
    assert not many.data[many.offsets[-1] :].any()
    assert len(many.data) == many.offsets[-1] + PAD


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=400)
@given(ANY, st.sampled_from(ORDERS) | st.lists(st.sampled_from(ALL), max_size=7).map(tuple))
def test_T7_many_posts_are_normalised_as_each_of_them(texts: list[str], steps: tuple[str, ...]) -> None:
    assert_same(texts, steps)


@pytest.mark.slow
@pytest.mark.parametrize("steps", ORDERS, ids="+".join)
def test_T7_in_every_order_of_steps(steps: tuple[str, ...]) -> None:
    assert_same([*(text for _, text in HOSTILE_STRINGS), *odd_posts(20230310, 300)], steps)


def test_T7_pairs_of_what_is_hard() -> None:
    assert_same(["".join(pair) for pair in itertools.product(HARD, repeat=2)], ALL)


def test_nfkc_of_every_character_and_of_all_that_is_composed() -> None:
    """Longer results than `Normalizer` allows are compared elsewhere."""
    clean = [one for one in characters.everything() if not "\ud800" <= one <= "\udfff" and not is_later(one)]
    texts = [f"e{one}e" for one in clean] + [unicodedata.normalize("NFD", one) for one in clean]
    many = Normalizer(("nfkc",)).many(of_texts(texts)).texts()
    expected = [unicodedata.normalize("NFKC", text) for text in texts]
    short = [len(right) <= NORMALISED_GROWTH.value * len(text) for right, text in zip(expected, texts, strict=True)]
    assert list(itertools.compress(many, short)) == list(itertools.compress(expected, short))


@pytest.mark.parametrize("length", [1, 29, 30, 31, 32, 60, 61, 500])
def test_T7_a_mention_takes_at_most_thirty_characters_of_the_post(length: int) -> None:
    assert_same([f"@{one * length}{end}" for one in "这a_·-𠮷" for end in ("", "!", "@", "@" + "名" * 31)], ALL)


def test_what_nfkc_makes_is_seen_by_the_steps_before_it() -> None:
    """U+3371 becomes three letters of a name in as many bytes."""
    assert Normalizer(("mentions", "nfkc")).many(of_texts(["@㍱", "@㈱", "＠a", "㍱"])).texts() == [
        "@",
        "@(株)",
        "@",
        "hPa",
    ]


def test_marks_that_nfkc_makes_are_left_to_python_only_where_something_else_changes() -> None:
    faces = ["（￣▽￣）", "´・ω・｀", "￣\u200b￣", "￣@a", "a￣ www.a"]
    assert kernel(padded([face.encode() for face in faces], 0), ALL, 99)[1] == [2, 3, 4]
    assert_same(faces, ALL)


def test_every_real_post_of_a_sample(real_corpus: Callable[[str], Path]) -> None:
    assert_same(real_posts(real_corpus, 5000), ALL)


def test_hardly_a_real_post_is_left_to_python(real_corpus: Callable[[str], Path]) -> None:
    posts = characters.checked(of_texts(real_posts(real_corpus, 5000)))
    assert len(kernel(posts, ALL, PAD)[1]) < 0.005 * posts.posts


def test_hand_made_examples() -> None:
    assert Normalizer(ALL).many(of_texts([text for text, _ in EXAMPLES])).texts() == [made for _, made in EXAMPLES]


def test_posts_that_grow_have_room() -> None:
    """Half of them more than the room that is kept, and none with anything but growth for Python to do."""
    assert_same(["㍍" * 500, "½" * 300, "好" * 100, "㈱" * 500, "½"], ALL)


def test_a_part_and_nothing() -> None:
    posts = of_texts(["Ａ", "ｂ@c", "Ｃ", "\u0301"])
    assert Normalizer(ALL).many(posts.part(1, 3)).texts() == ["b@", "C"]
    assert Normalizer(ALL).many(posts.part(2, 2)).texts() == []


def test_threads_share_a_normaliser() -> None:
    texts = odd_posts(7, 400)
    normalizer, posts = Normalizer(ALL), of_texts(texts)
    expected = [normalizer(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert all(many.texts() == expected for many in pool.map(normalizer.many, [posts] * 16))


def test_without_a_compiler_the_posts_are_the_same() -> None:
    texts = [text for _, text in HOSTILE_STRINGS if len(text) < 200] + odd_posts(3, 150)
    code = """
from koudai.text.characters.normalize import Normalizer
from koudai.text.utf8 import of_texts
print(json.dumps([Normalizer(steps).many(of_texts(given[0])).texts() for steps in given[1]]))
"""
    orders = [ALL, ALL[::-1], ("links", "nfkc")]
    expected = [[Normalizer(steps)(text) for text in texts] for steps in orders]
    assert without_compiler(code, [texts, orders]) == expected


@pytest.mark.parametrize("unit", ["@", "@a", "@ｂ一", "http://", "www.", "wh", "\u200b", "！", "@\u200b", "www.\u3164"])
def test_T1_many_posts_take_linear_time(unit: str) -> None:
    assert_linear(Normalizer(ALL).many, lambda n: of_texts([unit * (n // len(unit))]))


def kernel(posts: Utf8, steps: tuple[str, ...], spare: int) -> tuple[list[bytes], list[int]]:
    """Return what the kernel itself writes for each post, and the posts that it refuses."""
    out = np.full(int(posts.offsets[-1] - posts.offsets[0]) + spare + PAD, 0x5A, np.uint8)
    stops, refused = np.zeros(len(posts.offsets), np.int64), np.empty(posts.posts, np.int64)
    codes = np.array([1 << ALL.index(step) for step in steps], np.uint8)
    longest = int(np.diff(posts.offsets).max(initial=0))
    run = _kernels().normalise_all
    left = run(posts.data, posts.offsets, out[:-PAD], stops, refused, (codes, 4, longest), _table())
    assert (out[-PAD:] == 0x5A).all(), "written behind the end"
    data, ends = out.tobytes(), stops.tolist()
    return [data[start:stop] for start, stop in itertools.pairwise(ends)], refused[:left].tolist()


@pytest.mark.parametrize("steps", [ALL, ALL[::-1]], ids="+".join)
def test_bytes_that_are_not_utf8_are_read_within_their_post_alone(steps: tuple[str, ...]) -> None:
    """The same bytes give the same wherever they stand, and nothing is written behind the end."""
    posts, room = random_bytes(20230310, 400), 1 << 16
    alone = [kernel(padded([post], 0), steps, room) for post in posts]
    for around in (0x80, 0x40, 0xFF):
        made, refused = kernel(padded(posts, around), steps, room)
        assert made == [piece for pieces, _ in alone for piece in pieces]
        assert refused == [place for place, (_, left) in enumerate(alone) if left]
        kernel(padded(posts, around), steps, PAD)


@pytest.mark.parametrize("texts", [["½" * 99 + "好" * 99], ["½" * 99, "好" * 99], ["½" * 99]])
def test_a_post_that_grows_leaves_the_rest_its_room(texts: list[str]) -> None:
    made, refused = kernel(padded([text.encode() for text in texts], 0), ALL, PAD)
    assert made == [b"", *(text.encode() for text in texts[1:])]
    assert refused == [0]


def test_bytes_that_are_not_utf8_keep_within_every_array() -> None:
    """Plain Python checks each index, and a copy that would reach over an end fails."""
    code = """
import numpy as np
from koudai.text.characters.normalize import _kernels, _table
from koudai.text.utf8 import PAD
run = _kernels().normalise_all
for post in map(bytes.fromhex, given):
    data, offsets = np.frombuffer(post + bytes(PAD), np.uint8), np.array([0, len(post)])
    for steps in ([1, 2, 4, 8], [8, 4, 2, 1]):
        out, stops, refused = np.empty(len(post) + PAD, np.uint8), np.zeros(2, np.int64), np.empty(1, np.int64)
        run(data, offsets, out, stops, refused, (np.array(steps, np.uint8), 4, len(post)), _table())
print(len(given))
"""
    assert without_compiler(code, [post.hex() for post in random_bytes(5, 300)]) == 300


def padded(posts: list[bytes], byte: int) -> Utf8:
    data = np.frombuffer(b"".join(posts) + bytes([byte]) * PAD, np.uint8)
    return characters.checked(Utf8(data, np.cumsum([0, *map(len, posts)])))
