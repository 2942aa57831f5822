"""What is carried: every kernel, readable for all, writable for nobody else, used where it cannot be written."""

from __future__ import annotations

import gzip
import os
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai import api, load_model
from koudai.api import warming
from koudai.api.warming import MODULES
from koudai.cli.app import run_command
from koudai.errors import UsageError
from koudai.text.compiled import jit
from tests.text.fresh import run

USED = """
from koudai.text.characters.normalize import Normalizer
from koudai.text.utf8 import of_texts
print(Normalizer(("nfkc",)).many(of_texts(["Ａ"])).texts())
"""


def test_every_module_that_compiles_is_listed(root: Path) -> None:
    found = set()
    for path in (root / "pipeline").rglob("*.py"):
        for name in re.findall(r"^@kernels\(.*\ndef (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.add(f"{'.'.join(path.relative_to(root / 'pipeline').with_suffix('').parts)}:{name}")
    assert found == set(MODULES)


def test_without_a_compiler_there_is_nothing_to_carry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jit.SWITCH, "1")
    with pytest.raises(UsageError, match="compiling is switched off"):
        api.warm(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(jit.switched_off(), reason="nothing is compiled")
def test_another_process_helps_where_nothing_is_kept_and_a_core_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    class Other:
        def __init__(self, command: list[str], **_: Any) -> None:
            begun.append(command)

        def terminate(self) -> None:
            begun.append("ended")

        def wait(self) -> None:
            begun.append("waited for")

    monkeypatch.setattr(warming.subprocess, "Popen", Other)
    for kept, there, helped in ((True, 2, False), (False, 1, False), (False, 2, True)):
        begun.clear()
        monkeypatch.setattr(jit, "any_kept", lambda kept=kept: kept)
        monkeypatch.setattr("koudai.cores.cores", lambda there=there: there)
        with pytest.raises(KeyError), warming.compiled_beside():
            raise KeyError
        assert begun[1:] == (["ended", "waited for"] if helped else [])
    (_, _, code), *_ = begun
    exec(code)  # noqa: S102


@pytest.mark.skipif(jit.switched_off(), reason="nothing is compiled")
def test_it_begins_with_what_is_needed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(warming, "_compile", asked.extend)
    warming.compile_backwards()
    assert asked == list(MODULES[: warming._OF_ALL][::-1])
    asked.clear()
    warming.compile_backwards(training=True)
    assert asked == [*MODULES[warming._OF_SCORING :][::-1], *MODULES[: warming._OF_ALL][::-1]][: len(asked)]
    assert asked[-1] == MODULES[0]


SCORED = """
import sys
from koudai.cli import main
sys.argv = ["koudai", "score", *sys.argv[1:]]
try:
    main()
finally:
    print("numba" in sys.modules)
"""


@pytest.mark.skipif(jit.switched_off(), reason="nothing is compiled")
def test_few_posts_are_scored_without_compiling_and_to_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text(
        "post_id,text\n1,各位观众晚上好，AI主播为您播报\n2,这个偏方能治糖尿病，停药就行\n3,🎉\n", encoding="utf-8"
    )
    api.score(bundle, posts, out=tmp_path / "compiled")
    for number in range(2):
        code = SCORED.replace(
            "*sys.argv[1:]", f"{str(bundle)!r}, {str(posts)!r}, '--out', {str(tmp_path / str(number))!r}"
        )
        done = run(code, XDG_CACHE_HOME=str(tmp_path / "empty"))
        assert done.stdout.endswith("False\n"), done.stderr
        assert done.stderr.count("scored by plain Python") == 1
    (folder,) = (tmp_path / "empty" / "koudai").glob("kernels-*")
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("runs", b"..")]
    shards = [(tmp_path / name / "shards" / "000000.parquet").read_bytes() for name in ("compiled", "0", "1")]
    assert shards[0] == shards[1] == shards[2]


def test_a_command_within_a_longer_process_leaves_the_switch_alone(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "any_kept", lambda: False)
    monkeypatch.setattr(jit, "uncompiled_runs", lambda: 0)
    monkeypatch.setattr(sys, "modules", {name: it for name, it in sys.modules.items() if not name.endswith("_kernels")})
    before = os.environ.get(jit.SWITCH)
    assert run_command(["explain", str(bundle), "--text", "口袋"]) == 0
    assert os.environ.get(jit.SWITCH) == before


@pytest.mark.skipif(jit.switched_off(), reason="nothing is compiled")
def test_kernels_are_compiled_where_plain_python_takes_longer(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(jit.SWITCH, "0")
    monkeypatch.setattr(sys, "modules", {name: it for name, it in sys.modules.items() if not name.endswith("_kernels")})
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    few.write_text("post_id,text\n1,口袋\n", encoding="utf-8")
    many.write_text("post_id,text\n1,口袋\n" + "2,口袋\n" * 10_000, encoding="utf-8")
    there = [few, tmp_path, tmp_path / "no.csv", "s3://bucket/few.csv", many]
    for kept, runs, posts, spared in [
        *((False, 0, one, one == few) for one in there),
        (False, 4, few, True),
        (False, 5, few, False),
        (True, 0, few, False),
    ]:
        monkeypatch.setattr(jit, "any_kept", lambda kept=kept: kept)
        monkeypatch.setattr(jit, "uncompiled_runs", lambda runs=runs: runs)
        assert (warming.spare_compiling(bundle, [posts]), os.environ[jit.SWITCH]) == (spared, "01"[spared]), posts
        monkeypatch.setenv(jit.SWITCH, "0")
    monkeypatch.setitem(sys.modules, "koudai.a_kernels", jit)
    monkeypatch.setattr(jit, "any_kept", lambda: False)
    assert not warming.spare_compiling(bundle, [few])


def test_what_a_small_file_unpacks_to_counts(bundle: Path, tmp_path: Path) -> None:
    posts, zipped = tmp_path / "posts.parquet", tmp_path / "posts.csv.gz"
    ids = list(map(str, range(300)))
    pq.write_table(pa.table({"post_id": ids, "text": ["口袋" * 500] * 300}), posts)
    zipped.write_bytes(gzip.compress(b"post_id,text\n1,a\n"))
    terms = warming.size_to_score(bundle, [])
    assert 0 <= terms - len(load_model(bundle).model.terms()) < 50
    assert posts.stat().st_size < 20_000
    assert warming.size_to_score(bundle, [posts]) > terms + 300 * 500 * 6
    assert warming.size_to_score(bundle, [zipped]) == float("inf")


@pytest.mark.slow
def test_what_is_carried_is_used_and_neither_written_nor_compiled(tmp_path: Path) -> None:
    made = api.warm(tmp_path / "carried")
    kept = {path: path.stat() for path in made.folder.rglob("*")}
    assert made.files == sum(path.is_file() for path in kept)
    assert {state.st_mode & 0o777 for state in kept.values()} == {0o755, 0o644}
    for home, mode in (("mine", 0o700), ("cannot be written", 0o500)):
        (tmp_path / home).mkdir(mode=mode)
        done = run(USED, warm=False, KOUDAI_CACHE=str(made.folder), XDG_CACHE_HOME=str(tmp_path / home))
        assert (done.stdout.split(), done.stderr) == (["['A']"], "")
        assert list((tmp_path / home).iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")} == {
        path: state.st_mtime_ns for path, state in kept.items()
    }
    made.folder.chmod(0o777)
    done = run(USED, warm=False, KOUDAI_CACHE=str(made.folder), XDG_CACHE_HOME=os.environ["XDG_CACHE_HOME"])
    assert done.stdout.split() == ["['A']"]
    assert "is not used (others can write there)" in done.stderr
