"""Segmentation: the tokens of a pristine jieba, whatever the rest of the process does to jieba or to its cache."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.jieba.segment import Segmenter
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.fresh import run
from tests.text.reference import small_jieba
from tests.text.strings import odd_strings

POSTS = (
    "刚接到通知，明天起全县停水七天，赶紧转给家里人！",
    "請問這個消息是真的嗎？群組裡都在傳，我不太相信。",
    "阿婆讲呢个系假嘅，唔好信。",
    "蓝瘦香菇，绝绝子，yyds，栓Q，喜大普奔不明觉厉。",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
    "涨了3.14%，C++和c#工程师-2023年招聘_急",
)
PLANES = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x3FFFF, exclude_categories=()),
    st.characters(exclude_categories=()),
    st.sampled_from("的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家"),
    st.sampled_from("09azAZ.%+#&_- \t\r\n，。！"),
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(text=st.text(PLANES, max_size=80), hmm=st.booleans())
def test_T10_words_are_those_of_a_pristine_jieba(pristine: Any, text: str, hmm: bool) -> None:
    words = Segmenter(hmm=hmm).cut(text)
    assert words == pristine.lcut(text, HMM=hmm)
    assert "".join(words) == text


def test_T10_hostile_strings_are_cut_as_jieba_cuts_them(pristine: Any, subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            for hmm in (True, False):
                assert Segmenter(hmm=hmm).cut(text) == pristine.lcut(text, HMM=hmm)


@pytest.mark.slow
@pytest.mark.parametrize("hmm", [True, False])
def test_T10_odd_strings_are_cut_as_jieba_cuts_them(pristine: Any, hmm: bool) -> None:
    """Among them the 191 characters that begin words but have no count: jieba takes them alone only if it must."""
    texts = odd_strings(20230310, 5_000)
    assert Segmenter(hmm=hmm).cut_many(texts) == [pristine.lcut(text, HMM=hmm) for text in texts]


@pytest.mark.parametrize("piece", ["停水七天，", "a", "a.", "\r\n", "龘", "绝绝子", "😀", "中国科学院计算所"])
def test_a_post_of_a_megabyte_is_cut_as_its_begin_is(pristine: Any, piece: str) -> None:
    post = piece * (2**20 // len(piece.encode()))
    words = Segmenter().cut(post)
    assert "".join(words) == post
    begin = pristine.lcut(post[:3000])
    assert words[: len(begin) - 3] == begin[:-3]


def test_the_hidden_markov_model_finds_words_that_no_dictionary_has() -> None:
    assert "绝绝子" in Segmenter().cut(POSTS[3])
    assert "绝绝子" not in Segmenter(hmm=False).cut(POSTS[3])


def test_cut_many_cuts_each() -> None:
    segmenter = Segmenter()
    assert segmenter.cut_many(iter(POSTS)) == [segmenter.cut(post) for post in POSTS]


def test_M7_the_digest_is_that_of_the_dictionary() -> None:
    import importlib.util

    spec = importlib.util.find_spec("jieba")
    assert spec is not None
    assert spec.origin is not None
    data = (Path(spec.origin).parent / "dict.txt").read_bytes()
    assert Segmenter().digest == hashlib.sha256(data).hexdigest()[:16]
    assert Segmenter(hmm=False).digest == Segmenter().digest


def words_of(code: str, tmp: Path) -> Any:
    """Run `code` in a fresh process whose temporary folder is `tmp`; it prints JSON."""
    done = run(f"import json, warnings; warnings.simplefilter('ignore'); POSTS = {POSTS!r}\n" + code, TMPDIR=str(tmp))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expected() -> list[list[str]]:
    return Segmenter().cut_many(POSTS)


def test_T10_a_planted_cache_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    """A cache in which every sentence is one word; opening any file in the temporary folder ends the process."""
    code = """
import marshal, os, sys, tempfile
planted = os.path.join(tempfile.gettempdir(), "jieba.cache")
with open(planted, "wb") as file:
    marshal.dump(({post: 10 ** 9 for post in POSTS}, 10 ** 9), file)
before = open(planted, "rb").read()
def watch(event, arguments):
    if event == "open" and str(arguments[0]).startswith(tempfile.gettempdir()):
        os.write(2, f"opened {arguments[0]}".encode())
        os._exit(9)
    if event == "marshal.load":
        os._exit(8)
from koudai.text.jieba.segment import Segmenter
sys.addaudithook(watch)
words = Segmenter().cut_many(POSTS)
print(json.dumps(words))
"""
    assert words_of(code, tmp_path) == expected()
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]


@pytest.mark.slow
def test_T10_words_added_to_or_deleted_from_jieba_change_nothing(tmp_path: Path) -> None:
    """Before koudai's first use and after it; deleted words go into a global set of jieba's hidden Markov model."""
    folder = small_jieba(tmp_path, characters="".join(POSTS))
    code = f"import jieba; jieba.set_dictionary({str(folder / 'dict.txt')!r})"
    code += """
jieba.setLogLevel(60)
def spoil(n):
    jieba.add_word("全县停水七天", 10 ** 8)
    jieba.add_word("这个消息", 10 ** 8)
    jieba.suggest_freq(("中国", "科学院"), True)
    for word in ("绝绝子", "蓝瘦", "京都大学", "喜大普奔"):
        jieba.del_word(word)
from koudai.text.jieba.segment import Segmenter
spoil(0)
first = Segmenter().cut_many(POSTS)
spoil(1)
print(json.dumps([first, Segmenter().cut_many(POSTS), [jieba.lcut(post) for post in POSTS]]))
"""
    before, after, spoilt = words_of(code, tmp_path)
    assert before == after == expected()
    assert spoilt != before, "the words were not spoilt: this test would prove nothing"


def test_T10_eight_threads_may_race_for_the_first_use_which_leaves_no_cache_behind(tmp_path: Path) -> None:
    code = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from koudai.text.jieba.segment import Segmenter
sys.setswitchinterval(1e-5)
gate = threading.Barrier(8)
def cut(_):
    gate.wait()
    return Segmenter().cut_many(POSTS)
with ThreadPoolExecutor(8) as pool:
    print(json.dumps(list(pool.map(cut, range(8)))))
"""
    assert words_of(code, tmp_path) == [expected()] * 8
    assert list(tmp_path.iterdir()) == []
