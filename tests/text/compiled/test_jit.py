"""Compilation: kept for the next process, rebuilt when damaged, refused when planted, explained when impossible.

Each test compiles a kernel of one line in processes of their own, with a cache folder of its own. Unless numba is to
read its environment or to be broken, they have numba already, which takes longest, but not koudai.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from koudai.text.compiled import jit
from tests.text.fresh import run

KERNEL = """
import numpy as np
from koudai.text.compiled.jit import announced, compiled

@compiled
def at(numbers, place):
    return numbers[place]

with announced("a kernel"):
    print(at(np.array([1, 2, 3]), 1))
"""
WITHOUT_KOUDAI = """
import sys
for name in [name for name in sys.modules if name.partition(".")[0] == "koudai"]:
    del sys.modules[name]
"""
WARNING = "CacheWarning: "
PACKAGE = Path(__file__).parents[3] / "pipeline"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "made_kernels.py").write_text(KERNEL, encoding="utf-8")
    return tmp_path


def use(home: Path, code: str = "", *, warm: bool = True, **environ: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PYTHONPATH": os.pathsep.join([str(home), str(PACKAGE)]),
        "XDG_CACHE_HOME": str(home / "cache"),
        **environ,
    }
    return run(f"{WITHOUT_KOUDAI if warm else ''}{code}\nimport made_kernels", warm=warm, **environ)


def kept(home: Path) -> list[Path]:
    return sorted((home / "cache").rglob("*.kernel"))


def assert_compiled(done: subprocess.CompletedProcess[str], how: str = "once on this machine") -> None:
    assert done.stdout == "2\n", done.stderr
    assert f"koudai: compiling a kernel, {how} … " in done.stderr


def assert_loaded(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.stdout, done.stderr) == ("2\n", "")


@pytest.mark.slow
def test_what_is_compiled_is_kept_for_this_user_and_announced_once(home: Path) -> None:
    first = use(home, warm=False)
    assert_compiled(first)
    assert first.stderr.endswith(" s\n")
    assert first.stderr.count("\n") == 1
    (folder,) = (home / "cache" / "koudai").glob("kernels-*")
    assert folder.name.startswith("kernels-")
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert len(kept(home)) == 1
    os.utime(folder, (0, 0))
    assert_loaded(use(home))
    assert folder.stat().st_mtime > 0


@pytest.mark.slow
def test_copies_in_two_folders_share_what_is_compiled(home: Path) -> None:
    """A second checkout, or the package that MLflow carries beside a model, compiles nothing anew."""
    for name, check in (("here", assert_compiled), ("there", assert_loaded), ("changed", assert_compiled)):
        copy = home / name
        shutil.copytree(PACKAGE, copy)
        (copy / "made_kernels.py").write_text(KERNEL, encoding="utf-8")
        if name == "changed":
            (copy / "koudai" / "text" / "another_kernels.py").write_text("A = 1", encoding="utf-8")
        found_there = f"import sys; del sys.path[0]; import koudai; assert {str(copy)!r} in koudai.__file__"
        check(use(home, found_there, PYTHONPATH=str(copy)))
    assert len(list((home / "cache" / "koudai").glob("kernels-*"))) == 2


def test_the_digest_follows_what_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    import llvmlite
    import llvmlite.binding as llvm

    before = jit._digest.__wrapped__()
    for module, name, value in (
        (llvmlite, "__version__", "0.0.1"),
        (llvm, "get_host_cpu_name", lambda: "another"),
        (importlib.util, "find_spec", lambda name: importlib.machinery.ModuleSpec(name, None, origin="0.0.1")),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, value)
            assert jit._digest.__wrapped__() != before
    assert jit._digest.__wrapped__() == before


def test_the_processor_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels for a level are found on every machine that names it, whatever it has besides."""
    import llvmlite.binding as llvm

    monkeypatch.setenv("NUMBA_CPU_NAME", "x86-64-v3")
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "")
    before = jit._digest.__wrapped__()
    monkeypatch.setattr(llvm, "get_host_cpu_name", lambda: "another")
    monkeypatch.setattr(llvm, "get_host_cpu_features", dict)
    assert jit._digest.__wrapped__() == before


@pytest.mark.slow
def test_a_cache_cut_short_is_compiled_again(home: Path) -> None:
    use(home)
    for part in (0, 0.5, 0.99):
        (path,) = kept(home)
        path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
        assert_compiled(use(home))
    assert_loaded(use(home))


@pytest.mark.slow
def test_H5_a_file_whose_sha256_is_another_is_compiled_again_and_never_given_to_the_loader(home: Path) -> None:
    """The content is whole, so that it would load; alone its sha256 is not."""
    use(home)
    (path,) = kept(home)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert_compiled(use(home))
    assert_loaded(use(home))
    path.write_bytes(b"cos\nmkdir\n(V" + str(home / "ran").encode() + b"\ntR.")
    assert_compiled(use(home))
    assert not (home / "ran").exists()
    assert_loaded(use(home))


