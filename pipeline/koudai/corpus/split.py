"""Splits: which posts a model is fitted on and which it is tested on.

Promises: a split by group or by time puts each near-duplicate group on one side; leaks of an official split are marked
post by post and counted, never repaired silently; every post is to fit on, to test on, or unused for a reason that the
config gives; the same seed gives the same split whatever the order of posts.

official
    By the values of each source's split column. Posts of a source without one are divided by group, but follow the
    posts of their group that are divided officially: to fit on if one of these is fitted on, else to test on if one
    is tested on. Where no source has one, all are divided by group.
group
    Whole groups at random, `test_share` of them to the test side.
time
    Posts from the `cutoff` day on are tested on, older ones fitted on; without a cutoff it is the day from which on
    there are `test_share` of the dated posts, or as few more as that day has. A group with posts of both times is
    fitted on: its later posts say nothing new.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from koudai.config.train import SplitSection
from koudai.corpus.corpus import Corpus
from koudai.corpus.reading.quarantine import in_words, reasons_of
from koudai.errors import ConfigError, LabelError, ReadError, TooFewPosts, number_of
from koudai.registry import did_you_mean
from koudai.text.characters.contacts.masking import masked_value


@dataclass(frozen=True)
class Split:
    """Masks over a corpus, each of shape (n_posts,), and how they came about.

    `fit` and `test` are disjoint. `leaked` marks test posts with a near-duplicate in `fit`; ``test & ~leaked`` are the
    unseen posts. `by` gives how each source was divided, `cutoff` the first day of the test side, `straddling` the
    number of groups with posts from before and after it, and the number of later posts that are fitted on for that.

    Examples
    --------
    >>> fit = np.array([True, True, False, False])
    >>> split = Split(fit, ~fit, leaked=np.array([False, False, True, False]))
    >>> int((split.test & ~split.leaked).sum())
    1
    """

    fit: NDArray[np.bool_]
    test: NDArray[np.bool_]
    leaked: NDArray[np.bool_]
    by: dict[str, str] = field(default_factory=dict)
    cutoff: str | None = None
    straddling: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class SourceSizes:
    """How one source is divided, and its number of posts on each side, unused and leaked."""

    by: str
    fit: int
    test: int
    unused: int
    leaked: int


@dataclass(frozen=True)
class SplitSizes:
    """The sizes of a split.

    Parameters
    ----------
    fit, test, unused
        Number of posts.
    leaked, leaked_across
        Number of test posts with a near-duplicate that is fitted on, and with one from another corpus.
    cutoff
        First day of the test side, if posts are divided by time.
    straddling
        Number of ``groups`` with posts from before and after it, and of ``posts`` that are fitted on for that.
    sources
        The same by source.

    Examples
    --------
    >>> sizes = SplitSizes(8, 2, 0, leaked=1, leaked_across=0, cutoff=None, straddling={}, sources={})
    >>> sizes.test - sizes.leaked  # unseen posts
    1
    """

    fit: int
    test: int
    unused: int
    leaked: int
    leaked_across: int
    cutoff: str | None
    straddling: dict[str, int]
    sources: dict[str, SourceSizes]


def split_corpus(corpus: Corpus, groups: NDArray[np.int64], section: SplitSection, *, seed: int) -> Split:
    """Divide a corpus as its config says.

    Parameters
    ----------
    corpus
        Posts with their sources' own splits and dates.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post.
    section
        What to do.
    seed
        Of the random division.

    Raises
    ------
    ConfigError
        If a side of the official split is named both to fit and to test on.
    LabelError
        If the official split lacks a side that the config names, or has one that it does not name.
    ReadError
        If posts without a date are to be divided by time.
    TooFewPosts
        If either side is empty.

    Examples
    --------
    >>> n = 100
    >>> text = np.full(n, "", dtype=object)
    >>> ids = [str(number) for number in range(n)]
    >>> corpus = Corpus(ids, ids, np.zeros((n, 1), np.int8), split=text, source=text, weight=np.ones(n), sources={})
    >>> groups = np.arange(n) // 2  # pairs of near-duplicates
    >>> split = split_corpus(corpus, groups, SplitSection(use="group"), seed=7)
    >>> bool((split.test[::2] == split.test[1::2]).all()), int(split.leaked.sum())
    (True, 0)
    """
    by: dict[str, str] = dict.fromkeys(corpus.sources, section.use)
    cutoff, straddling = None, (0, 0)
    if section.use == "official":
        fit, test = _official(corpus, section)
        free = corpus.split == ""
        if free.any():
            by |= {str(name): "group" for name in np.unique(corpus.source[free].astype(str))}
            fitted, tested = (np.isin(groups, groups[side]) for side in (fit, test))
            drawn = ~fitted & (tested | _drawn(corpus, groups, section, seed=seed))
            fit, test = np.where(free, ~drawn, fit), np.where(free, drawn, test)
    elif section.use == "group":
        test = _drawn(corpus, groups, section, seed=seed)
        fit = ~test
    else:
        fit, test, cutoff, straddling = _by_time(corpus, groups, section)
    if not fit.any() or not test.any():
        raise TooFewPosts(
            what="one side of the split is empty",
            got=f"{int(fit.sum())} posts to fit on, {int(test.sum())} to test on"
            + (f"; rows that are no posts: {in_words(reasons_of(corpus.quarantined))}" if corpus.quarantined else ""),
            happened="nothing was trained on",
            todo="bring more posts, or another split" + (", or correct these rows" if corpus.quarantined else ""),
        )
    leaked = test & np.isin(groups, groups[fit])
    return Split(fit, test, leaked, by=by, cutoff=cutoff, straddling=straddling)


def describe_split(split: Split, corpus: Corpus, groups: NDArray[np.int64]) -> SplitSizes:
    """Return the sizes of a split and the number of leaked posts, together and by source.

    Examples
    --------
    >>> name = np.array(["a", "a", "b"], dtype=object)
    >>> none = np.zeros((3, 1), np.int8)
    >>> corpus = Corpus(["1", "2", "3"], ["x", "y", "x"], none, name, name, np.ones(3), {"a": None, "b": None})
    >>> fit = np.array([True, True, False])
    >>> split = Split(fit, ~fit, leaked=np.array([False, False, True]))
    >>> describe_split(split, corpus, groups=np.array([0, 1, 0])).leaked_across
    1
    """
    unused = ~split.fit & ~split.test
    sources, across = {}, 0
    for name in corpus.sources:
        own = corpus.source == name
        across += int((split.leaked & own & np.isin(groups, groups[split.fit & ~own])).sum())
        sides = (("fit", split.fit), ("test", split.test), ("unused", unused), ("leaked", split.leaked))
        counts = {side: int((mask & own).sum()) for side, mask in sides}
        sources[name] = SourceSizes(by=split.by.get(name, ""), **counts)
    return SplitSizes(
        fit=int(split.fit.sum()),
        test=int(split.test.sum()),
        unused=int(unused.sum()),
        leaked=int(split.leaked.sum()),
        leaked_across=across,
        cutoff=split.cutoff,
        straddling={"groups": split.straddling[0], "posts": split.straddling[1]},
        sources=sources,
    )


def _official(corpus: Corpus, section: SplitSection) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    both = sorted(set(section.fit) & set(section.test))
    if both:
        raise ConfigError(
            what=f"split.fit and split.test both name {', '.join(both)}",
            where="split.fit and split.test",
            expected="no post on both sides",
            happened="nothing was trained on",
            todo="take it out of one of them",
        )
    counts = Counter(corpus.split.tolist())
    usual = SplitSection()
    if set(counts) <= {""} and (section.fit, section.test) == (usual.fit, usual.test):
        return np.zeros(len(corpus), dtype=bool), np.zeros(len(corpus), dtype=bool)
    named = (*section.fit, *section.test)
    missing = [name for name in named if name not in counts]
    if missing:
        raise LabelError(
            what=f"the corpus has no split called {', '.join(missing)}",
            where="split.fit and split.test",
            expected=", ".join(value or "(none)" for value in sorted(counts)),
            happened="nothing was trained on",
            todo="name the sides that are there, or set split.use = 'group'",
        )
    strange = sorted(set(counts) - {*named, *section.unused, ""})
    if strange:
        hints = {value: did_you_mean(value, list(named)) for value in strange}
        raise LabelError(
            what=number_of(len(strange), "value of the split column stands", "values of the split column stand")
            + " for no side",
            where="split.fit, split.test and split.unused",
            expected=", ".join([*named, *section.unused]),
            got="\n".join(
                f"{masked_value(value)} ({number_of(counts[value], 'post')})" + (f", {hint}" if hint else "")
                for value, hint in hints.items()
            ),
            happened="nothing was trained on",
            todo="correct the column, or name the value under split.fit, split.test or split.unused",
        )
    return np.isin(corpus.split, section.fit), np.isin(corpus.split, section.test)


def _drawn(corpus: Corpus, groups: NDArray[np.int64], section: SplitSection, *, seed: int) -> NDArray[np.bool_]:
    """Return a mask of the posts whose groups are drawn for the test side."""
    first: dict[int, str] = {}
    for group, source, post_id in zip(groups.tolist(), corpus.source, corpus.ids, strict=True):
        name = f"{seed}\0{source}\0{post_id}"
        first[group] = min(first.get(group, name), name)
    draw = {group: _draw(name) for group, name in first.items()}
    return np.array([draw[group] < section.test_share for group in groups.tolist()], dtype=bool)


def _draw(text: str) -> float:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def _by_time(
    corpus: Corpus, groups: NDArray[np.int64], section: SplitSection
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], str, tuple[int, int]]:
    dated = ~np.isnat(corpus.date)
    if not dated.any() or (section.undated == "refuse" and not dated.all()):
        without = Counter(corpus.source[~dated].tolist())
        columns = {name: corpus.sources[name].columns.date for name in without}
        raise ReadError(
            what=number_of(int((~dated).sum()), "post") + " without a date cannot be divided by time",
            where="split.use = 'time'",
            expected="a date for every post",
            got="\n".join(
                f"corpus {name!r}: {number_of(count, 'post')}, "
                + (f"column {columns[name]!r}" if columns[name] else "no columns.date in its file")
                for name, count in sorted(without.items())
            ),
            happened="nothing was trained on",
            todo="name the date column under columns.date; split.undated = 'unused' leaves out posts without one",
        )
    days = np.sort(corpus.date[dated]).astype("datetime64[D]")
    cutoff = np.datetime64(section.cutoff or days[int(len(days) * (1 - section.test_share))], "D")
    old = dated & (corpus.date < cutoff)
    late = dated & ~old
    late_again = late & np.isin(groups, groups[old])
    straddling = (len(np.unique(groups[late_again])), int(late_again.sum()))
    return old | late_again, late & ~late_again, str(cutoff), straddling
