"""Content: words tell apart what differs and nothing else; copies give nothing away (A3), few posts nothing (A1)."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.trying.content import FEWEST_GROUPS, content_of

WATER, EGGS = "明天全城停水赶紧接水", "鸡蛋今天又涨价了"


def posts(n: int, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [
        f"{WATER if i % 2 else EGGS}，{''.join(map(chr, random.integers(0x4E00, 0x9000, 10)))}，{i}" for i in range(n)
    ]


def test_words_tell_apart_what_differs_and_not_what_does_not() -> None:
    content = content_of(posts(120))
    odd = np.arange(120, dtype=np.int8) % 2
    told = content.auc(odd, "rumour", "odd", "auc", seed=1)
    assert (told.n, told.value) == (120, pytest.approx(1, abs=0.01))
    chance = content.auc(np.random.default_rng(1).permutation(odd), "rumour", "any", "auc", seed=1)
    assert (chance.low or 0) < 0.5 < (chance.high or 0)


def test_A3_copies_do_not_give_labels_away() -> None:
    """Each post is there twice with one random label; a model that saw the copy would know it."""
    once = [text[-16:] for text in posts(60)]
    y = np.random.default_rng(2).integers(0, 2, 60).astype(np.int8)
    content = content_of(once + once)
    figure = content.auc(np.tile(y, 2), "rumour", "copies", "auc", seed=1)
    assert (figure.value or 1) < 0.75


def test_A1_too_few_different_posts_have_no_value() -> None:
    y = np.array([1] * (FEWEST_GROUPS - 1) + [0] * 30, dtype=np.int8)
    content = content_of(posts(len(y)))
    assert not content.enough(y)
    assert content.auc(y, "rumour", "few", "auc", seed=1).value is None
    copies = content_of([WATER] * 40 + posts(40))
    assert not copies.enough(np.repeat(np.array([1, 0], dtype=np.int8), 40))


def test_posts_without_words_are_told_by_nothing() -> None:
    content = content_of(["🙂" * (i + 1) for i in range(40)])
    figure = content.auc(np.arange(40, dtype=np.int8) % 2, "rumour", "no words", "auc", seed=1)
    assert figure.value is None or abs(figure.value - 0.5) < 0.3


def test_some_of_the_posts_keep_their_groups() -> None:
    content = content_of([WATER, WATER, EGGS, EGGS])
    part = content.take(np.array([0, 1, 3]))
    assert part.counted.counts[0].shape[0] == 3
    assert part.groups[0] == part.groups[1] != part.groups[2]


def test_blocks_held_out_are_told_apart_by_words_and_blocks_of_one_side_by_nothing() -> None:
    content = content_of(posts(120))
    odd = np.arange(120, dtype=np.int8) % 2
    assert content.auc_apart(odd, np.arange(120) // 12, seed=1) == pytest.approx(1, abs=0.01)
    assert content.auc_apart(odd, odd.astype(np.int64), seed=1) is None