@pytest.mark.slow
def test_bounds_checks_are_off_unless_asked_for_and_have_a_cache_of_their_own(home: Path) -> None:
    """Nor is one with bounds checks by those who did not ask for them."""
    code = "import made_kernels, numpy as np; print(made_kernels.at(np.arange(4)[:2], 3))"
    assert use(home, code).stdout.splitlines()[:2] == ["2", "3"]
    for said in ("koudai: compiling a kernel, once on this machine … ", "Traceback"):
        done = use(home, code, warm=False, NUMBA_BOUNDSCHECK="1")
        assert done.stdout == "2\n"
        assert done.stderr.startswith(said)
        assert "IndexError" in done.stderr
    assert len(list((home / "cache" / "koudai").glob("kernels-*"))) == 2
    assert "IndexError" in use(home, code, warm=False, KOUDAI_NO_JIT="1").stderr


def test_the_digest_follows_the_constants_that_kernels_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kernel takes from another file is compiled into it."""
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "koudai" / "text" / "compiled" / "jit.py"))
    text = tmp_path / "koudai" / "text"
    text.mkdir(parents=True)
    files = {
        "a_kernels": "from koudai.text.b import C\nfrom koudai.text.a_kernels import D\nfrom koudai.x import E",
        "b": "from koudai.text.c import C",
        "c": "C = 1",
        "d": "D = 1",
    }
    for name, source in files.items():
        (text / f"{name}.py").write_text(source, encoding="utf-8")
    before = jit._digest.__wrapped__()
    for name, source in files.items():
        (text / f"{name}.py").write_text(source + " # changed", encoding="utf-8")
        assert (jit._digest.__wrapped__() != before) == (name != "d")
        (text / f"{name}.py").write_text(source, encoding="utf-8")
    assert jit._digest.__wrapped__() == before
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert jit._digest.__wrapped__() != before


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_done_without_and_said_once(home: Path) -> None:
    """Neither is anything written beside the sources, where numba would go next."""
    (home / "cache").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        done = use(home, "import koudai.text.jieba.segment_kernels")
        assert_compiled(done, "anew in every process")
        assert done.stderr.count(WARNING) == 1
        assert "XDG_CACHE_HOME" in done.stderr
        assert not [path for suffix in ("nb?", "kernel") for path in home.rglob(f"*.{suffix}")]


@pytest.mark.slow
def test_both_the_dictionary_and_the_kernels_say_it_once(home: Path) -> None:
    (home / "cache").write_text("in the way", encoding="utf-8")
    code = """
from koudai.text.jieba import dictionary
dictionary.lexicon = lambda words: None
dictionary.build = lambda lexicon, *, chain: None
dictionary.load()
"""
    done = use(home, code)
    assert_compiled(done, "anew in every process")
    assert done.stderr.count(WARNING) == 1


@pytest.mark.slow
def test_a_disk_that_fills_up_is_no_error(home: Path) -> None:
    code = """
import koudai.storage.durable as durable
def full(*_, **__): raise OSError(28, "No space left on device")
durable._put = full
"""
    done = use(home, code)
    assert_compiled(done)
    assert_compiled(use(home))


@pytest.mark.slow
@pytest.mark.parametrize("plant", ["others can write", "a link"])
def test_T10_a_planted_cache_is_neither_loaded_nor_written(home: Path, plant: str) -> None:
    """It is code: whoever can put a file there runs it."""
    use(home)
    planted = b"cos\nmkdir\n(V" + str(home / "ran").encode() + b"\ntR."
    for path in kept(home):
        path.write_bytes(planted)
    (folder,) = (home / "cache" / "koudai").glob("kernels-*")
    if plant == "a link":
        folder.rename(home / "planted")
        folder.symlink_to(home / "planted")
    else:
        folder.chmod(0o777)
    done = use(home)
    assert_compiled(done, "anew in every process")
    assert done.stderr.count(WARNING) == 1
    assert not (home / "ran").exists()
    assert {path.read_bytes() for path in (home / "planted").rglob("*.kernel")} <= {planted}
    assert {path.read_bytes() for path in kept(home)} <= {planted}


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["numba", "llvmlite", "the compiler"])
def test_a_machine_where_numba_cannot_compile_is_told_of_the_switch(home: Path, broken: str) -> None:
    code = """
import numba.core.codegen
def broken(*_): raise RuntimeError("no LLVM here")
numba.core.codegen.ll.parse_assembly = broken
"""
    if broken != "the compiler":
        (home / f"{broken}.py").write_text("raise ImportError('no LLVM here')", encoding="utf-8")
        code = ""
    done = use(home, code, warm=False)
    assert done.returncode == 1
    assert "UsageError: numba cannot compile koudai's kernels on this machine" in done.stderr
    assert "no LLVM here" in done.stderr
    assert "KOUDAI_NO_JIT=1" in done.stderr
    done = use(home, warm=False, KOUDAI_NO_JIT="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")
