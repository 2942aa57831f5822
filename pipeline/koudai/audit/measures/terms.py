"""Terms: the words that set a category's posts apart from all other posts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, TermList, named, phrase
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure

SHOWN = 20
FALSE_DISCOVERY_RATE = 0.05
PRIOR_MASS = 500.0


@measure(
    "terms",
    needs=("scores", "texts", "words"),
    zh="哪些词撑起了这个类别？",
    en="Which words carry the category?",
    place=70,
    declares=Declaration(
        statistics=(named("z", zh="z 值", en="z", unit="z"),),
        terms=TermList(
            "z",
            name=phrase(zh="最有代表性的词", en="Most telling terms"),
            explanation=phrase(
                zh="z 越大，这个词越偏向涉嫌帖；‹ › 表示字的片段。",
                en="The larger z, the more the term leans to alleged posts; ‹ › marks characters rather than a word.",
            ),
        ),
    ),
)
def terms(given: AuditInput) -> AuditFrame:
    """Log-odds of a word in tagged against untagged posts, divided by its standard error: z, without bound.

    z = δ/√(1/(yᵢ+α) + 1/(yⱼ+α)), where δ is the difference of the two log-odds after adding to each count an
    informative Dirichlet prior α, proportional to the word's count in all posts. Only words that are more frequent
    in tagged posts and remain at a false discovery rate of 5 % (Benjamini-Hochberg) are shown, at most 20, largest
    z first; n is the number of tagged posts with the word. Words of the topic rather than of the violation are a
    sign that the category tags topics.

    Source: Monroe, Colaresi & Quinn 2008, "Fightin' words"; Benjamini & Hochberg 1995.

    中文
    某词在被标记与未标记帖子里的对数几率之差，除以其标准误，即 z 值（无上下限）。两边词频都先加上与该词总频次成比例的
    狄利克雷先验。只列出在被标记帖子里更常见、且在 5% 错误发现率（Benjamini-Hochberg）下仍显著的词，至多 20 个，
    按 z 从大到小；n 是含该词的被标记帖子数。如果列出来的都是话题词而不是“违规”本身的词，说明这个类别抓的是话题。
    """
    counts, vocabulary = given.scored_texts.word_counts
    figures = []
    for column, key in enumerate(given.categories):
        tagged = given.alleged[:, column]
        if not tagged.any() or tagged.all():
            continue
        inside = np.asarray(counts[tagged].sum(axis=0)).ravel().astype(np.float64)
        outside = np.asarray(counts[~tagged].sum(axis=0)).ravel().astype(np.float64)
        z = weighted_log_odds(inside, outside)
        posts = np.bincount(counts[tagged].indices, minlength=len(vocabulary))
        kept = significant(z)
        for place in sorted(np.flatnonzero(kept), key=lambda i: (-z[i], vocabulary[i]))[:SHOWN]:
            figures.append(Figure(key, vocabulary[place], "z", float(z[place]), int(posts[place])))
    return AuditFrame("terms", tuple(figures))


def weighted_log_odds(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return z of each word; see `terms`.

    Parameters
    ----------
    inside, outside : ndarray of float64, shape (n_words,)
        Counts of each word in tagged and in other posts.

    Examples
    --------
    >>> weighted_log_odds(np.array([30.0, 10.0]), np.array([10.0, 30.0])).round(2).tolist()
    [1.72, -1.72]
    """
    both = inside + outside
    if not both.sum():
        return np.zeros_like(both)
    alpha = PRIOR_MASS * both / both.sum()
    y_i, y_j = inside + alpha, outside + alpha
    n_i, n_j = y_i.sum(), y_j.sum()
    delta = np.log(y_i / (n_i - y_i)) - np.log(y_j / (n_j - y_j)) if len(both) > 1 else np.zeros_like(both)
    return np.asarray(delta / np.sqrt(1.0 / y_i + 1.0 / y_j))


def significant(z: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which z are above 0 and stay at the false discovery rate, one-sided.

    Examples
    --------
    >>> significant(np.array([4.0, 1.0, -5.0])).tolist()
    [True, False, False]
    """
    from scipy.stats import norm

    p = norm.sf(z)
    order = np.argsort(p, kind="stable")
    passed = p[order] <= FALSE_DISCOVERY_RATE * np.arange(1, len(p) + 1) / max(len(p), 1)
    kept = np.zeros(len(p), dtype=bool)
    if passed.any():
        kept[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return kept & (z > 0)
