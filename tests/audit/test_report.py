"""The report as data: the same both ways through JSON, and whatever is not a whole report is refused with the reason.

The page is drawn from it, so a report that is taken in has every field of the kind that the page expects.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.frame import ALL, COLUMNS, AuditFrame, Figure
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.quotes import quoting_rule
from koudai.audit.report import AuditReport, NotMeasured, QuotedPost, load_report
from koudai.errors import ReadError
from tests.audit.table import KEYS, table


@functools.cache
def report() -> AuditReport:
    given = table()
    return AuditReport(
        provenance={
            "name": "表",
            "created_at": "2026-11-22T08:00:00+00:00",
            "koudai": "0",
            "seed": 7,
            "redacted": True,
            "config": {},
            "model": {"name": "tiny", "digest": "d" * 16, "classifier": "none"},
            "inputs": [{"role": "scores", "name": "job", "rows": 12, "sha256": "0" * 64, "licence": ""}],
        },
        conservation={"read": 15, "scored": 9, "abstained": 3, "quarantined": 3},
        taxonomy=given.taxonomy,
        validated_on=dict.fromkeys(KEYS, "written"),
        frames={name: MEASURES[name].taken(given) for name in measures_in_order() if name != "themes"},
        not_measured=(NotMeasured("themes", ("texts",)),),
        posts=(
            QuotedPost(
                category="rumour",
                role="typical",
                post_id="t0",
                text="刚停水\u2028‮倒着写🙂\x00<b>",
                probability=0.92,
                alleged=("rumour",),
                labels={"rumour": 1},
                hazards=("bidi", "control"),
            ),
        ),
        sampling=quoting_rule(per_role=3, seed=7),
        declared={name: MEASURES[name].declaration for name in measures_in_order()},
    )


@functools.cache
def whole() -> dict[str, Any]:
    """Return the report as JSON; not to be changed."""
    told: dict[str, Any] = json.loads(json.dumps(report().to_json(), allow_nan=False))
    return told


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.mark.slow
def test_json_in_json_out(tmp_path: Path) -> None:
    again = load_report(write(tmp_path / "report.json", whole()))
    assert again == report()
    assert again.to_json() == report().to_json()
    assert again.taxonomy.digest == report().taxonomy.digest
    assert list(again.frames) == [name for name in measures_in_order() if name != "themes"]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=50)
@every(
    st.text(max_size=12),
    st.floats(allow_nan=True) | st.none(),
    st.integers(0, 10**9),
    st.text(max_size=20),
)
def test_any_words_and_numbers_survive(group: str, value: float | None, n: int, text: str) -> None:
    whole = report()
    frame = AuditFrame("overlap", (Figure(ALL, group, "jaccard", value, n, value, value),))
    changed = AuditReport(**{**vars(whole), "frames": {"overlap": frame}, "provenance": {"name": text}})
    written = json.dumps(changed.to_json(), ensure_ascii=False, allow_nan=False)
    assert AuditReport.from_json(json.loads(written)) == changed


def test_a_report_of_before_there_was_a_schema_is_read() -> None:
    old = {name: value for name, value in whole().items() if name != "$schema"}
    assert AuditReport.from_json(old) == report()


@pytest.mark.slow
def test_one_long_frame_holds_every_figure() -> None:
    found = report().to_pandas()
    assert list(found.columns) == ["measure", *COLUMNS]
    assert list(found.measure.unique()) == [name for name, frame in report().frames.items() if frame.figures]
    for name, frame in report().frames.items():
        rows = found[found.measure == name].drop(columns="measure").reset_index(drop=True)
        expected = frame.to_pandas()
        assert rows[["category", "group", "statistic", "n"]].equals(expected[["category", "group", "statistic", "n"]])
        for column in ("value", "low", "high"):
            assert rows[column].equals(expected[column].astype("float64"))


def test_one_long_frame_of_no_figures_has_the_same_columns_and_kinds() -> None:
    full = report().to_pandas()
    empty = AuditReport(**{**vars(report()), "frames": {}}).to_pandas()
    assert empty.empty
    assert empty.dtypes.equals(full.dtypes)


@pytest.mark.parametrize(
    "value",
    [
        *(None, 3, "report", [], {}, {"format": "koudai-audit"}),
        *(lambda: {**whole(), "protocol": 3}, lambda: {**whole(), "format": "other"}),
    ],
    ids=["null", "number", "text", "list", "empty", "no protocol", "newer protocol", "other format"],
)
def test_not_a_report(value: Any) -> None:
    value = value() if callable(value) else value
    with pytest.raises(ReadError) as caught:
        AuditReport.from_json(value, where="some.json")
    error = caught.value
    assert error.what == "this is not an audit report this version reads"
    assert error.expected == "format 'koudai-audit', protocol 2"
    assert error.where == "some.json"
    assert "`api.audit`" in str(error.todo)
    assert error.exit_code == 3


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a report whose kind matters; provenance and longer lists only in part."""
    if path[:1] == ("provenance",) and len(path) > 1:
        return
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else list(enumerate(value))[:2] if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


