"""Definition: whether the words that define a category occur in what is tagged as it."""

from __future__ import annotations

from string import ascii_lowercase, digits

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share_among
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.text.characters.normalize import Normalizer, lowercase
from koudai.text.utf8 import Utf8
from koudai.training.intervals import PostClusters

_BETWEEN = 0xDFFF
"""Half a character that is in no term, so that none is found across two posts."""
_TOGETHER = 8192
_POINTS = 0x110000


@measure(
    "definition",
    needs=("scores", "texts"),
    zh="定义里的词出现在被标记的帖子里吗？",
    en="Do the defining words occur in what is tagged?",
    place=68,
    declares=Declaration(
        statistics=(
            named(
                "holds_any",
                zh="含定义用词的比例",
                en="holds a defining term",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "untagged_holds_any",
                zh="未标记帖中含用词的比例",
                en="untagged, holds a defining term",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "terms_never_seen",
                zh="从未出现的用词占比",
                en="terms never seen",
                unit="share",
                why=phrase(zh="用词就是这些，没有可推断的总体。", en="These are all the terms; nothing is inferred."),
            ),
            named("in_tagged", zh="在被标记帖中", en="in tagged posts", unit="share", interval="wilson, effective n"),
            named("in_all", zh="在全部帖中", en="in all posts", unit="share", interval="wilson, effective n"),
        ),
        components=(
            Component(
                "defining",
                name=phrase(zh="定义用词", en="Definition"),
                brief=phrase(zh="涉嫌帖含定义用词；竖线为其余帖", en="alleged posts with its words; tick: others"),
                explanation=phrase(
                    zh="涉嫌帖中出现定义用词的比例；竖线是未标记的帖子中的比例。",
                    en="The share of alleged posts that hold any word of the definition; the tick is the share among "
                    "posts without the tag.",
                ),
                section="in-the-pocket",
                place=50,
                pick=Pick("holds_any"),
                reference=Pick("untagged_holds_any"),
            ),
        ),
        charts=(
            Chart(
                "defining-terms",
                kind="bars",
                name=phrase(zh="定义用词出现多少", en="Do its own words occur?"),
                explanation=phrase(
                    zh="每个定义用词在涉嫌帖中的比例；竖线是在全部帖子中的比例。",
                    en="Share of alleged posts that hold each word of the definition; tick: of all posts.",
                ),
                statistics=("in_tagged",),
                place=160,
                beside="in_all",
                of=phrase(zh="用词", en="term"),
                axis=phrase(zh="占涉嫌帖", en="of alleged posts"),
            ),
        ),
    ),
)
def definition(given: AuditInput) -> AuditFrame:
    """Share of a category's tagged posts that hold any term of its definition, from 0 to 1, with a Wilson interval
    (effective n of clusters).

    The terms are those that the taxonomy lists for the category. *holds_any* is the share among tagged posts,
    *untagged_holds_any* the same among posts that were scored and not tagged; *in_tagged* and *in_all* give each term
    alone, among tagged and among all scored posts; *terms_never_seen* is the share of the terms that no scored post
    holds, n their number. Terms are looked for anywhere in a post, after compatibility forms are made one (NFKC) and
    invisible characters dropped; those of Latin letters as whole words. A low share means that the category takes
    posts which do not speak its language, so its name does not say what is in it; a share as high among untagged posts
    means that the words define nothing; a term never seen is a rule without a case here. Categories without terms have
    no figures.

    中文
    某类别被标记的帖子里，含有该类别定义用词的比例（0 到 1，附按簇折算的 Wilson 区间）。用词以分类表中列出的为准。“含
    定义用词的比例”是被标记帖子中的比例，“未标记帖中含用词的比例”是已判定而未标记的帖子中的比例；“在被标记帖中”“在全部
    帖中”两项逐词给出比例；“从未出现的用词占比”是没有任何帖子含有的用词所占的比例，n 为用词个数。查找前统一兼容字符
    （NFKC）并去掉不可见字符；中文词出现在任何位置都算，拉丁字母的词须独立成词。比例低，说明这个类别装进了不说这套话的
    帖子，名目概括不了内容；如果未标记的帖子里比例也一样高，说明这些词什么也界定不了；从未出现的词，就是在这批帖子里没
    有对象的规定。没有列出用词的类别不给数值。
    """
    terms = {key: given.taxonomy[key].terms for key in given.categories}
    holds = held(given.scored_texts.posts, sorted({term for words in terms.values() for term in words}))
    figures = []
    every = PostClusters.of(given.clusters, n=len(given.ids))
    for column, key in enumerate(given.categories):
        if not terms[key]:
            continue
        tagged = given.alleged[:, column]
        spared = ~tagged & ~given.abstained
        of_tagged, of_spared = _among(tagged, given), _among(spared, given)
        any_term = np.logical_or.reduce([holds[term] for term in terms[key]])
        figures += [
            share_among(key, ALL, "holds_any", any_term[tagged], of_tagged),
            share_among(key, ALL, "untagged_holds_any", any_term[spared], of_spared),
        ]
        seen = [bool(holds[term].any()) for term in terms[key]]
        never = seen.count(False) / len(seen) if len(tagged) else None
        figures.append(Figure(key, ALL, "terms_never_seen", never, len(seen) if len(tagged) else 0))
        for term in dict.fromkeys(terms[key]):
            figures += [
                share_among(key, term, "in_tagged", holds[term][tagged], of_tagged),
                share_among(key, term, "in_all", holds[term], every),
            ]
    return AuditFrame("definition", tuple(figures))


