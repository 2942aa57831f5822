"""The compiled segmenter: jieba's tokens for any string, any Arrow layout, any state of the cache, with no compiler."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import DataError
from pipeline.text import dictionary
from pipeline.text.cache import cache_folder
from pipeline.text.dictionary import CacheWarning, lexicon
from pipeline.text.segment import Segmenter

POSTS = [
    "刚接到通知，明天起全县停水七天！",
    "",
    "涨了3.14%，C++和c#工程师-2023年招聘_急",
    "a\r\n\r\r\nb\0😀𠮷野家",
    "T恤AA制卡拉OK",
]


@pytest.fixture(scope="module")
def pristine() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    tokenizer = jieba.Tokenizer()
    with (Path(jieba.__file__).parent / "dict.txt").open("rb") as file:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    return tokenizer


def words_of(posts: Any, spans: tuple[Any, Any]) -> list[list[str]]:
    offsets, ends = (array.tolist() for array in spans)
    words = []
    for number, post in enumerate(posts.to_pylist()):
        data, begin, mine = (post or "").encode(), 0, []
        for end in ends[offsets[number] : offsets[number + 1]]:
            mine.append(data[begin:end].decode())
            begin = end
        assert begin == len(data)
        words.append(mine)
    return words


def odd_strings(seed: int, n: int) -> list[str]:
    """Words and pieces of words of the dictionary, what has no count of its own, rare characters, letters and marks."""
    rng = random.Random(seed)
    known = sorted(lexicon().freq)
    rare = sorted(word for word, freq in lexicon().freq.items() if len(word) == 1 and not freq)
    draw = (
        lambda: rng.choice(known),
        lambda: rng.choice(known)[: rng.randint(1, 3)],
        lambda: rng.choice(rare),
        lambda: chr(rng.randrange(0x4E00, 0x9FF0)),
        lambda: "".join(rng.choices("019azAZ.%+#&_- \t\r\n，。！", k=rng.randint(1, 6))),
        lambda: chr(rng.randrange(0x110000)),
        lambda: rng.choice("的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家"),
    )
    return ["".join(rng.choice(draw)() for _ in range(rng.randint(1, 14))) for _ in range(n)]


@pytest.mark.parametrize("hmm", [True, False])
def test_odd_strings_are_cut_as_jieba_cuts_them(pristine: Any, hmm: bool) -> None:
    """Among them the 191 characters that begin words but have no count: jieba takes them alone only if it must."""
    texts = odd_strings(20230310, 20_000)
    assert Segmenter(hmm=hmm).cut_many(texts) == [pristine.lcut(text, HMM=hmm) for text in texts]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5), st.data())
def test_spans_are_the_words_in_any_layout(posts: list[str], data: st.DataObject) -> None:
    posts = [*posts, *data.draw(st.permutations(POSTS))]
    expected = Segmenter().cut_many(posts)
    begin = data.draw(st.integers(0, len(posts)))
    for kind in (pa.string(), pa.large_string()):
        array = pa.array(posts, kind)
        assert words_of(array, Segmenter().spans(array)) == expected
        assert words_of(array[begin:], Segmenter().spans(array[begin:])) == expected[begin:]
        chunked = pa.chunked_array([array[:begin], array[begin:]], kind)
        assert words_of(chunked, Segmenter().spans(chunked)) == expected


def test_a_null_is_a_post_without_words() -> None:
    array = pa.array(["停水七天", None, "停水"])
    offsets, ends = Segmenter().spans(array)
    assert offsets.tolist() == [0, 2, 2, 3]
    assert offsets.dtype == np.int64
    assert ends.dtype == np.int32
    for empty in (pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.array([None], pa.string())):
        assert len(Segmenter().spans(empty)[1]) == 0


def test_what_is_not_strings_is_refused() -> None:
    for posts in (pa.array([1]), ["停水"], pa.array([b"x"]), pa.array(["x"]).dictionary_encode()):
        with pytest.raises(DataError, match="spans are of Arrow strings"):
            Segmenter().spans(posts)  # type: ignore[arg-type]


def test_bytes_that_are_not_utf8_are_cut_somewhere_within_their_post() -> None:
    rng = np.random.default_rng(20230310)
    for _ in range(200):
        sizes = rng.integers(0, 9, 20)
        offsets = np.concatenate([[0], sizes.cumsum()]).astype(np.int32)
        data = rng.integers(0x70, 0x100, int(offsets[-1]), dtype=np.uint8)
        array = pa.StringArray.from_buffers(20, pa.py_buffer(offsets), pa.py_buffer(data))
        counts, ends = Segmenter().spans(array)
        for size, begin, end in zip(sizes, counts, counts[1:], strict=False):
            mine = ends[begin:end].tolist()
            assert mine == sorted(set(mine))
            assert (mine[-1] if mine else 0) == size


@pytest.mark.parametrize("piece", ["停水七天，", "a", "a.", "\r\n", "龘", "绝绝子", "😀", "中国科学院计算所"])
def test_a_post_of_a_megabyte_is_cut_as_its_begin_is(pristine: Any, piece: str) -> None:
    post = piece * (2**20 // len(piece.encode()))
    words = Segmenter().cut(post)
    assert "".join(words) == post
    begin = pristine.lcut(post[:3000])
    assert words[: len(begin) - 3] == begin[:-3]


def test_more_tokens_than_expected_find_room() -> None:
    posts = ["!" * 50_000, *["停水" * 100] * 50, *["?" * 3000] * 500]
    words = words_of(pa.array(posts), Segmenter().spans(pa.array(posts)))
    assert [len(mine) for mine in words] == [50_000, *[100] * 50, *[3000] * 500]


def test_threads_share_a_segmenter() -> None:
    texts = odd_strings(7, 400)
    segmenter = Segmenter()
    with ThreadPoolExecutor(8) as pool:
        assert all(words == segmenter.cut_many(texts) for words in pool.map(segmenter.cut_many, [texts] * 16))


def test_a_segmenter_is_pickled_without_its_arrays() -> None:
    segmenter = Segmenter(hmm=False, user_dict=["停水七天 5"])
    segmenter.cut("停水")
    data = pickle.dumps(segmenter)
    assert len(data) < 1000
    assert pickle.loads(data).cut("停水七天") == ["停水七天"]


def test_the_cache_folder_follows_the_environment() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/there", "HOME": "/home/x"}) == Path("/there/koudai")
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/home/x"}) == Path("/home/x/.cache/koudai")
    assert cache_folder({"HOME": "/home/x"}) == Path("/home/x/.cache/koudai")


def fresh(cache: Path) -> list[str]:
    dictionary._load.cache_clear()
    return Segmenter(cache=cache).cut(POSTS[0])


def test_the_arrays_are_kept_for_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = fresh(tmp_path / "koudai")
    (folder,) = (tmp_path / "koudai").iterdir()
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}
    monkeypatch.setattr(dictionary, "build", None)
    assert fresh(tmp_path / "koudai") == words


def test_damaged_arrays_are_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = fresh(tmp_path)
    tables, built = Segmenter(cache=tmp_path).tables, []
    monkeypatch.setattr(dictionary, "lexicon", lambda words: None)
    monkeypatch.setattr(dictionary, "build", lambda lexicon, *, chain: built.append(1) or tables)
    (folder,) = tmp_path.iterdir()
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}

    def swap(data: bytes) -> bytes:
        return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]

    damages = {
        "table.npy": [lambda data: data[:-1], swap],
        "weights.npy": [lambda data: b""],
        "manifest.json": [lambda data: b"[]", lambda data: b"{", lambda data: b"\xff", lambda data: b"{}"],
    }
    for name, harms in damages.items():
        for harm in harms:
            (folder / name).write_bytes(harm(kept[name]))
            assert fresh(tmp_path) == words
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    assert len(built) == 7
    (folder / "emit.npy").unlink()
    assert fresh(tmp_path) == words
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept


def test_a_folder_that_cannot_be_written_is_done_without_and_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        words = fresh(tmp_path / "file")
        assert Segmenter(cache=tmp_path / "file").cut(POSTS[0]) == words
    assert [warning.category for warning in said] == [CacheWarning]
    assert "XDG_CACHE_HOME" in str(said[0].message)


def test_T10_a_folder_that_others_can_write_is_not_read(tmp_path: Path) -> None:
    fresh(tmp_path)
    (folder,) = tmp_path.iterdir()
    folder.chmod(0o777)
    (folder / "table.npy").write_bytes(b"planted")
    with pytest.warns(CacheWarning, match="others can write there"):
        assert fresh(tmp_path) == Segmenter().cut(POSTS[0])
    assert (folder / "table.npy").read_bytes() == b"planted"


def run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    keep = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"}
    keep["XDG_CACHE_HOME"] = str(cache_folder().parent)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**keep, **environ}, check=False
    )


CUT = (
    "import json, sys; from pipeline.text.segment import Segmenter; "
    "print(json.dumps([Segmenter(hmm=hmm).cut_many(json.loads(sys.argv[1])) for hmm in (True, False)]))"
).replace("sys.argv[1]", repr(json.dumps([*POSTS, *odd_strings(3, 40)])))


def test_without_a_compiler_the_words_are_the_same() -> None:
    expected = [Segmenter(hmm=hmm).cut_many([*POSTS, *odd_strings(3, 40)]) for hmm in (True, False)]
    for switch in ("KOUDAI_NO_JIT", "NUMBA_DISABLE_JIT"):
        done = run("import sys; sys.modules['numba'] = None; " + CUT, **{switch: "1"})
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == expected
        assert done.stderr == ""


def test_compiling_is_announced_once(tmp_path: Path) -> None:
    first, second = (run(CUT, XDG_CACHE_HOME=str(tmp_path)) for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stderr.startswith("koudai: compiling the segmenter, once on this machine … ")
    assert first.stderr.endswith(" s\n")
    assert first.stderr.count("\n") == 1
    assert second.stderr == ""


def test_a_machine_where_numba_cannot_compile_is_told_of_the_switch(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('no LLVM here')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = run(CUT, PYTHONPATH=path)
    assert "UsageError: numba cannot compile koudai's kernels on this machine" in done.stderr
    assert "no LLVM here" in done.stderr
    assert "KOUDAI_NO_JIT=1" in done.stderr
    assert run(CUT, PYTHONPATH=path, KOUDAI_NO_JIT="1").returncode == 0


def test_nothing_heavy_is_imported_before_the_first_cut() -> None:
    heavy = ("numpy", "numba", "llvmlite", "pyarrow", "jieba")
    begin = "import sys; from pipeline.text.segment import Segmenter; "
    done = run(begin + f"Segmenter(); print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stderr
    done = run(begin + "Segmenter().cut('停水'); print('jieba' in sys.modules)")
    assert done.stdout == "False\n", done.stderr
