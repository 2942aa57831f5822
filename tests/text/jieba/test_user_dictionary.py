"""A user's words act as in jieba: same counts, same tokens; a line of another form is an error with its place."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import ConfigError
from koudai.limits import USER_WORD_CHARACTERS, USER_WORD_COUNT
from koudai.text.jieba import dictionary
from koudai.text.jieba.dictionary import lexicon
from koudai.text.jieba.lexicon import UserWord, UserWordWarning, lines_of, user_words
from koudai.text.jieba.segment import Segmenter
from tests.text.reference import jieba, small_jieba, tokenizer

TEXTS = (
    "刚接到通知，明天起全县停水七天，赶紧转给家里人！绝绝子喜大普奔",
    "如果放到post中将出错。「台中」正确应该不会被切开，李小福是创新办主任也是云计算方面的专家",
    "蓝瘦香菇yyds栓Q全县停水七天a1b2.3%的确实在理",
    "T恤AA制卡拉OK一不做二不休3D打印C++",
)


class Reference:
    """jieba with a user's words, and jieba's global set of forced words put back afterwards."""

    def __init__(self, words: tuple[UserWord, ...]) -> None:
        self.tokenizer = tokenizer(dictionary.jieba_folder())
        self.words = words

    def __enter__(self) -> Any:
        self.before = set(jieba.finalseg.Force_Split_Words)
        jieba.finalseg.Force_Split_Words.clear()
        for word, freq in self.words:
            self.tokenizer.add_word(word, freq)
        return self.tokenizer

    def __exit__(self, *_: object) -> None:
        jieba.finalseg.Force_Split_Words.clear()
        jieba.finalseg.Force_Split_Words.update(self.before)


LISTS = {
    "added, with marks and other scripts, and long": [
        "全县停水七天",
        "蓝瘦香菇 1000 n",
        "喜大普奔 3",
        "李小福 2 nr",
        "创新办 3 i",
        "云计算 5",
        "yyds nz",
        "a1b2",
        *["C++ 9", "「台中」 9", "😀笑 5", "停水！ 7", "栓Q 8", "post中 3", "\ufeff云计算 1"],
        *["停" * 300 + " 5", "水停" * 150, "全县停水七天赶紧转给 1"],
    ],
    "deleted": ["绝绝子 0", "停水 0", "的确 0", "家里人 0", "喜大 0", "普奔 0", "卡拉OK 0", "接 0"],
    "added after deleted": ["绝绝子 0", "绝绝子 4", "停水 0", "停水"],
    "split a run that is in the dictionary": ["蓝瘦香菇 1", "普奔 1", "绝绝 1", "奔绝绝子 1", "喜大普奔绝绝子 1"],
}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a jieba that knows of all words in the texts, and of few others."""
    return small_jieba(tmp_path_factory.mktemp("jieba"), characters="".join((*TEXTS, *sum(LISTS.values(), []))))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::koudai.text.jieba.lexicon.UserWordWarning")
@pytest.mark.parametrize("lines", LISTS.values(), ids=LISTS)
def test_words_act_as_in_jieba(lines: list[str], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "jieba_folder", lambda: small)
    path = tmp_path / "words.txt"
    path.write_text("\n".join(lines) + "\r\n\n", encoding="utf-8-sig")
    texts = (*TEXTS, "停" * 299, "停" * 300, "停" * 901, "水停" * 200, "C++停水！😀笑")
    words = user_words(path)
    with Reference(words) as jieba_:
        mine = lexicon(words)
        assert mine.total == jieba_.total
        assert {word: freq for word, freq in mine.freq.items() if freq} == {w: f for w, f in jieba_.FREQ.items() if f}
        assert mine.split == jieba.finalseg.Force_Split_Words
        for hmm in (True, False):
            segmenter = Segmenter(hmm=hmm, user_dict=path, cache=tmp_path)
            assert segmenter.cut_many(texts) == [jieba_.lcut(text, HMM=hmm) for text in texts]
    with Reference(()) as loaded, path.open("rb") as file:
        loaded.load_userdict(file)
        assert loaded.FREQ == jieba_.FREQ


