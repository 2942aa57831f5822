"""Linear time: normalisation, hazards, segmentation and every regular expression, on attack strings made for them.

Every compiled pattern of ``koudai.text`` is found by walking the modules, so that
a new one is timed the moment it exists.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import koudai.text
from koudai.config.train import DEFAULT_STEPS
from koudai.text.characters.hazards import hazards
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.text.linear import assert_linear

UNITS = (
    *("a", "啊", " ", "\n", "0", "0 ", "0-", "@", "@a", "a@", "a.", "a@a.", "-", "·", "_", "！", "😂"),
    *("http://", "http", "https://a", "www.", "wwww", "h", "微信", "微信 ", "微信号：", "qq:", "wx a"),
    *("\u200b", "\ufe0f", "\u3164", "\u202e", "\U000e0041", "\ud800", "\x00", "\ufdfa", "\u0301", "\u0301\u0323"),
    *(
        "<",
        "<a ",
        "<a b='",
        "&",
        "&#",
        "...",
        "…全文http://",
        "展开",
        "\\",
        "\\n",
        "此微博",
        "抱歉，",
        "å",
        "è¯´",
        "鍚璇存",
    ),
    *("\u0951\u0952", "\u0e48\u0e38", "\uff9e\u0301", "\U0001e8d0\U0001e944"),
)
ENDINGS = ("", "!", "@", "\ufffd")
SIZES = (4_000, 16_000)
"""Quadratic at the last is hundreds of millions of steps: ten times what `assert_linear` lets pass unmeasured."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Give each pattern of text; those of bytes read koudai's own source files."""
    found = pkgutil.walk_packages(koudai.text.__path__, "koudai.text.")
    modules = [importlib.import_module(one.name) for one in found if not one.name.endswith("_kernels")]
    for module in modules:
        for name, value in vars(module).items():
            yield from ((f"{module.__name__}.{name}", pattern) for pattern in _inside(value))
            if callable(value) and name in ("_run", "_stacked", "_misread", "compiled_forms"):
                yield from ((f"{module.__name__}.{name}()", pattern) for pattern in _inside(value()))


def _inside(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _inside(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _inside(item)


PATTERNS = sorted(
    {id(pattern): (name, pattern) for name, pattern in patterns()}.values(), key=lambda pair: (pair[0], pair[1].pattern)
)
"""Each but once, however many modules have it."""


def test_T3_the_walk_finds_the_patterns() -> None:
    assert {name.rpartition(".")[2] for name, _ in PATTERNS} >= {
        "_SIGNS",
        "_WORD",
        "_LINK",
        "_MENTION",
        "compiled_forms()",
        "_run()",
        "_misread()",
        "_MARKUP",
        "_NOTICE",
    }


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [pattern for _, pattern in PATTERNS], ids=[name for name, _ in PATTERNS])
def test_T3_every_pattern_takes_linear_time(pattern: re.Pattern[str]) -> None:
    for unit in UNITS:
        for ending in ENDINGS:
            assert_linear(
                lambda text: pattern.sub("", text), lambda n, u=unit, e=ending: (u * (n // len(u) + 1))[:n] + e, SIZES
            )


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_T1_T2_normalisation_and_hazards_take_linear_time(unit: str) -> None:
    normalizer = Normalizer(DEFAULT_STEPS)
    assert_linear(normalizer, lambda n: (unit * (n // len(unit) + 1))[:n])
    assert_linear(hazards, lambda n: (unit * (n // len(unit) + 1))[:n])


@pytest.mark.parametrize("unit", ["猋", "龘靐", "的", "㐀", "a", " ", "中国人民", "，"])
@pytest.mark.parametrize("hmm", [True, False])
def test_P5_segmentation_takes_linear_time(unit: str, hmm: bool) -> None:
    """Jieba's own Viterbi search copies its path at every character: 40,000 rare ones took half a minute."""
    assert_linear(Segmenter(hmm=hmm).cut, lambda n: unit * (n // len(unit)), SIZES)
