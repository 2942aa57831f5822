"""Quotes: which posts the report shows under each category, by a rule that is written down and a seed.

Promises: the same input and seed quote the same posts; no post is chosen by hand; where the report is redacted, ids are
hashed and account names, links and contact details are masked, in every quoted post.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.report import QuotedPost
from koudai.audit.wording_runs import rate
from koudai.model.evidence import strongest_terms
from koudai.model.model import Model
from koudai.text.characters.contacts.masking import mask
from koudai.text.characters.hazards import hazards, without_surrogates
from koudai.text.utf8 import of_texts

LONGEST, TERMS = 500, 8
"""Characters of a quoted post, and terms of evidence in it, at most."""
HALF = 0.5
"""Share of answers that differ under another wording from which on the tag of a post turns."""
RULE = {
    "en": (
        "Per category, at most {n} posts of each role, drawn with seed {seed} from: typical, the twentieth of its "
        "tagged posts with the highest probability; borderline, the {n4} posts nearest its threshold; contradicting, "
        "labelled posts whose label and tag differ; turning, posts whose tag turns in half of the answers or more "
        "under another wording. Posts longer than {longest} characters are cut."
    ),
    "zh": (
        "每个类别、每种角色至多 {n} 条，以种子 {seed} 从下列帖子中抽取：“典型”为被标记帖子中概率最高的二十分之一；"
        "“边界”为离阈值最近的 {n4} 条；“与标注不一致”为人工标注与标记不同的帖子；"
        "“随措辞翻转”为换一种写法，至少一半回答的标记翻转的帖子。"
        "超过 {longest} 个字符的帖子截短。"
    ),
}


def quoting_rule(*, per_role: int, seed: int) -> dict[str, str]:
    """Return the rule in both languages, with its numbers.

    Examples
    --------
    >>> sorted(quoting_rule(per_role=3, seed=7))
    ['en', 'zh']
    """
    return {
        language: text.format(n=per_role, seed=seed, n4=4 * per_role, longest=LONGEST)
        for language, text in RULE.items()
    }


def quote_posts(given: AuditInput, *, per_category: int, redact: bool) -> list[QuotedPost]:
    """Choose the posts to quote.

    Parameters
    ----------
    given
        The audit's input; without texts nothing is quoted.
    per_category
        Posts per category: a third of so many of each role.
    redact
        Whether ids are hashed and texts masked.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> given = AuditInput(
    ...     taxonomy=find_taxonomy("cac-2023", configs=bundled("configs")),
    ...     categories=("rumour",),
    ...     seed=7,
    ...     ids=["a"],
    ...     proba=np.array([[0.9]], dtype=np.float32),
    ...     alleged=np.array([[True]]),
    ...     abstained=np.array([False]),
    ...     quarantined=0,
    ...     texts=["加微信 abc_123"],
    ...     threshold=np.array([0.5]),
    ... )
    >>> typical, borderline = quote_posts(given, per_category=3, redact=True)
    >>> typical.role, typical.text, borderline.role
    ('typical', '加微信 [contact]', 'borderline')
    """
    per_role = per_category // 3
    if not per_role or given.texts is None or given.threshold is None:
        return []
    chosen: list[_Chosen] = []
    for column, key in enumerate(given.categories):
        random = given.generator(f"quoted {key}")
        proba = given.proba[:, column]
        tagged = np.flatnonzero(given.alleged[:, column] & np.isfinite(proba))
        top = tagged[_least(-proba[tagged], max(per_role, len(tagged) // 20))]
        distance = np.abs(np.nan_to_num(proba, nan=9.0) - given.threshold[column])
        near = _least(distance, 4 * per_role)
        near = near[np.isfinite(proba[near])]
        for role, pool in (("typical", top), ("borderline", near)):
            for i in _draw(pool, per_role, random):
                chosen.append(_Chosen(key, role, given.ids[i], given.texts[i], float(proba[i]), given.alleged[i], {}))
        chosen += _contradicting(given, column, per_role, random)
        chosen += _turning(given, column, per_role, random)
    quoted = [one.quoted(given.categories, redact=redact) for one in chosen]
    return _with_evidence(quoted, [one.text for one in chosen], given.model)


def _least(values: NDArray[np.floating[Any]], n: int) -> NDArray[np.intp]:
    """Return the places of the `n` least values in their order, of equal ones the first first."""
    if n >= len(values):
        return np.argsort(values, kind="stable")
    some = np.flatnonzero(values <= np.partition(values, n - 1)[n - 1])
    return some[np.argsort(values[some], kind="stable")][:n]


class _Chosen(NamedTuple):
    """A post that is quoted, as it was read; labels by category, where they are known."""

    category: str
    role: str
    post_id: str
    text: str
    probability: float
    alleged: NDArray[np.bool_]
    labels: dict[str, int]

    def quoted(self, categories: tuple[str, ...], *, redact: bool) -> QuotedPost:
        """Return the post as the report shows it."""
        shown = without_surrogates(self.text)
        shown = mask(shown) if redact else shown
        return QuotedPost(
            category=self.category,
            role=self.role,
            post_id=hashlib.sha256(self.post_id.encode()).hexdigest()[:10] if redact else self.post_id,
            text=shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…",
            probability=self.probability,
            alleged=tuple(key for key, tag in zip(categories, self.alleged, strict=True) if tag),
            labels=self.labels,
            hazards=tuple(hazards(self.text)),
        )


def _contradicting(given: AuditInput, column: int, per_role: int, random: np.random.Generator) -> list[_Chosen]:
    """Return labelled posts whose label and tag differ."""
    found = given.labelled
    if found is None:
        return []
    labels, proba = found.labels[:, column], found.proba[:, column]
    differ = (labels >= 0) & (labels != found.alleged[:, column]) & np.isfinite(proba)
    key, chosen = given.categories[column], []
    for i in _draw(np.flatnonzero(differ), per_role, random):
        known = {name: int(label) for name, label in zip(given.categories, found.labels[i], strict=True) if label >= 0}
        one = _Chosen(key, "contradicting", found.ids[i], found.texts[i], float(proba[i]), found.alleged[i], known)
        chosen.append(one)
    return chosen


def _turning(given: AuditInput, column: int, per_role: int, random: np.random.Generator) -> list[_Chosen]:
    """Return scored posts whose tag turns under another wording of the category."""
    found, key = given.wordings, given.categories[column]
    if found is None or given.texts is None or key not in found.said:
        return []
    first, *others = (rate(runs) for runs in found.said[key])
    moved = np.max([np.nan_to_num(np.abs(first - one)) for one in others], axis=0)
    row = row_indices(found.ids, given.ids)
    pool = np.sort(row[(moved >= HALF) & (row >= 0)])
    pool = pool[np.isfinite(given.proba[pool, column])]
    texts, proba, tags = given.texts, given.proba[:, column], given.alleged
    return [
        _Chosen(key, "turning", given.ids[i], texts[i], float(proba[i]), tags[i], {})
        for i in _draw(pool, per_role, random)
    ]


def _draw(pool: NDArray[np.intp], n: int, random: np.random.Generator) -> NDArray[np.intp]:
    return np.sort(random.choice(pool, min(n, len(pool)), replace=False)) if len(pool) else pool


def _with_evidence(quoted: list[QuotedPost], texts: list[str], model: Model | None) -> list[QuotedPost]:
    """Return the posts with the terms of them that weigh most for the category they are quoted under.

    A term that the quoted text does not contain, because it is masked, cut off or spelt otherwise, is left out.
    """
    if model is None or not quoted:
        return quoted
    asked = np.array([[post.category == key for key in model.categories] for post in quoted])
    found = strongest_terms(model, of_texts(texts), asked, TERMS)
    terms = iter(model.named(found.features))
    return [
        replace(post, evidence=_held([next(terms) for _ in range(count)], post.text))
        for post, count in zip(quoted, found.counts.tolist(), strict=True)
    ]


def _held(terms: list[str], text: str) -> tuple[str, ...]:
    held: dict[str, None] = {}
    for term in terms:
        parts = term.removeprefix("‹").removesuffix("›").split("·")
        pattern = r"\s*".join(re.escape(part) for part in parts)
        held.update(dict.fromkeys(one for one in re.findall(pattern, text, re.IGNORECASE) if one.strip()))
    return tuple(held)
