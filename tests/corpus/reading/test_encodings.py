"""Encodings told apart: Big5 is named, whether it was taken for UTF-8 or for GB18030 (I1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.corpus.reading.encodings import looks_like_big5, looks_like_utf8
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from tests.corpus.posts import POSTS

TRADITIONAL = [
    "聽說明天全縣停水七天，趕緊接水",
    "內場消息，豆腐要漲到三十一塊，快去買",
    "學校全部改成寄宿，不簽字不讓上學",
]


def written(folder: Path, texts: list[str], encoding: str) -> Path:
    path = folder / "a.csv"
    path.write_bytes(
        "".join(f"{line}\r\n" for line in ["post_id,text", *(f"{n},{t}" for n, t in enumerate(texts))]).encode(encoding)
    )
    return path


@pytest.mark.parametrize("given", ["utf-8", "gb18030", "gbk"])
@pytest.mark.parametrize("rows", [1, 3, 600])
def test_I1_big5_is_named_whatever_it_was_taken_for(tmp_path: Path, given: str, rows: int) -> None:
    path = written(tmp_path, (TRADITIONAL * 200)[:rows], "big5")
    with pytest.raises(ReadError) as caught:
        list(read_posts(path, Reading(encoding=given)))
    assert "Big5" in caught.value.message()
    assert "`encoding`" in str(caught.value.todo)
    assert sum(batch.read for batch in read_posts(path, Reading(encoding="big5"))) == rows


@pytest.mark.parametrize("texts", [list(POSTS), TRADITIONAL, ["好"], ["a,b"]])
@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_I1_what_is_of_the_gb_family_is_read_as_it(tmp_path: Path, texts: list[str], encoding: str) -> None:
    texts = [text.replace(",", " ").replace('"', "") for text in texts]
    texts = [text for text in texts if text.encode(encoding, "ignore").decode(encoding) == text and "\n" not in text]
    path = written(tmp_path, texts, encoding)
    found = [text for batch in read_posts(path, Reading(encoding=encoding)) for text in batch.texts.texts()]
    assert found == texts


def test_I1_traditional_characters_in_gbk_are_not_taken_for_big5() -> None:
    assert not looks_like_big5("".join(TRADITIONAL).encode("gbk"))
    assert looks_like_big5("".join(TRADITIONAL).encode("big5"))
    assert not looks_like_big5("".join(TRADITIONAL).encode("utf-8"))
    assert not looks_like_big5(b"")
    assert not looks_like_big5("聽說".encode("big5"))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt"])
def test_I1_utf_16_is_named_with_a_mark_or_without(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = ["post_id,text", *(f"{n},第一天停水，一定快接水" for n in range(9))]
    headless = ["编号，正文", *(f"{n}，第{n}天停水" for n in range(40))]
    for text, encoding in [
        *((some, one) for some in (lines, headless) for one in ("utf-16-le", "utf-16-be")),
        *((lines, one) for one in ("utf-16", "utf-32")),
    ]:
        path.write_bytes("\n".join(text).encode(encoding))
        with pytest.raises(ReadError, match="this file is not") as caught:
            list(read_posts(path, Reading(kind="txt" if name == "a.txt" else None, number_rows=True)))
        shown = encoding.upper().replace("-LE", "LE").replace("-BE", "BE")
        assert caught.value.got == f"text in {shown}"
        assert f"iconv -f {shown} -t UTF-8" in str(caught.value.todo)


@pytest.mark.parametrize("rows", [1, 600])
def test_I1_utf_8_is_named_that_was_taken_for_gbk(tmp_path: Path, rows: int) -> None:
    path = written(tmp_path, ["听说明天停水三天，一定要快点接水"] * rows, "utf-8")
    with pytest.raises(ReadError, match="this file looks like UTF-8, not gb18030"):
        list(read_posts(path, Reading(encoding="gb18030")))
    assert looks_like_utf8("听说明天停水了".encode()[:-1])
    assert not looks_like_utf8("听说明天停水三天".encode("gbk"))
    assert not looks_like_utf8("听说".encode())
