"""Posts written for these tests, corpora made of them, and the near-duplicates people make of a post."""

from __future__ import annotations

import numpy as np

from koudai.config.source import Source
from koudai.corpus.corpus import Corpus

POSTS = (
    "今天早高峰地铁三号线又停了二十分钟，站台上挤得转不开身，广播只说在排查故障。",
    "邻居家的猫跑到我们阳台上晒太阳，赶都赶不走，最后给它倒了一小碟水。",
    "听说下周起菜场要搬到河对岸去，摊主们都说没接到通知，谁知道是真是假？",
    "孩子第一次自己坐公交去外婆家，我在后面偷偷跟了三站，他一次也没回头。",
    "楼道的灯坏了半个月，物业电话打了五遍，每次都说师傅在路上了。",
    "周末和老同学爬山，半路下起大雨，躲在亭子里吃完了所有的干粮。",
    "这家面馆换了老板以后味道淡了不少，价格倒是涨了两块，唉。",
    "晒一下阳台种的番茄，春天撒的种子，昨天终于红了第一个！",
)


def copies(post: str) -> tuple[str, ...]:
    """Return what people make of a post when they pass it on: near-duplicates, each above the threshold."""
    return (post, post + "！！！转", post.replace("，", " "), f"{post} http://t.cn/A6xyz", "转：" + post, post.upper())


def corpus_of(
    texts: list[str], *, ids: list[str] | None = None, split: list[str] | None = None, name: str = "made"
) -> Corpus:
    """Return a corpus of `texts` without labels."""
    n = len(texts)
    return Corpus(
        ids=ids or [f"p{i}" for i in range(n)],
        texts=texts,
        labels=np.full((n, 2), -1, dtype=np.int8),
        split=np.array(split or [""] * n, dtype=object),
        source=np.full(n, name, dtype=object),
        weight=np.ones(n),
        sources={name: Source(name=name, file="made.jsonl")},
    )
