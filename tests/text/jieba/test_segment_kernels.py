"""The compiled segmenter: the same words in any layout of the bytes, any part, any thread, checked or not compiled."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import DataError, LimitExceeded
from koudai.limits import Limit
from koudai.text.compiled import jit
from koudai.text.compiled.cache import cache_folder
from koudai.text.jieba import segment
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import PAD, Utf8, of_arrow, of_texts
from tests.once import once
from tests.text.fresh import run
from tests.text.strings import ENDS, digests, odd_bytes, odd_strings

POSTS = [
    "刚接到通知，明天起全县停水七天！",
    "",
    "涨了3.14%，C++和c#工程师-2023年招聘_急",
    "a\r\n\r\r\nb\0😀𠮷野家",
    "T恤AA制卡拉OK",
]
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5)


def words_of(posts: list[str | None], spans: tuple[Any, Any]) -> list[list[str]]:
    offsets, ends = (array.tolist() for array in spans)
    words = []
    for number, post in enumerate(posts):
        data, begin, mine = (post or "").encode("utf-8", "surrogatepass"), 0, []
        for end in ends[offsets[number] : offsets[number + 1]]:
            mine.append(data[begin:end].decode("utf-8", "surrogatepass"))
            begin = end
        assert begin == len(data)
        words.append(mine)
    return words


@settings(deadline=None, max_examples=100)
@given(TEXTS, st.data())
def test_spans_are_the_words_in_any_layout(posts: list[str], data: st.DataObject) -> None:
    posts = [*posts, *data.draw(st.permutations(POSTS))]
    expected = Segmenter().cut_many(posts)
    begin = data.draw(st.integers(0, len(posts)))
    for kind in (pa.string(), pa.large_string()):
        array = pa.array(posts, kind)
        assert words_of(posts, Segmenter().spans(array)) == expected
        assert words_of(posts[begin:], Segmenter().spans(array[begin:])) == expected[begin:]
        chunked = pa.chunked_array([array[:begin], array[begin:]], kind)
        assert words_of(posts, Segmenter().spans(chunked)) == expected


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(st.characters(codec=None)), max_size=5), st.data())
def test_spans_of_a_part_are_those_of_its_posts(posts: list[str], data: st.DataObject) -> None:
    posts = [*posts, *data.draw(st.permutations(POSTS))]
    whole, expected = of_texts(posts), Segmenter().cut_many(posts)
    assert words_of(posts, Segmenter().spans(whole)) == expected
    begin, end = sorted((data.draw(st.integers(0, len(posts))), data.draw(st.integers(0, len(posts)))))
    assert words_of(posts[begin:end], Segmenter().spans(whole.part(begin, end))) == expected[begin:end]


@pytest.mark.slow
def test_threads_cut_parts_of_the_same_bytes() -> None:
    posts = of_texts(odd_strings(8, 6000))
    segmenter = Segmenter()
    offsets, ends = segmenter.spans(posts)
    for size in (1500, 100, 7):
        parts = [posts.part(begin, begin + size) for begin in range(0, posts.posts, size)]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(segmenter.spans, parts))
        assert np.array_equal(np.concatenate([mine for _, mine in found]), ends)
        assert np.array_equal(np.concatenate([np.diff(counts) for counts, _ in found]), np.diff(offsets))


@pytest.mark.slow
def test_threads_share_a_segmenter() -> None:
    texts = odd_strings(7, 400)
    segmenter = Segmenter()
    with ThreadPoolExecutor(8) as pool:
        assert all(words == segmenter.cut_many(texts) for words in pool.map(segmenter.cut_many, [texts] * 16))


def test_however_the_arrays_lie_one_kernel_cuts_them_and_leaves_them_as_they_are() -> None:
    """Whether an array can be written, is whole or in another type would each be another kernel to compile."""
    fixed = of_texts(POSTS)
    assert not fixed.data.flags.writeable
    free = Utf8(fixed.data.copy(), fixed.offsets.copy())
    apart = Utf8(np.repeat(fixed.data, 2)[::2], np.repeat(fixed.offsets, 3)[::3])
    narrow = Utf8(bytearray_of(fixed.data), fixed.offsets.astype(np.int32))
    shifted = np.frombuffer(b"?" + fixed.offsets.tobytes(), np.uint8)[1:].view(np.int64)
    assert not shifted.flags.aligned
    expected = Segmenter().cut_many(POSTS)
    for posts in (fixed, free, apart, narrow, Utf8(fixed.data, shifted), of_arrow(pa.array(POSTS))):
        assert words_of(POSTS, Segmenter().spans(posts)) == expected
        assert words_of(POSTS, Segmenter(hmm=1).spans(posts)) == expected  # type: ignore[arg-type]
    assert free.data.flags.writeable
    assert free.offsets.flags.writeable
    assert np.array_equal(free.data, fixed.data)
    if not jit.switched_off():
        kernels = segment._kernels()
        assert len(kernels.segment.loaded) == len(kernels.in_characters.loaded) == 1


def bytearray_of(data: Any) -> Any:
    return np.frombuffer(bytearray(data.tobytes()), np.uint8)


def test_a_null_is_a_post_without_words() -> None:
    array = pa.array(["停水七天", None, "停水"])
    offsets, ends = Segmenter().spans(array)
    assert offsets.tolist() == [0, 2, 2, 3]
    assert offsets.dtype == np.int64
    assert ends.dtype == np.int32
    none = pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.array([None], pa.string()), of_texts([])
    for empty in none:
        assert len(Segmenter().spans(empty)[1]) == 0


def test_what_is_not_strings_is_refused() -> None:
    for posts in (pa.array([1]), ["停水"], pa.array([b"x"]), pa.array(["x"]).dictionary_encode()):
        with pytest.raises(DataError, match="these are not Arrow strings"):
            Segmenter().spans(posts)  # type: ignore[arg-type]


@pytest.mark.parametrize("offsets", [[], [-1, 3], [0, 20], [3, 2], [0, 6, 3, 6], [0, 2**63 - 1, -2, 5]])
def test_offsets_outside_the_bytes_are_refused(offsets: list[int]) -> None:
    with pytest.raises(DataError, match=r"offsets of posts lie outside their bytes\n(.*\n)*.*nothing was cut"):
        Segmenter().spans(Utf8(np.zeros(PAD, np.uint8), np.array(offsets, np.int64)))
    offsets, data = np.array([0, 3, 1, 3], np.int32), b"abc"
    with pytest.raises(DataError, match="lie outside their bytes"):
        Segmenter().spans(pa.StringArray.from_buffers(3, pa.py_buffer(offsets), pa.py_buffer(data)))


def test_a_post_that_the_kernels_could_not_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "CUT_BYTES", Limit(8, "", ""))
    assert Segmenter().cut("停水ab") == ["停水", "ab"]
    with pytest.raises(LimitExceeded, match="at most 8 bytes"):
        Segmenter().cut("停水abc")


def test_bytes_that_are_not_utf8_are_cut_somewhere_within_their_post() -> None:
    posts = odd_bytes(20230310, 4000)
    counts, ends = Segmenter().spans(posts)
    for size, begin, end in zip(np.diff(posts.offsets), counts, counts[1:], strict=False):
        mine = ends[begin:end].tolist()
        assert mine == sorted(set(mine))
        assert (mine[-1] if mine else 0) == size
        assert not mine or mine[0] > 0


@settings(deadline=None, max_examples=100)
@given(st.lists(st.binary(max_size=12) | st.sampled_from(ENDS), min_size=1, max_size=6))
def test_no_byte_outside_a_post_changes_its_words(posts: list[bytes]) -> None:
    offsets, ends = Segmenter().spans(Utf8(np.frombuffer(b"".join(posts), np.uint8), np.cumsum([0, *map(len, posts)])))
    for post, begin, end in zip(posts, offsets, offsets[1:], strict=False):
        alone = Utf8(np.frombuffer(post, np.uint8), np.array([0, len(post)]))
        assert np.array_equal(Segmenter().spans(alone)[1], ends[begin:end])


def test_more_tokens_than_expected_find_room() -> None:
    posts = ["!" * 50_000, *["停水" * 100] * 50, *["?" * 3000] * 500]
    words = words_of(posts, Segmenter().spans(of_texts(posts)))
    assert [len(mine) for mine in words] == [50_000, *[100] * 50, *[3000] * 500]


def test_a_segmenter_is_pickled_without_its_arrays() -> None:
    segmenter = Segmenter(hmm=False, user_dict=["停水七天 1000"])
    segmenter.cut("停水")
    data = pickle.dumps(segmenter)
    assert len(data) < 1000
    assert pickle.loads(data).cut("停水七天") == ["停水七天"]


def corpus_posts(find: Callable[[str], Path]) -> tuple[str, ...]:
    """Return 500 real posts, or none where they are not at hand."""
    try:
        path = find("weibo21.parquet")
    except pytest.skip.Exception:
        return ()
    return tuple(pq.read_table(path, columns=["text"])["text"].drop_null().to_pylist()[:500])


CUT = "from koudai.text.jieba.segment import Segmenter; print(Segmenter().cut('全县停水七天'))"
CHECKED = """
import json, sys
from pathlib import Path
import numpy as np
from tests.text.strings import ENDS, digests
cache, posts, plain = json.loads(sys.stdin.read())
print(json.dumps(digests(cache=Path(cache), posts=tuple(posts), plain=plain)))
from koudai.text.jieba import segment_kernels as kernels
from koudai.text.jieba.segment import _fixed
from koudai.text.utf8 import of_texts
counts = np.array([0, 1])
for end in (np.zeros(1, np.int32), np.zeros(0, np.int32)):
    try:
        kernels.in_characters(*of_texts(["a"]), counts, end)
    except IndexError:
        print("checked")
