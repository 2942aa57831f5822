"""Wordings: every kind of answer, wide and long, runs and parts; what is no answer is refused and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.audit.inputs.wordings import Wordings, read_wordings
from koudai.config.wording import WordingSection
from koudai.errors import ConfigError, KoudaiError, LabelError, ReadError, ScoresMismatch
from tests.audit.table import tiny_taxonomy


def read(folder: Path, *parts: tuple[str, str, dict[str, Any]]) -> Wordings:
    """Write the table of each wording (name, content, section) and read them all."""
    sections = []
    for place, (name, content, section) in enumerate(parts):
        file = folder / f"{place}.csv"
        file.write_text(content, encoding="utf-8")
        sections.append(WordingSection(name=name, file=file.name, **section))
    found, entries = read_wordings(tuple(sections), folder, taxonomy=tiny_taxonomy())
    assert [entry.name for entry in entries] == [name for name, _, _ in parts]
    return found


FULL = ("full", "post_id,r1,r2\n1,yes,no\n2,符合,\n3,Invalid,FALSE\n", {"columns": {"rumour": ["r1", "r2"]}})


def test_wide_and_long_truths_scores_codes_and_severities(tmp_path: Path) -> None:
    long = {"answer": "said", "category": "about", "run": "run", "answers": "code"}
    found = read(
        tmp_path,
        FULL,
        ("name", "post_id,about,run,said\n1,rumour,a,DC1\n1,rumour,b,dc0\n2,posing,a,D-SP2.c\n2,posing,b,SP00\n", long),
        ("withheld", "post_id,p\n1,0.7\n3,.2\n", {"columns": {"rumour": "p"}, "answers": "score", "threshold": 0.7}),
        ("paraphrase-1", "post_id,w\n1,高\n2,LOW\n3,none\n", {"columns": {"rumour": "w"}, "answers": "severity"}),
        (
            "paraphrase-2",
            "post_id,w\n1,mild\n2,harsh\n3,?\n",
            {
                **{"columns": {"rumour": "w"}, "answers": "severity", "severity": ["fine", "mild", "harsh"]},
                **{"tagged_from": "harsh", "missing": ["?"]},
            },
        ),
    )
    assert found.names == ("full", "name", "withheld", "paraphrase-1", "paraphrase-2")
    assert found.ids == ["1", "2", "3"]
    said = [runs.tolist() for runs in found.said["rumour"]]
    assert said == [
        [[1, 0], [1, -1], [0, 0]],
        [[1, 0], [-1, -1], [-1, -1]],
        [[1], [-1], [0]],
        [[1], [1], [0]],
        [[0], [1], [-1]],
    ]
    assert [runs.shape[1] for runs in found.said["posing"]] == [0, 2, 0, 0, 0]
    assert found.said["posing"][1].tolist() == [[-1, -1], [1, 0], [-1, -1]]


def test_sections_of_one_name_are_parts_of_one_wording(tmp_path: Path) -> None:
    one = {"answer": "said", "about": "rumour"}
    other = {"answer": "said", "about": "posing"}
    found = read(
        tmp_path,
        ("full", "post_id,said\n1,1\n2,0\n", one),
        ("full", "post_id,said\n1,0\n", other),
        ("name", "post_id,said\n1,1\n", one),
    )
    assert found.said["rumour"][0].tolist() == [[1], [0]]
    assert found.said["posing"][0].tolist() == [[0], [-1]]


NAME = ("name", "post_id,said\n1,1\n", {"answer": "said", "about": "rumour"})


@pytest.mark.parametrize(
    ("kind", "content", "section", "got"),
    [
        ("severity", "post_id,w\n1,high\n2,dreadful\n", {"columns": {"rumour": "w"}}, "line 3, post '2': 'dreadful'"),
        ("score", "post_id,w\n1,0.5\n2,1.5\n3,-1\n", {"columns": {"rumour": "w"}}, "line 3, post '2': '1.5'"),
        ("code", "post_id,w\n1,DC0\n2,1\n", {"columns": {"rumour": "w"}}, "line 3, post '2': '1'"),
        ("truth", "post_id,w\n1,maybe\n", {"columns": {"rumour": "w"}}, "line 2, post '1': 'maybe'"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_line(
    tmp_path: Path, kind: str, content: str, section: dict[str, Any], got: str
) -> None:
    with pytest.raises(LabelError) as caught:
        read(tmp_path, NAME, ("full", content, {**section, "answers": kind}))
    assert got in str(caught.value.got)
    assert f"none of the kind {kind!r}" in str(caught.value.what)
    parts = (caught.value.what, caught.value.where, caught.value.expected, caught.value.got, caught.value.happened)
    assert all(map(str, (*parts, caught.value.todo)))
    assert "the files are as they were" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "message", "parts"),
    [
        (ConfigError, "one wording alone", (NAME,)),
        (ReadError, "1 post has two answers in one run", (FULL, ("name", "post_id,said\n1,1\n1,0\n", NAME[2]))),
        (ReadError, "two answers in one run", (NAME, ("name", "post_id,said\n1,0\n", NAME[2]), FULL)),
        (ScoresMismatch, "no post was read under two wordings", (FULL, ("name", "post_id,said\n9,1\n", NAME[2]))),
        (ScoresMismatch, "no post was read", (("full", "post_id,said\n1,\n", NAME[2]), NAME)),
        (LabelError, "does not have", (FULL, ("name", "post_id,said\n1,1\n", {"answer": "said", "about": "rumuor"}))),
        (ReadError, "twice", (FULL, ("name", "post_id,w\n1,1\n1,1\n", {"columns": {"rumour": "w"}}))),
    ],
)
def test_what_cannot_be_compared_is_refused(
    tmp_path: Path, error: type[KoudaiError], message: str, parts: tuple[tuple[str, str, dict[str, Any]], ...]
) -> None:
    with pytest.raises(error, match=message) as caught:
        read(tmp_path, *parts)
    assert caught.value.todo
    assert "nothing was measured" in str(caught.value.happened)


def test_equal_answers_of_one_run_are_one(tmp_path: Path) -> None:
    found = read(tmp_path, FULL, ("name", "post_id,said\n1,1\n1,yes\n", NAME[2]))
    assert np.array_equal(found.said["rumour"][1], [[1], [-1], [-1]])