def _among(rows: NDArray[np.bool_], given: AuditInput) -> PostClusters:
    return PostClusters.of(None if given.clusters is None else given.clusters[rows], n=int(rows.sum()))


def held(posts: Utf8, terms: list[str]) -> dict[str, NDArray[np.bool_]]:
    """Return for each term which posts hold it; arrays of shape (n_posts,).

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> holds = held(of_texts(["辟 谣", "VPN 加速", "vpns"]), ["谣", "vpn"])
    >>> {term: found.tolist() for term, found in holds.items()}
    {'谣': [True, False, False], 'vpn': [False, True, False]}
    """
    normalizer = Normalizer(("nfkc", "drop-invisible"))
    plain = lowercase(normalizer.many(posts))
    words = {term: normalizer(term).lower() for term in terms}
    spelled = {term: _codes(word) for term, word in words.items() if word}
    found = {term: np.zeros(posts.posts, dtype=bool) for term in terms}
    first = {term: int(word[0]) for term, word in spelled.items()}
    behind = 1 + max(map(len, words.values()), default=0)
    opens = np.zeros(_POINTS, dtype=bool)
    opens[[*first.values()]] = True
    letters = np.zeros(_POINTS, dtype=bool)
    letters[_codes(ascii_lowercase + digits)] = True
    for begin in range(0, posts.posts, _TOGETHER):
        codes, starts = _apart(plain.part(begin, min(begin + _TOGETHER, posts.posts)), behind)
        possible = np.flatnonzero(opens[codes])
        initial = codes[possible]
        of_initial = {one: possible[initial == one] for one in set(first.values())}
        for term, word in spelled.items():
            at = of_initial[first[term]]
            for place, code in enumerate(word[1:].tolist(), start=1):
                at = at[codes[at + place] == code]
            if words[term].isascii():  # a word of its own, next to no letter or digit of ASCII
                at = at[~letters[codes[at - 1]] & ~letters[codes[at + len(word)]]]
            found[term][begin + np.searchsorted(starts, at, side="right") - 1] = True
    return found


def _apart(posts: Utf8, behind: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the code points of posts, `_BETWEEN` before and between them and `behind` times after the last, and where
    each begins.
    """
    data = posts.data[posts.offsets[0] : posts.offsets[-1]]
    codes = _codes(data.tobytes().decode("utf-8", "surrogatepass"))
    begun = np.concatenate([np.zeros(1, np.int64), np.cumsum((data & 0xC0) != 0x80)])
    stops = begun[posts.offsets - posts.offsets[0]]
    places = np.arange(posts.posts + 1) + 1
    apart = np.full(len(codes) + len(places) + behind, _BETWEEN, np.int32)
    apart[np.arange(len(codes)) + np.repeat(places[:-1], np.diff(stops))] = codes
    return apart, stops + places


def _codes(text: str) -> NDArray[np.int32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)