@pytest.mark.slow
def test_random_words_act_as_in_jieba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of one to six characters of the texts themselves, with and without counts, deleted and added again, on top
    of a third of the words of jieba.
    """
    jieba_folder = small_jieba(tmp_path, characters="".join(TEXTS), others=3)
    monkeypatch.setattr(dictionary, "jieba_folder", lambda: jieba_folder)
    seed = random.Random(20230310)
    text = "".join(TEXTS)
    words = []
    for _ in range(400):
        begin = seed.randrange(len(text))
        freq = seed.choice([None, None, 0, 1, 5, 300, 10**6])
        words.append(UserWord(text[begin : begin + seed.randint(1, 6)], freq))
    pieces = [text[begin : begin + seed.randint(1, 40)] for begin in range(len(text)) for _ in range(5)]
    with Reference(tuple(words)) as jieba_:
        for hmm in (True, False):
            segmenter = Segmenter(hmm=hmm, user_dict=words, cache=tmp_path / "cache")
            assert segmenter.cut_many(pieces) == [jieba_.lcut(piece, HMM=hmm) for piece in pieces]


def test_T11_a_list_of_lines_is_the_file_of_those_lines(tmp_path: Path) -> None:
    lines = ["停水七天 5 n", "", "喜大普奔", "绝绝子 0"]
    path = tmp_path / "words.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    expected = (UserWord("停水七天", 5), UserWord("喜大普奔"), UserWord("绝绝子", 0))
    assert user_words(path) == user_words(lines) == user_words(expected) == expected
    assert user_words(None) == user_words([]) == ()


WRONG = {
    "two spaces": ("停水  5", "停水  5"),
    "a tab": ("停水\t5", "停水"),
    "a count below zero": ("停水 -5", "-5"),
    "a count with a point": ("停水 1.5", "1.5"),
    "a tag in capitals": ("停水 5 N", "5 N"),
    "four fields": ("停水 5 n n", "5 n n"),
    "a huge count": ("停水 " + "9" * 16, "freq 9999999999999999"),
    "a count of 5,000 digits": ("停水 " + "9" * 5000, "停水 999"),
    "a long word": ("停" * (USER_WORD_CHARACTERS.value + 1), "1,001 characters"),
}


@pytest.mark.parametrize(("line", "shown"), WRONG.values(), ids=WRONG)
def test_T11_a_line_of_another_form_is_named(line: str, shown: str, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("停水 5 n\n\n" + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Segmenter(user_dict=path)
    assert f"{path}:3" in str(error.value)
    assert "expected" in str(error.value)
    assert shown in str(error.value)
    with pytest.raises(ConfigError, match="entry 2 of the user dictionary"):
        Segmenter(user_dict=["停水 5", line])


def test_T11_bytes_that_are_not_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("停水 5\n".encode() + "全县 5\n".encode("gbk"))
    with pytest.raises(ConfigError, match=r"words\.txt:2\n(.*\n)*.*not UTF-8"):
        Segmenter(user_dict=path)


def test_T11_a_line_of_ten_megabytes_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(b"ok 5\n" + b"x" * (10 << 20))
    with pytest.raises(ConfigError, match=r"words\.txt:2\n(.*\n)*.*more than 8,000 bytes"):
        Segmenter(user_dict=path)


def test_T11_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.txt"):
        Segmenter(user_dict=tmp_path / "missing.txt")
    with pytest.raises(ConfigError, match="a Path or a list of lines"):
        Segmenter(user_dict="words.txt")


@pytest.mark.parametrize("phrase", ["Edu Trust认证 2000", "云 计算", "# 注释", "New York n", "一 二 三 5 n"])
def test_T11_a_line_whose_word_has_a_blank_is_left_out_and_named(phrase: str, tmp_path: Path) -> None:
    """Jieba takes such a line, as of its own sample dictionary, and finds its word in no text."""
    path = tmp_path / "{words}.txt"
    path.write_text(f"台中\n凱特琳 nz\neasy_install 3 eng\n{phrase}\n", encoding="utf-8")
    expected = (UserWord("台中"), UserWord("凱特琳"), UserWord("easy_install", 3))
    with pytest.warns(UserWordWarning, match=r"1 line\(s\) are left out") as told:
        assert user_words(path) == expected
    assert f"{phrase!r} ({path}:4)" in str(told[0].message)
    assert user_words(path, warn=False) == expected
    assert lines_of(path) == ["台中", "凱特琳 nz", "easy_install 3 eng", phrase]


def test_T11_words_that_jieba_never_joins_are_named() -> None:
    words = ["买买提·艾力 5", "停水", "\ufeff云计算", "C++", "停水！"]
    with pytest.warns(UserWordWarning, match=r"3 word\(s\) are never found") as told:
        assert [word.word for word in user_words(words)] == [word.partition(" ")[0] for word in words]
    assert str(told[0].message).endswith("买买提·艾力, \\ufeff云计算, 停水！")


def test_T11_entries_are_checked_as_lines_are() -> None:
    most, longest = USER_WORD_COUNT.value, USER_WORD_CHARACTERS.value
    assert user_words([UserWord("停" * longest, most)])
    for entry in (
        UserWord(""),
        UserWord("停水", -1),
        UserWord("停水", most + 1),
        UserWord("停" * (longest + 1)),
        5,
        (),
    ):
        with pytest.raises(ConfigError, match="entry 1"):
            Segmenter(user_dict=[entry])  # type: ignore[list-item]


@pytest.mark.filterwarnings("ignore::koudai.text.jieba.lexicon.UserWordWarning")
@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=4))
def test_T11_any_lines_are_words_or_an_error_of_koudai(lines: list[str]) -> None:
    try:
        words = user_words(lines)
    except ConfigError:
        return
    assert all(word.word and not any(c.isspace() for c in word.word) for word in words)


def test_the_digest_changes_with_the_words() -> None:
    digests = {
        Segmenter(user_dict=words).digest for words in (None, ["停水 5"], ["停水 6"], ["停水"], ["停水 5", "水"])
    }
    assert len(digests) == 5
    assert Segmenter(user_dict=[]).digest == Segmenter().digest
