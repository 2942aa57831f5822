"""HateCheck's cell of three labels is taken apart, and one of another number is refused."""

from __future__ import annotations

import pytest

from koudai.corpus.fetching.originals.hatecheck import hatecheck
from koudai.errors import ReadError

HEADER = "mhc_case_id,test_case,label_annotated\n"


def test_each_annotator_gets_a_field() -> None:
    content = HEADER + "m-1,甲, \"['hateful', 'non-hateful', 'hateful']\"\n".replace(', "', ',"')
    ((path, row),) = hatecheck({"m.csv": content.encode()}, ("utf-8",))
    assert path == "m.csv"
    assert [row[f"annotator{n}"] for n in (1, 2, 3)] == ["hateful", "non-hateful", "hateful"]
    assert row["test_case"] == "甲"


@pytest.mark.parametrize("cell", ["", "[]", "\"['hateful', 'hateful']\"", "\"['a', 'b', 'c', 'd']\"", "hateful"])
def test_another_number_of_labels_is_an_error(cell: str) -> None:
    with pytest.raises(ReadError, match="3 labels"):
        list(hatecheck({"m.csv": f"{HEADER}m-1,甲,{cell}\n".encode()}, ("utf-8",)))


def test_a_file_without_the_cell_is_an_error() -> None:
    with pytest.raises(ReadError, match="3 labels"):
        list(hatecheck({"m.csv": b"a,b\n1,2\n"}, ("utf-8",)))
