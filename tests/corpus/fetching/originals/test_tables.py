"""Tables in text: cells come as they were written, by the csv module's own writer; other layouts are errors by line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.corpus.fetching.originals.tables import csv_rows, tab_lines, with_header, without_header, word_lines
from koudai.errors import ReadError

UTF8 = ("utf-8",)
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@given(st.lists(st.tuples(CELL, CELL), max_size=6))
def test_cells_come_back_whatever_is_in_them(rows: list[tuple[str, str]]) -> None:
    content = written([["id", "text"], *map(list, rows)])
    found = list(with_header({"a.csv": content}, UTF8))
    assert found == [("a.csv", {"id": first, "text": second}) for first, second in rows]


def test_cells_without_a_header_are_numbered_and_files_come_in_order() -> None:
    originals = {"b.csv": written([["1", "早", "b"]]), "a.csv": written([["0", "晚", "a"]])}
    assert list(without_header(originals, UTF8)) == [
        ("b.csv", {"0": "1", "1": "早", "2": "b"}),
        ("a.csv", {"0": "0", "1": "晚", "2": "a"}),
    ]


def test_blank_lines_are_no_rows_and_missing_cells_are_none() -> None:
    assert list(csv_rows("a,b\n\n1\n\n2,3\n", path="t.csv")) == [{"a": "1", "b": None}, {"a": "2", "b": "3"}]


@pytest.mark.parametrize(
    ("text", "where", "got"),
    [
        ("a,b\n1,2\n1,2,3\n", "t.csv:3", "3 cells"),
        ("a,a\n1,2\n", "t.csv:1", "a, a"),
        ("b,c\n1,2\n", "t.csv:1", "b, c"),
        ("a,b\n" + "x" * (9 << 20), "t.csv:2", "field larger than field limit (8388608)"),
    ],
    ids=["wide", "one name twice", "another header", "endless"],
)
def test_another_layout_is_an_error_with_its_line(text: str, where: str, got: str) -> None:
    with pytest.raises(ReadError) as caught:
        list(csv_rows(text, path="t.csv", fields=("a",)))
    assert (caught.value.where, str(caught.value.got)) == (where, got)


def test_tabs_part_fields_and_quotes_are_letters() -> None:
    content = '他说"好\t3\r\n\n"只有一半\t4\n'.encode()
    assert list(tab_lines({"t": content}, UTF8)) == [
        ("t", {"0": '他说"好', "1": "3"}),
        ("t", {"0": '"只有一半', "1": "4"}),
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("明天 停水 \n", "明天停水"),
        ("买 etf 融资 19 条 ok good 吧", "买 etf 融资 19 条 ok good 吧"),
        ("一  二   三", "一二三"),
        ("詳情 请 点 URL\n", "詳情请点 URL"),
        ("\u3000 空 格 \u3000", "\u3000空格\u3000"),
    ],
)
def test_words_are_put_together_where_no_blank_belongs(line: str, text: str) -> None:
    assert list(word_lines({"w": line.encode()}, UTF8)) == [("w", {"line": text})]