FIELDS = ("provenance", "conservation", "taxonomy", "validated_on", "frames", "measures", "declared", "not_measured")
FIELDS += ("posts", "sampling")
ODD: tuple[Any, ...] = (None, [], {}, "x", -1, 1.5, True, [[]], {"zh": 1}, float("nan"), 10**400)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@every(st.deferred(lambda: st.sampled_from(list(places(whole())))), st.sampled_from(ODD))
def test_damage_is_refused_or_still_a_whole_report(path: tuple[Any, ...], odd: Any) -> None:
    damaged = copy.deepcopy(whole())
    at(damaged, path[:-1])[path[-1]] = odd
    try:
        found = AuditReport.from_json(damaged, where="damaged")
    except ReadError:  # anything else raised is a failure
        return
    json.dumps(found.to_json(), allow_nan=True)  # whatever is taken in can be given out again
    law = found.conservation
    assert law["read"] == law["scored"] + law["abstained"] + law["quarantined"]
    assert all(isinstance(rule, str) for rule in found.sampling.values())
    for frame in found.frames.values():
        for figure in frame.figures:
            assert isinstance(figure.n, int)
            assert figure.value is None or isinstance(figure.value, float)


@pytest.mark.parametrize("name", FIELDS)
def test_damaged_a_missing_field_is_named(name: str) -> None:
    assert {*FIELDS} == {*whole()} - {"$schema", "format", "protocol"}
    damaged = {key: value for key, value in whole().items() if key != name}
    with pytest.raises(ReadError, match="the audit report is damaged") as caught:
        AuditReport.from_json(damaged, where="report.json")
    assert name in str(caught.value.got)
    assert caught.value.todo == "audit again"


def test_damaged_every_problem_at_once() -> None:
    damaged = copy.deepcopy(whole())
    damaged["frames"]["coverage"][0]["n"] = "many"
    damaged["posts"][0]["colour"] = "red"
    del damaged["sampling"]
    with pytest.raises(ReadError) as caught:
        AuditReport.from_json(damaged)
    got = str(caught.value.got)
    assert "frames.coverage.0.n" in got
    assert "posts.0.colour" in got
    assert "sampling" in got


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"conservation": {"read": 16, "scored": 9, "abstained": 3, "quarantined": 3}}, "conservation"),
        ({"conservation": {"read": 15, "scored": 12, "abstained": 3}}, "conservation"),
        ({"conservation": {"read": 1, "scored": -2, "abstained": 3, "quarantined": 0}}, "conservation"),
        ({"measures": ["coverage"]}, "measures"),
        ({"validated_on": {"rumour": "hearsay"}}, "validated_on.rumour"),
        ({"taxonomy": lambda: {**whole()["taxonomy"], "category": []}}, "taxonomy.category"),
    ],
)
def test_damaged_what_does_not_add_up(change: dict[str, Any], said: str) -> None:
    change = {name: value() if callable(value) else value for name, value in change.items()}
    with pytest.raises(ReadError, match="the audit report is damaged") as caught:
        AuditReport.from_json({**whole(), **change})
    assert said in str(caught.value.got)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b"9" * 5000,
        lambda: json.dumps(whole()).encode()[:-40],
    ],
    ids=["empty", "cut", "not UTF-8", "NaN", "lone surrogate", "too deep", "giant number", "cut at the end"],
)
def test_a_file_that_is_not_a_report(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content() if callable(content) else content)
    with pytest.raises(ReadError, match=r"this is not a report\.json") as caught:
        load_report(path)
    assert caught.value.where == path
    assert "`api.audit`" in str(caught.value.todo)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file") as caught:
        load_report(tmp_path / "none.json")
    assert caught.value.where == tmp_path / "none.json"
    with pytest.raises(ReadError, match=r"this is not a report\.json"):
        load_report(tmp_path)


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        *((("provenance",), odd) for odd in ("text", ["a"], 7, None)),
        *((("provenance", "inputs"), odd) for odd in ("text", [7], ["text"], 7, {"role": "scores"})),
        *((("provenance", "inputs", 0, name), odd) for name in ("role", "rows", "sha256") for odd in (None, [], {})),
        *((("provenance", "model"), odd) for odd in ("text", ["a"], 7, {"digest": 7})),
        *((("provenance", "posts"), odd) for odd in ("text", {"n": -1}, {"n": 10**300})),
        *((("provenance", name), {"a": 7}) for name in ("name", "seed", "created_at", "categories", "timezone")),
        *((("provenance", name), "text") for name in ("config", "quarantined", "functions", "redacted")),
        *((("frames", "coverage", 0, "n"), odd) for odd in (10**300, 2**63, -1)),
        *((("frames", "coverage", 0, "value"), odd) for odd in (10**400, [])),
        (("conservation", "read"), 10**300),
    ],
)
def test_H6_what_the_page_or_the_tables_could_not_show_is_named(path: tuple[Any, ...], odd: Any) -> None:
    damaged = copy.deepcopy(whole())
    at(damaged, path[:-1])[path[-1]] = odd
    with pytest.raises(ReadError) as caught:
        AuditReport.from_json(damaged, where="some.json")
    assert caught.value.what == "the audit report is damaged"
    assert str(caught.value.got).startswith(".".join(map(str, path[:2])))
    assert len(str(caught.value.got)) < 2000
    assert caught.value.exit_code == 3
