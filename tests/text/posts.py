"""Posts for the kernels that read bytes: real ones, random ones rich in what is hard, and another process to try."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from koudai.text.compiled.cache import cache_folder
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.characters.test_normalize import INVISIBLES, PIECES

HARD = (
    *PIECES,
    *INVISIBLES,
    *(
        "https://",
        "HTTP://",
        "hTtpS:/",
        "http\u017f://",
        "ww",
        "wwW.",
        "ｗ",
        "ｓ",
        "ｈｔｔｐ",
        "／",
        "：",
        "．",
        "~",
        "!",
    ),
    *("\u0131", "\u017f", "\u212a", "\uff20", "\ufe6b", "_", "・", "一二三四五六七八九十" * 3, "名字", "\x7f"),
    *("、", "，", "…", "￣", "´", "½", "㌀", "㍍", "\u0e31", "1\ufe0f\u20e3", "ㅠ", "ㅋ", "\uff9f", "\u2fa1d", "𠮷"),
    *("Σ", "ΑΣ", "Σ.", "\u0345", "Ⱥ", "ẞ", "Ǆ", "\x00", "\x85", "\ud83d", "\ude00", "\U0010ffff", "\U00040000"),
    *("\U000e1000", "㍱", "℀"),
    *(
        "<",
        "&",
        "＜",
        "＆",
        "<br />",
        "&lt;",
        "&amp;",
        "&#38;",
        "&#xff06;",
        "&#65308;",
        "#",
        ";",
        "lt",
        "amp;",
        "b",
        ">",
    ),
    *(
        "<a href='http://a.cn/?b=1'>",
        "</a>",
        "<img alt=[笑] src=x>",
        "imgalt=[笑]",
        "&nbsp",
        "&copy;",
        "</p",
        "<!--",
        "-->",
    ),
)
"""Pieces that one rule or another of the kernels is about."""
ANY = st.lists(
    st.one_of(
        st.lists(st.sampled_from(HARD), max_size=20).map("".join),
        st.text(st.characters(codec=None), max_size=30),
        st.builds(lambda piece, times: piece * times, st.sampled_from(HARD), st.integers(0, 70)),
        st.sampled_from([text for _, text in HOSTILE_STRINGS]),
    ),
    max_size=8,
)


def odd_posts(seed: int, n: int) -> list[str]:
    """Return posts of pieces that are hard, ideographs, and characters of any plane."""
    rng = random.Random(seed)
    draw: tuple[Callable[[], str], ...] = (
        lambda: rng.choice(HARD),
        lambda: rng.choice(HARD),
        lambda: chr(rng.randrange(0x4E00, 0xA000)),
        lambda: chr(rng.randrange(0x3400)),
        lambda: chr(rng.randrange(0x110000)),
    )
    return ["".join(rng.choice(draw)() for _ in range(rng.choice((1, 3, 8, 30)))) for _ in range(n)]


def real_posts(find: Callable[[str], Path], n: int) -> list[str]:
    """Return `n` posts of three corpora, or skip the test."""
    import pyarrow.parquet as pq

    names = ("weibo21.parquet", "cold_offensive.parquet", "smp2020_ewect_emotion.parquet")
    texts = [text or "" for name in names for text in pq.read_table(find(name), columns=["text"])["text"].to_pylist()]
    return random.Random(20230310).sample(texts, n)


def random_bytes(seed: int, n: int) -> list[bytes]:
    """Return `n` strings of bytes that are UTF-8 cut anywhere, or no UTF-8 at all."""
    rng = random.Random(seed)
    leads = bytes.fromhex("2f 40 77 80 bf c2 df e0 e2 e3 ed ef f0 f3 f4 f8 ff")
    made = []
    for text in odd_posts(seed, n):
        whole = text.encode("utf-8", "surrogatepass")
        start = rng.randint(0, len(whole))
        noise = bytes(rng.choice(leads) if rng.random() < 0.5 else rng.randrange(256) for _ in range(rng.randint(0, 9)))
        made.append(rng.choice((whole[: rng.randint(0, len(whole))], whole[start:], noise, whole + noise[:1])))
    return made


def without_compiler(code: str, given: object) -> object:
    """Return what `code` prints as JSON in a process where numba is switched off, and cannot be imported; `given` is
    there by that name.
    """
    keep = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline"), "PYTHONUTF8": "1"}
    environ = {**keep, "XDG_CACHE_HOME": str(cache_folder().parent), "KOUDAI_NO_JIT": "1"}
    begin = "import json, sys; sys.modules['numba'] = None; given = json.load(sys.stdin)\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", begin + code],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
