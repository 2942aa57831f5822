"""Annotations: wide and long say the same, names are lost, gaps stay gaps, strange categories are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.annotations import Annotations, read_annotations
from koudai.config.people import AnnotationsSection
from koudai.errors import ConfigError, LabelError, LimitExceeded, ReadError
from tests.audit.table import tiny_taxonomy

WIDE = "post_id,wang,li,topic\n1,yes,no,water\n2,yes,,eggs\n3,,,eggs\n4,no,no,water\n"
LONG = (
    "post_id,who,what,about\n1,wang,yes,rumour\n1,li,no,rumour\n2,wang,yes,rumour\n4,wang,no,rumour\n4,li,no,posing\n"
)


def read(tmp_path: Path, text: str, **section: object) -> Annotations:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    made = AnnotationsSection.model_validate({"file": "a.csv", **section})
    return read_annotations(made, tmp_path / "a.csv", taxonomy=tiny_taxonomy())


def test_a_column_each(tmp_path: Path) -> None:
    found = read(tmp_path, WIDE, columns=["wang", "li"], group="topic")
    assert found.annotators == ("A1", "A2")  # li, wang
    assert found.values == ("no", "yes")
    assert found.ids == ["1", "2", "4"]
    assert found.group.tolist() == ["water", "eggs", "water"]
    assert {key: cells.tolist() for key, cells in found.coded.items()} == {ALL: [[0, 1], [-1, 1], [0, 0]]}


def test_a_row_each_about_several_categories(tmp_path: Path) -> None:
    found = read(tmp_path, LONG, annotator="who", label="what", category="about")
    assert {key: cells.tolist() for key, cells in found.coded.items()} == {
        "rumour": [[0, 1], [-1, 1], [-1, 0]],
        "posing": [[-1, -1], [-1, -1], [0, -1]],
    }


def test_wide_and_long_are_the_same(tmp_path: Path) -> None:
    long = "post_id,who,what,topic\n" + "".join(
        f"{row[0]},{name},{row[1 + at]},{row[3]}\n"
        for row in (line.split(",") for line in WIDE.splitlines()[1:])
        for at, name in enumerate(("wang", "li"))
    )
    a = read(tmp_path, WIDE, columns=["wang", "li"], group="topic", about="rumour")
    b = read(tmp_path, long, annotator="who", label="what", group="topic", about="rumour")
    assert (a.annotators, a.values, a.ids, a.group.tolist()) == (b.annotators, b.values, b.ids, b.group.tolist())
    assert a.coded["rumour"].tolist() == b.coded["rumour"].tolist()


def test_R6_no_name_of_an_annotator_is_kept_or_told(tmp_path: Path) -> None:
    assert "wang" not in repr(read(tmp_path, WIDE, columns=["wang", "li"]))
    twice = "post_id,who,what\n1,wang,yes\n1,wang,no\n1,li,no\n"
    with pytest.raises(ReadError, match="A2 says two things of post '1'") as caught:
        read(tmp_path, twice, annotator="who", label="what")
    assert "wang" not in str(caught.value)


def test_the_same_said_twice_is_said_once(tmp_path: Path) -> None:
    found = read(tmp_path, "post_id,who,what\n1,a,yes\n1,a,yes\n1,b,no\n", annotator="who", label="what")
    assert found.coded[ALL].tolist() == [[1, 0]]


def test_cells_that_name_several_categories_say_no_of_the_others(tmp_path: Path) -> None:
    rows = "post_id,a,b\n1,rumour; posing.army,rumour\n2,none,?\n3,,无\n"
    found = read(tmp_path, rows, columns=["a", "b"], separator=";", missing=["?"])
    assert (list(found.coded), found.values) == ([*tiny_taxonomy().keys], ("no", "yes"))
    assert found.coded["rumour"].tolist() == [[1, 1], [0, -1], [-1, 0]]
    assert found.coded["posing"].tolist() == [[1, 0], [0, -1], [-1, 0]], "a child says yes of its parent"
    assert found.answers("posing.press").tolist() == [[0, 0], [0, -1], [-1, 0]]  # type: ignore[union-attr]
    with pytest.raises(LabelError, match="does not have") as caught:
        read(tmp_path, "post_id,a,b\n1,rumuor,rumour\n", columns=["a", "b"], separator=";")
    assert caught.value.got == "'rumuor' (1 label), did you mean 'rumour'?"


def test_values_that_are_no_label_are_missing(tmp_path: Path) -> None:
    found = read(tmp_path, "post_id,a,b\n1,yes,?\n2,NA,no\n", columns=["a", "b"], missing=["?", "NA"])
    assert found.coded[ALL].tolist() == [[1, -1], [-1, 0]]


def test_I17_labels_of_a_category_that_the_taxonomy_lacks_are_refused_with_their_count(tmp_path: Path) -> None:
    with pytest.raises(LabelError) as caught:
        read(tmp_path, LONG.replace("posing", "rumuor"), annotator="who", label="what", category="about")
    assert caught.value.what == "1 category annotated that 'tiny' does not have"
    assert caught.value.got == "'rumuor' (1 label), did you mean 'rumour'?"
    with pytest.raises(LabelError, match="does not have"):
        read(tmp_path, WIDE, columns=["wang", "li"], about="clout")


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    many = "post_id,who,what\n" + "".join(f"{i},a{i},x\n" for i in range(201))
    with pytest.raises(LimitExceeded, match="201 annotators"):
        read(tmp_path, many, annotator="who", label="what")
    texts = "post_id,a,b\n" + "".join(f"{i},x{i},y{i}\n" for i in range(101))
    with pytest.raises(LimitExceeded, match="202 different labels"):
        read(tmp_path, texts, columns=["a", "b"])
    with pytest.raises(LabelError, match="no annotation is there"):
        read(tmp_path, "post_id,a,b\n1,,\n", columns=["a", "b"])
    with pytest.raises(ReadError, match="twice"):
        read(tmp_path, "post_id,a,b\n1,x,y\n1,x,y\n", columns=["a", "b"])


def test_accounts_of_authors_are_refused_as_a_group(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accounts are never read"):
        read(tmp_path, "post_id,a,b,user_id\n1,x,y,u\n", columns=["a", "b"], group="user_id")


def test_a_word_that_says_yes_and_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no label is a word that says yes") as caught:
        read(tmp_path, WIDE, columns=["wang", "li"], about="rumour", yes=["yess"])
    assert "yes" in str(caught.value.got)
    assert read(tmp_path, WIDE, columns=["wang", "li"], about="rumour", yes=["yes", "ja"]).yes == ("yes", "ja")
