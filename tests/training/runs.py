"""Small runs of several corpora, written for tests: a config, its tables, and what is in them."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = [
    "今天",
    "楼下",
    "早上",
    "邻居",
    "孩子",
    "公交",
    "面馆",
    "阳台",
    "番茄",
    "物业",
    "电话",
    "周末",
    "爬山",
    "地铁",
    "广播",
    "站台",
    "菜场",
    "河边",
    "老师",
    "医院",
]
ALARM = ["听说", "停水", "赶紧", "内部消息", "马上", "抢购", "不转", "千万", "出大事", "封城"]


def sentences(n: int, *, seed: int, share: float = 0.5) -> list[tuple[str, str]]:
    """Return `n` different texts, each with the label ``in`` (it has words of alarm) or ``out``."""
    random_ = random.Random(seed)
    found = []
    for number in range(n):
        label = "in" if random_.random() < share else "out"
        words = random_.choices(WORDS, k=9) + (random_.choices(ALARM, k=4) if label == "in" else [])
        random_.shuffle(words)
        found.append((f"{seed}号{number}" + "".join(words), label))
    return found


def write_table(path: Path, rows: list[tuple[str, ...]], *columns: str) -> Path:
    """Write a CSV of texts and further columns, ids numbered."""
    lines = [",".join(["post_id", "text", *columns])]
    lines += [",".join([f"p{number}", *row]) for number, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def section(name: str, *, columns: str = "", category: str = "rumour", rules: tuple[str, ...] = ("in", "out")) -> str:
    """Return the part of a config that names a corpus in ``NAME.csv`` whose labels say 1 and 0 of a category."""
    said, reason = {"in": 1, "out": 0}, "made so for a test"
    labels = "\n".join(
        f'  {{ source = "{rule}", category = "{category}", says = {said[rule]}, fit = "direct", reason = "{reason}" }},'
        for rule in rules
    )
    return f"""
[[corpus]]
[corpus.source]
name = "{name}"
file = "{name}.csv"
columns = {{ label = "label"{columns} }}
label = [
{labels}
]
"""


def write_config(path: Path, *corpora: str, split: str = 'use = "group"', categories: str = '["rumour"]') -> Path:
    """Write a config of `corpora` that trains in a second."""
    path.write_text(
        f"""
[run]
name = "own"
taxonomy = "cac-2023"
categories = {categories}
[split]
{split}
[features]
words = [1, 1]
chars = [1, 2]
[decide]
folds = 2
[track]
enabled = false
{"".join(corpora)}""",
        encoding="utf-8",
    )
    return path
