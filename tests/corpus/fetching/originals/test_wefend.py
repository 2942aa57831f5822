"""WeFEND's four files: a title gets the label of its words; words with both labels give none; repeats are told."""

from __future__ import annotations

import pytest

from koudai.corpus.fetching.originals.wefend import AMBIGUOUS, wefend
from koudai.errors import ReadError

TRAIN, TEST, WORDS, LABELS = "3/trainingSetKey.csv", "4/test.feature.csv", "4/parsedTest.csv", "5/parsedLabeled.csv"


def files(**changed: str) -> dict[str, bytes]:
    texts = {
        TRAIN: "id,account,Title,label\n7,甲,桥修好了,0\n9,乙,桥塌了！,1\n",
        TEST: "id,account,Title\n1,丙,桥塌了！\n2,丁,桥没塌\n3,戊,桥在哪\n",
        WORDS: "id,Title\n3,桥 哪 \n1,桥 塌 \n2,桥 没塌 \n",
        LABELS: "id,Title,label\n1,桥 没塌 ,0\n2,桥 塌 ,1\n3,桥 哪 ,0\n4,桥 哪 ,1\n",
    }
    return {path: changed.get(path[2:6], text).encode() for path, text in texts.items()}


def test_titles_labels_notes_and_repeats() -> None:
    found = [
        (path[0], row["Title"], row["label"], row["label_note"], row["seen_in_train"])
        for path, row in wefend(files(), ("utf-8",))
    ]
    assert found == [
        ("3", "桥修好了", "0", None, False),
        ("3", "桥塌了！", "1", None, False),
        ("4", "桥塌了！", "1", None, True),
        ("4", "桥没塌", "0", None, False),
        ("4", "桥在哪", None, AMBIGUOUS, False),
    ]


def test_files_may_come_in_any_order() -> None:
    backwards = dict(reversed(files().items()))
    assert list(wefend(backwards, ("utf-8",))) == list(wefend(files(), ("utf-8",)))


@pytest.mark.parametrize(
    ("part", "text"),
    [("test", "id,account,Title\n8,丙,没有词\n"), ("pars", "id,Title\n"), ("trai", "id,account,title\n7,甲,桥\n")],
    ids=["a title without words", "no words and no labels", "another header"],
)
def test_another_layout_is_an_error(part: str, text: str) -> None:
    with pytest.raises(ReadError, match="does not have the layout expected"):
        list(wefend(files(**{part: text}), ("utf-8",)))


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(ReadError) as caught:
        list(wefend({TRAIN: b""}, ("utf-8",)))
    assert caught.value.got == "trainingSetKey.csv"
