"""The casebook: every problem of a damaged one listed at once, and the bundled one keeps what it promises: enough
cases and functions, true minimal pairs, titles in both languages, and nothing shared with the posts fitted on.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from koudai.audit.inputs.casebook import SHOWN, Casebook, load_casebook
from koudai.errors import ConfigError, ReadError
from koudai.taxonomy import Taxonomy
from tests.audit.table import tiny_taxonomy
from tests.benchmarks.realism import casebook, poses

FUNCTIONS = '[asserts]\ntitle_zh = "断言"\ntitle_en = "Asserts"\n'
GOOD = {
    "case_id": "c1",
    "function": "asserts",
    "pair_id": "p1",
    "text": "明天停水",
    "expected": ["rumour"],
    "why": "states it flatly",
}


def write(folder: Path, lines: list[Any], *, functions: str = FUNCTIONS) -> Path:
    path = folder / "cases.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    (folder / "functions.toml").write_text(functions, encoding="utf-8")
    return path


def refused(path: Path) -> ReadError:
    with pytest.raises(ReadError) as caught:
        load_casebook(path, taxonomy=tiny_taxonomy())
    assert caught.value.exit_code == 3
    assert caught.value.where == path
    return caught.value


def test_a_good_one_is_read_in_file_order(tmp_path: Path) -> None:
    second = {**GOOD, "case_id": "c2", "text": "明天停水吗", "expected": []}
    book = load_casebook(write(tmp_path, [second, "", "  ", GOOD]), taxonomy=tiny_taxonomy())
    assert [case.case_id for case in book.cases] == ["c2", "c1"]
    assert book.cases[1].expected == ("rumour",)
    assert book.functions == ["asserts"]
    assert (book.titles["asserts"].zh, book.titles["asserts"].en) == ("断言", "Asserts")


def test_every_problem_is_listed_at_once_with_its_line(tmp_path: Path) -> None:
    lines = [
        GOOD,
        {**GOOD, "text": "明天停电"},
        {**GOOD, "case_id": "c3", "expected": ["rumor", "nothing"]},
        {**GOOD, "case_id": "c4", "function": "asks"},
        {**GOOD, "case_id": "c5", "text": ""},
        {**GOOD, "case_id": "c6", "text": "水" * 1001},
        {**GOOD, "case_id": "c7", "colour": "red"},
        {key: value for key, value in GOOD.items() if key != "why"},
        "{not json",
        "[1, 2]",
        {**GOOD, "case_id": "c11", "expected": ["posing"]},
        "[" * 100_000,
        {**GOOD, "case_id": "c13", "expected": "rumour"},
    ]
    error = refused(write(tmp_path, lines, functions=FUNCTIONS + '[asks]\ntitle_en = "Asks"\n[jokes]\ntitle = 1\n'))
    got = str(error.got)
    for sign in (
        "functions.toml, asks: title_zh",
        "functions.toml, jokes: title_zh",
        "line 2: case 'c1' is there twice",
        "line 3: no leaf category 'rumor'",
        "line 3: no leaf category 'nothing'",
        "line 5: text",
        "line 6: text",
        "line 7: colour",
        "line 8: why",
        "line 9:",
        "line 10:",
        "line 11: no leaf category 'posing'",
        "line 12:",
        "line 13: expected",
    ):
        assert sign in got, sign
    assert "line 1:" not in got
    assert error.what.startswith("14 problems")
    assert "rumour, posing.army, posing.press" in str(error.expected)
    assert error.happened == "nothing was measured"
    assert error.todo == "correct these lines"


def test_a_function_that_is_not_in_the_list(tmp_path: Path) -> None:
    error = refused(write(tmp_path, [GOOD, {**GOOD, "case_id": "c2", "function": "ask"}]))
    assert error.got == "line 2: function 'ask' is not in functions.toml"


def test_beyond_so_many_problems_the_rest_is_counted(tmp_path: Path) -> None:
    error = refused(write(tmp_path, [GOOD] * (SHOWN + 31)))
    assert error.what == f"{SHOWN + 30} problems in the casebook"
    lines = str(error.got).split("\n")
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "and 30 more"


def test_no_file_no_functions_not_utf8(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.jsonl").what == "the casebook cannot be read"
    path = write(tmp_path, [GOOD])
    path.write_bytes("明天停水".encode("gb18030"))
    assert refused(path).what == "the casebook cannot be read"
    write(tmp_path, [GOOD]).with_name("functions.toml").unlink()
    with pytest.raises(ConfigError, match="no such file") as caught:
        load_casebook(path, taxonomy=tiny_taxonomy())
    assert "functions.toml" in str(caught.value.where)


@pytest.fixture(scope="module")
def bundled_casebook(root: Path, taxonomy: Taxonomy) -> Casebook:
    return load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=taxonomy)


def test_bundled_there_is_enough_of_it(bundled_casebook: Casebook, taxonomy: Taxonomy) -> None:
    assert len(bundled_casebook.cases) >= 640
    assert len(bundled_casebook.functions) >= 40
    per_function = Counter(case.function for case in bundled_casebook.cases)
    assert {function for function, n in per_function.items() if n < 8} == set()
    per_leaf = Counter(key for case in bundled_casebook.cases for key in case.expected)
    assert {key: per_leaf[key] for key in taxonomy.leaves if per_leaf[key] < 15} == {}
    benign = sum(not case.expected for case in bundled_casebook.cases)
    assert benign >= len(bundled_casebook.cases) / 3


def test_bundled_pairs_share_half_their_words_or_the_function_says_why_not(root: Path) -> None:
    table = casebook()
    assert table in (root / "data" / "casebook" / "README.md").read_text(encoding="utf-8")
    (line,) = [line for line in table.splitlines() if "or the function says why" in line]
    assert line.endswith("| 440 | 100 % |")


def test_bundled_three_poses_in_five_do_not_give_themselves_away(root: Path) -> None:
    cases = map(json.loads, (root / "data" / "casebook" / "cases.jsonl").read_text(encoding="utf-8").splitlines())
    silent = [one for kind in poses(list(cases)).values() for one in kind]
    assert sum(silent) >= 0.6 * len(silent)


def test_bundled_every_leaf_has_near_misses(bundled_casebook: Casebook, taxonomy: Taxonomy) -> None:
    """Cases that are out of a leaf and share a pair, so most of their words, with one that is in it."""
    inside = {(case.pair_id, key) for case in bundled_casebook.cases for key in case.expected}
    near = Counter(
        key
        for case in bundled_casebook.cases
        for pair, key in inside
        if pair == case.pair_id and key not in case.expected
    )
    assert {key: near[key] for key in taxonomy.leaves if near[key] < 15} == {}


def test_bundled_its_readme_counts_what_is_there(bundled_casebook: Casebook, root: Path) -> None:
    cases = bundled_casebook.cases
    readme = " ".join((root / "data" / "casebook" / "README.md").read_text(encoding="utf-8").split())
    pairs, functions = len({case.pair_id for case in cases}), len(bundled_casebook.functions)
    assert f"{len(cases)} cases in {pairs} pairs and {functions} functions" in readme
    assert f"{sum(not case.expected for case in cases)} cases expect no tag" in readme


def test_bundled_pairs_differ_in_what_is_expected(bundled_casebook: Casebook) -> None:
    pairs = defaultdict(list)
    for case in bundled_casebook.cases:
        pairs[case.pair_id].append(frozenset(case.expected))
    assert {pair for pair, expected in pairs.items() if len(expected) < 2 or len(set(expected)) < 2} == set()


def test_bundled_cases_of_a_pair_share_their_words(bundled_casebook: Casebook) -> None:
    """Minimal pairs: the cases of a pair have more character pairs in common than cases of different pairs."""

    def grams(text: str) -> set[str]:
        return {text[i : i + 2] for i in range(len(text) - 1)}

    def likeness(a: str, b: str) -> float:
        return len(grams(a) & grams(b)) / min(len(grams(a)), len(grams(b)))

    cases = bundled_casebook.cases
    together = [
        likeness(a.text, b.text) for a in cases for b in cases if a.case_id < b.case_id and a.pair_id == b.pair_id
    ]
    apart = [likeness(a.text, b.text) for a, b in zip(cases, cases[100:], strict=False)]
    assert sum(together) / len(together) > 5 * sum(apart) / len(apart)


def test_bundled_ids_and_texts_are_unique(bundled_casebook: Casebook) -> None:
    assert max(Counter(case.case_id for case in bundled_casebook.cases).values()) == 1
    assert [text for text, n in Counter(case.text for case in bundled_casebook.cases).items() if n > 1] == []


def test_bundled_every_function_has_a_title_in_both_languages_and_cases(bundled_casebook: Casebook) -> None:
    assert set(bundled_casebook.titles) == set(bundled_casebook.functions)
    for name, title in bundled_casebook.titles.items():
        assert any("\u4e00" <= character <= "\u9fff" for character in title.zh), name
        assert title.en.isascii(), name
        assert len(title.en) > 5, name
    for side in ("zh", "en"):
        titles = [getattr(title, side) for title in bundled_casebook.titles.values()]
        assert len(set(titles)) == len(titles)


def test_bundled_cases_share_no_run_of_12_characters_with_the_seed(bundled_casebook: Casebook, root: Path) -> None:
    def runs(text: str) -> set[str]:
        bare = "".join(re.sub(r"https?://[!-~]+", "", text).split())  # the beginning of an address is a fixed phrase
        return {bare[i : i + 12] for i in range(len(bare) - 11)}

    lines = (root / "data" / "seed" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    seed = {run: post["post_id"] for post in map(json.loads, lines) for run in runs(post["text"])}
    shared = {
        (case.case_id, seed[run]): run for case in bundled_casebook.cases for run in runs(case.text) if run in seed
    }
    assert len(seed) > 10_000
    assert shared == {}
