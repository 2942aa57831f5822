"""What is learnt from, counted in and decided of some posts, as digests: to compare plain Python with compiled code.

Run as a program it prints them as JSON. With ``collide`` every word and n-gram hashes to the same slot, and all long
words to the same key, so that only comparing them tells them apart; only plain Python can be changed so.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import numpy as np

from koudai.model.ngrams import growing_kernels
from koudai.model.ngrams.counting import Vocabulary, cut, scorer_rows
from koudai.model.ngrams.learning import learn
from koudai.model.vectoriser.features import JiebaTfidfVectorizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import PAD, Utf8, of_texts
from tests.model.oracles import POSTS
from tests.model.tiny import tiny_posts

LONG = ["abcdefghijkl", "abcdefghijkm", "zbcdefghijkl", "abcdefghijklm", "abcdefgh", "abcdefgi", "𠮷" * 3]
N_GRAMS = {"words": [(1, 1), (1, 3)], "chars": [(1, 4), (2, 3)]}


MANY = [*tiny_posts()[0][:70:3], *POSTS, " ".join(LONG), "，".join(LONG[::-1]), "\0" * 50, "\0a\0", ""]
FEW = MANY[20:]


def digest(*arrays: Any) -> str:
    return hashlib.sha256(b"|".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()[:16]


def digests(texts: list[str]) -> dict[str, Any]:
    """Return digests of counts, terms and decisions, for each kind and range of n-grams."""
    found: dict[str, Any] = {}
    some = cut(of_texts(texts), Segmenter())
    for kind, ranges in N_GRAMS.items():
        for ngrams in ranges:
            how: dict[str, Any] = {"kind": kind, "ngrams": ngrams, "stop_words": ["的", "，"]}
            learnt = learn(some.posts, segmenter=Segmenter(), **how)
            every = np.arange(len(learnt.frequency))
            counts, terms = learnt.counts(every), learnt.terms(every)
            again = Vocabulary(terms, **how).count(some)
            out = np.zeros((some.posts.posts, 3))
            idf, weights = np.linspace(1, 2, len(every)), np.linspace(-1, 1, 2 * len(every), dtype=np.float32)
            rows = scorer_rows(idf, weights.reshape(-1, 2))
            Vocabulary(terms, **how).decide(some, rows, sublinear_tf=False, out=out)
            found[f"{kind} {ngrams}"] = [
                digest(counts.data, counts.indices, counts.indptr),
                digest(again.data, again.indices, again.indptr),
                digest(terms.data[: terms.offsets[-1]], terms.offsets),
                digest(np.round(out, 9) + 0.0),
            ]
    vectorizer = JiebaTfidfVectorizer(ngram_range=(1, 2), char_ngram_range=(1, 2))
    for name, features in (("fit", vectorizer.fit_transform(texts)), ("transform", vectorizer.transform(texts))):
        found[name] = digest(np.round(features.data, 12), features.indices, features.indptr)
    return found | {"damaged": damaged()}


def damaged() -> str:
    """Return a digest of what is found in posts of any bytes; plain Python would raise if one read too far."""
    rng = np.random.default_rng(20230310)
    sizes = rng.integers(0, 9, 120)
    heads = rng.choice(np.array([0x41, 0x20, 0x80, 0xBF, 0xC3, 0xE5, 0xE3, 0xF0, 0xF8, 0xFF, 0], np.uint8), sizes.sum())
    posts = Utf8(np.concatenate([heads, np.full(PAD, 0x80, np.uint8)]), np.concatenate([[0], sizes.cumsum()]))
    found = []
    for kind in N_GRAMS:
        some = cut(posts, Segmenter())
        matrices = [Vocabulary(posts, kind=kind, ngrams=(1, 3)).count(some)]
        matrices.append(Vocabulary(["A", "A ", " ", "\0", "A A"], kind=kind, ngrams=(1, 3)).count(some))
        found += [array for one in matrices for array in (one.data, one.indices, one.indptr)]
    learnt = learn(posts, kind="words", ngrams=(1, 2), segmenter=Segmenter())
    return digest(*found, learnt.frequency, learnt.terms(np.arange(len(learnt.frequency))).offsets)


if __name__ == "__main__":
    if hasattr(growing_kernels.plant, "py_func"):
        sys.exit("this is compiled code")
    collide = "collide" in sys.argv
    if collide:
        growing_kernels._MULTIPLIER = np.uint64(0)
    sys.stdout.write(json.dumps(digests(FEW if collide else MANY)))