"""


@pytest.fixture(scope="module")
def compiled_anew(tmp_path_factory: pytest.TempPathFactory, real_corpus: Callable[[str], Path]) -> dict[str, Any]:
    """Return what the process said that compiled the kernels with bounds checks, what the next said, and its posts.

    The dictionary is not built anew.
    """
    posts = (*odd_strings(4, 4000), *corpus_posts(real_corpus))

    def make(folder: Path) -> None:
        (folder / "koudai").mkdir(mode=0o700)
        for built in cache_folder().glob("dictionary-*"):
            shutil.copytree(built, folder / "koudai" / built.name)
        first, second = (
            run(code, stdin=given, NUMBA_BOUNDSCHECK="1", XDG_CACHE_HOME=str(folder))
            for code, given in ((CUT, ""), (CHECKED, json.dumps([str(cache_folder()), posts, False])))
        )
        said = {"first": [first.stdout, first.stderr], "second": [second.stdout, second.stderr]}
        (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")

    Segmenter().cut("停水")
    folder = once(tmp_path_factory, "compiled anew", make)
    return {**json.loads((folder / "said.json").read_text(encoding="utf-8")), "posts": posts}


@pytest.mark.slow
def test_with_bounds_checks_on_no_index_is_outside_and_nothing_changes(compiled_anew: dict[str, Any]) -> None:
    """Without checks an index outside its array would read or write what lies there."""
    out, err = compiled_anew["second"]
    assert out, err
    found, *checked = out.splitlines()
    assert checked == ["checked"]
    assert json.loads(found) == digests(cache=cache_folder(), posts=compiled_anew["posts"], plain=False)


@pytest.mark.slow
def test_without_a_compiler_the_words_are_the_same(root: Path) -> None:
    """Strings, bytes that are no text and posts of the seed corpus, as plain Python, where every index is checked.

    A module `numba` that cannot be imported shows that it is not.
    """
    lines = (root / "data" / "seed" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    posts = (*odd_strings(4, 60), *(json.loads(line)["text"] for line in lines[:: len(lines) // 40]))
    data = json.dumps([str(cache_folder()), posts, True])
    no_numba = "import sys; sys.modules['numba'] = None\n"
    done = run(no_numba + CHECKED, stdin=data, KOUDAI_NO_JIT="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout.splitlines()[0]) == digests(cache=cache_folder(), posts=posts, plain=True)
    done = run(no_numba + CUT, NUMBA_DISABLE_JIT="1")
    assert done.stdout == "['全县', '停水', '七天']\n", done.stderr


@pytest.mark.slow
def test_nothing_heavy_is_imported_before_the_first_cut() -> None:
    heavy = ("numpy", "numba", "llvmlite", "pyarrow", "jieba")
    code = f"""
import sys
from koudai.text.jieba.segment import Segmenter
segmenter = Segmenter()
print([name for name in {heavy} if name in sys.modules])
segmenter.cut('停水')
print('jieba' in sys.modules)
"""
    done = run(code)
    assert done.stdout == "[]\nFalse\n", done.stderr


@pytest.mark.slow
def test_compiling_the_segmenter_is_announced_once(compiled_anew: dict[str, Any]) -> None:
    out, err = compiled_anew["first"]
    assert out == "['全县', '停水', '七天']\n"
    assert err.startswith("koudai: compiling the segmenter, once on this machine … ")
    assert err.count("\n") == 1
    assert compiled_anew["second"][1] == ""
