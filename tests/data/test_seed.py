"""The posts written for the project keep what datasheet and codebook promise: enough of each, nothing twice but in
families, which lie on one side of the split; criticism, complaints and petitions are never labelled as violations.
Offending ids are named.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.taxonomy import Taxonomy
from koudai.text.characters.hazards import hazards
from tests.benchmarks.realism import agree

FIELDS = ["post_id", "text", "labels", "split", "kind", "family", "why"]
NEVER_ALLEGED = ("criticism", "complaint", "petition")
TRADITIONAL = set("們這個來說對時會過還沒麼嗎請問題電話號碼錢醫師學讓給從開關買賣書車東長門見風飛馬魚鳥龍點")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|\\[[\u4e00-\u9fff]{1,4}\\]")
LINK = re.compile(r"(?:https?://|www\.)[!-~]+|网页链接", re.IGNORECASE)
HASHTAG = re.compile(r"#[^#\n]{2,40}#|#\w{2,}")


@functools.cache
def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def posts(root: Path) -> list[dict[str, Any]]:
    return read(root / "data" / "seed" / "posts.jsonl")


def bare(text: str) -> str:
    """The post without white space and links: the beginning of an address is a fixed phrase."""
    return "".join(LINK.sub(" ", text).split())


def ids(posts: list[dict[str, Any]]) -> list[str]:
    return [post["post_id"] for post in posts]


def test_every_line_is_a_post_with_these_fields(posts: list[dict[str, Any]], taxonomy: Taxonomy) -> None:
    assert ids([post for post in posts if list(post) != FIELDS]) == []
    assert ids([post for post in posts if set(post["labels"]) != set(taxonomy.leaves)]) == []
    assert ids([post for post in posts if not {*post["labels"].values()} <= {1, 0, None}]) == []
    assert ids([p for p in posts if any(isinstance(v, bool) for v in p["labels"].values())]) == []
    assert ids([post for post in posts if post["split"] not in ("train", "test")]) == []
    assert (
        ids([p for p in posts if not all(isinstance(p[f], str) for f in FIELDS if f not in ("labels", "family"))]) == []
    )


def test_there_are_enough(posts: list[dict[str, Any]], taxonomy: Taxonomy) -> None:
    assert len(posts) >= 2400
    leaf = Counter(key for post in posts for key, says in post["labels"].items() if says == 1)
    assert {key: leaf[key] for key in taxonomy.leaves if leaf[key] < 90} == {}
    assert sum(1 not in post["labels"].values() for post in posts) >= 1000


def test_both_sides_of_the_split_know_every_leaf(posts: list[dict[str, Any]], taxonomy: Taxonomy) -> None:
    for side in ("train", "test"):
        for says in (0, 1):
            known = Counter(k for p in posts if p["split"] == side for k, v in p["labels"].items() if v == says)
            assert {key: known[key] for key in taxonomy.leaves if known[key] < 10} == {}, (side, says)


def test_lengths_are_4_to_1000_characters(posts: list[dict[str, Any]]) -> None:
    assert ids([post for post in posts if not 4 <= len(post["text"]) <= 1000]) == []


@pytest.mark.parametrize("field", ["post_id", "text"])
def test_no_id_and_no_text_is_there_twice(posts: list[dict[str, Any]], field: str) -> None:
    assert [value for value, n in Counter(post[field] for post in posts).items() if n > 1] == []


def test_ids_say_nothing_about_labels(posts: list[dict[str, Any]]) -> None:
    assert ids([post for post in posts if not re.fullmatch(r"seed-[0-9a-f]{8}", post["post_id"])]) == []


def test_no_two_posts_share_a_run_of_12_characters_but_in_a_family(posts: list[dict[str, Any]]) -> None:
    first: dict[str, str] = {}
    family = {post["post_id"]: post["family"] or post["post_id"] for post in posts}
    shared: dict[tuple[str, str], str] = {}
    for post in posts:
        text = bare(post["text"])
        for i in range(len(text) - 11):
            owner = first.setdefault(text[i : i + 12], post["post_id"])
            if family[owner] != family[post["post_id"]]:
                shared[owner, post["post_id"]] = text[i : i + 12]
    assert shared == {}


def near_pairs(posts: list[dict[str, Any]], threshold: float) -> list[tuple[int, int]]:
    """Exact: every pair of posts with a Jaccard similarity of character 3-grams above `threshold`."""
    grams = [{bare(p["text"])[i : i + 3] for i in range(len(bare(p["text"])) - 2)} for p in posts]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(grams):
        for gram in found:
            holders[gram].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        shared.update((a, b) for k, a in enumerate(places) for b in places[k + 1 :])
    return [(a, b) for (a, b), n in shared.items() if n / (len(grams[a]) + len(grams[b]) - n) > threshold]


@pytest.mark.slow
def test_near_duplicates_are_in_families(posts: list[dict[str, Any]]) -> None:
    pairs = near_pairs(posts, 0.5)
    apart = [
        (posts[a], posts[b]) for a, b in pairs if posts[a]["family"] is None or posts[a]["family"] != posts[b]["family"]
    ]
    assert [ids([a, b]) for a, b in apart] == []


def test_families_are_of_two_or_more_and_on_one_side(posts: list[dict[str, Any]]) -> None:
    members = defaultdict(list)
    for post in posts:
        if post["family"] is not None:
            members[post["family"]].append(post)
    assert [
        name for name, found in members.items() if not re.fullmatch(r"[mp]-[0-9a-f]{6}", name) or len(found) < 2
    ] == []
    assert [name for name, found in members.items() if len({post["split"] for post in found}) > 1] == []
    mass = [found for name, found in members.items() if name.startswith("m")]
    assert 30 <= len(mass) <= 60
    assert [ids(found) for found in mass if len({str(post["labels"]) for post in found}) > 1] == []


def test_a_synthetic_newsreader_decides_what_is_known_of_the_other(posts: list[dict[str, Any]]) -> None:
    media, anchor = "impersonation.news_media", "impersonation.ai_news_anchors"
    assert ids([p for p in posts if p["labels"][media] == 1 and p["labels"][anchor] == 0]) == []


def test_the_search_for_near_pairs_finds_planted_ones(posts: list[dict[str, Any]]) -> None:
    single = [post for post in posts if post["family"] is None and len(post["text"]) > 40][:50]
    planted = [*single, {**single[7], "text": single[7]["text"][:-3] + "。就这样"}]
    assert near_pairs(planted, 0.5) == [(7, 50)]


def test_splits_never_divide_what_koudai_calls_near_duplicates(posts: list[dict[str, Any]]) -> None:
    groups = near_duplicate_groups([post["text"] for post in posts])
    side = np.array([post["split"] for post in posts])
    divided = [g for g in np.unique(groups) if len(set(side[groups == g])) > 1]
    assert [ids(posts)[g] for g in divided] == []


@pytest.mark.parametrize("kind", NEVER_ALLEGED)
def test_criticism_complaints_and_petitions_are_never_labelled_1(posts: list[dict[str, Any]], kind: str) -> None:
    mine = [post for post in posts if post["kind"] == kind]
    assert len(mine) >= 40
    assert ids([post for post in mine if 1 in post["labels"].values()]) == []
    assert {post["split"] for post in mine} == {"train", "test"}


def test_kind_and_labels_agree(posts: list[dict[str, Any]]) -> None:
    assert ids([p for p in posts if (p["kind"] == "alleged") != (1 in p["labels"].values())]) == []


def test_every_post_has_a_reason_in_words(posts: list[dict[str, Any]]) -> None:
    assert ids([post for post in posts if len(post["why"]) < 8 or len(post["why"].split()) < 2]) == []


@pytest.mark.parametrize("sign", ["traditional", "emoji", "link", "hashtag", "line break"])
def test_some_of_everything_a_feed_has(posts: list[dict[str, Any]], sign: str) -> None:
    there: Callable[[str], object] = {
        "traditional": lambda text: len(TRADITIONAL & set(text)) >= 3,
        "emoji": EMOJI.search,
        "link": LINK.search,
        "hashtag": HASHTAG.search,
        "line break": lambda text: "\n" in text,
    }[sign]
    found = [post for post in posts if there(post["text"])]
    assert len(found) >= 10
    alleged = sum(1 in post["labels"].values() for post in found) / len(found)
    assert 0.05 < alleged < 0.95  # no sign is a label in disguise


def test_the_datasheet_counts_right(posts: list[dict[str, Any]], taxonomy: Taxonomy, root: Path) -> None:
    sheet = (root / "data" / "seed" / "DATASHEET.md").read_text(encoding="utf-8")
    for key in taxonomy.leaves:
        says = Counter(post["labels"][key] for post in posts)
        assert f"| {key} | {says[1]} | {says[None]} |" in sheet
    benign = [post for post in posts if 1 not in post["labels"].values()]
    assert f"{len(posts):,} posts of" in sheet
    assert f"Of the {len(benign)} under none" in sheet
    for kind, n in Counter(post["kind"] for post in benign).items():
        assert f"{kind} ({n})" in sheet.replace("\n", " ")


def test_no_post_holds_what_a_reader_cannot_see(posts: list[dict[str, Any]]) -> None:
    assert {post["post_id"]: hazards(post["text"]) for post in posts if hazards(post["text"])} == {}


def test_the_datasheet_says_how_far_a_second_coding_agrees(root: Path) -> None:
    datasheet = (root / "data" / "seed" / "DATASHEET.md").read_text(encoding="utf-8")
    (exact,) = [
        line for line in agree(root / "data" / "seed" / "second-coding.csv").splitlines() if line.startswith("exact")
    ]
    assert f"After that the same set: {exact.removeprefix('exact sets: ')}." in datasheet
