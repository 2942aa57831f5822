"""Strings that reach every corner of the segmenter, and what it answers to them as a few digests.

Processes in which the kernels are compiled in another way, or not at all, are compared by the digests.
"""

from __future__ import annotations

import functools
import hashlib
import random
from pathlib import Path

import numpy as np

from koudai.text.jieba.dictionary import jieba_folder
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, of_texts
from tests.hostile.strings import HOSTILE_STRINGS

WORDS = ("绝绝子 0", "停水 0", "喜大 0", "普奔 0", "中国 0", "T恤 0", "停" * 300 + " 5", "全县停水七天", "C++ 9")
"""A user dictionary that adds words and takes others from jieba's hidden Markov model."""
MADE = "刚接到通知，明天起全县停水七天！喜大普奔绝绝子，T恤AA制卡拉OK中国C++ 3.14%a1.b"

ENDS = (
    b"\r",
    b".",
    b"a.",
    b"%",
    b"\xc3",
    b"\xe4",
    b"\xe4\xbd",
    b"\xed\xa0",
    b"\xf0",
    b"\xf0\x9f\x98",
    b"\xff",
    b"\x80",
)
"""Ends of a post after which a reader could want more bytes."""


@functools.cache
def _words() -> tuple[list[str], list[str]]:
    """Return all words of the dictionary, and the characters that begin some but are none."""
    lines = (jieba_folder() / "dict.txt").read_text(encoding="utf-8").splitlines()
    words = [line.partition(" ")[0] for line in lines]
    return words, sorted({word[0] for word in words}.difference(words))


def odd_strings(seed: int, n: int) -> list[str]:
    """Words and pieces of words of the dictionary, what has no count of its own, rare characters, letters and marks."""
    rng = random.Random(seed)
    known, rare = _words()
    draw = (
        lambda: rng.choice(known),
        lambda: rng.choice(known)[: rng.randint(1, 5)],
        lambda: rng.choice(rare),
        lambda: chr(rng.randrange(0x4E00, 0x9FF0)),
        lambda: "".join(rng.choices("019azAZ.%+#&_- \t\r\n，。！", k=rng.randint(1, 6))),
        lambda: chr(rng.randrange(0x110000)),
        lambda: rng.choice("的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家"),
        lambda: rng.choice(MADE),
    )
    return ["".join(rng.choice(draw)() for _ in range(rng.randint(1, 14))) for _ in range(n)]


def odd_bytes(seed: int, n: int) -> Utf8:
    """Posts of any bytes, most of them not UTF-8, some as long as one batch of the kernels, the last with no pad."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([0, 0, 1, 2, 3, 4, 5, 8, 40, 1364, 4093, 4094, 4095, 4096, 4097, 9000], n, p=_mostly_short(16))
    offsets = np.concatenate([[7], 7 + sizes.cumsum()])
    data = rng.integers(0x70, 0x100, int(offsets[-1]), dtype=np.uint8)
    valid = np.frombuffer((MADE * (len(data) // len(MADE.encode()) + 1)).encode(), np.uint8)[: len(data)]
    keep = np.repeat(rng.random(len(data) // 60 + 1) < 0.6, 60)[: len(data)]
    return Utf8(np.where(keep, valid, data), offsets)


def ending(end: bytes) -> Utf8:
    """Return posts that end so, the last of them where the memory ends."""
    posts = [MADE.encode() + end, end, "停水".encode() + end]
    return Utf8(np.frombuffer(b"".join(posts), np.uint8), np.cumsum([0, *map(len, posts)]))


def _mostly_short(n: int) -> list[float]:
    short = 9
    return [0.95 / short] * short + [0.05 / (n - short)] * (n - short)


def digests(*, cache: Path, posts: tuple[str, ...], plain: bool) -> dict[str, str]:
    """Return what `posts`, bytes that are no text, hostile strings and long posts are cut into, as sha256.

    Parameters
    ----------
    cache
        Where the dictionaries lie.
    plain
        Whether it is for plain Python, where a character takes as long as a post does when compiled: all is shorter.
    """
    marks, times, most = (["!" * 200] * 3, 400, 300) if plain else (["!" * 3000] * 20, 3000, None)
    hostile = [text[:most] for _, text in HOSTILE_STRINGS]
    empty = [""] * (48 if plain else 5000)
    shapes = ["", *empty, MADE * (times // 50), "停水" * times, "a" * times, "\r\n" * times, *"停水", ""]
    given = {
        **{f"end {end.hex()}": ending(end) for end in ENDS},
        "marks": of_texts(marks),
        "bytes": odd_bytes(5, 40 if plain else 4000),
        "hostile": of_texts(hostile),
        "shapes": of_texts(shapes),
        "posts": of_texts(posts),
    }
    found = {}
    for words, hmm in (((), True), ((), False), (WORDS, True)):
        segmenter = Segmenter(hmm=hmm, user_dict=words, cache=cache)
        for name, texts in given.items():
            spans = b"".join(map(bytes, segmenter.spans(texts)))
            found[f"{name} {hmm} {len(words)}"] = hashlib.sha256(spans).hexdigest()
    found["words"] = hashlib.sha256(repr(segmenter.cut_many(hostile)).encode()).hexdigest()
    return found
