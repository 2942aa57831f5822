"""What every file of the house keeps: under 450 lines, a docstring, tests that mirror it, no machine's paths."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

LONGEST = 450
NO_TEST_OF_ITS_OWN = {
    "pipeline/koudai/__init__.py": "names only, tested in tests/test_public_names.py",
    "pipeline/koudai/__main__.py": "two lines, run by tests/cli",
    "pipeline/koudai/training/tracking/pyfunc.py": "a script that MLflow runs, in test_registered.py",
    "pipeline/koudai/text/jieba/tables.py": "a tuple of arrays, as trie.py makes them",
    "pipeline/koudai/text/jieba/trie.py": "arrays for the kernels: every test of identity with jieba goes through them",
    "pipeline/koudai/progress.py": "a protocol and its silent listener, used by every test of work that is long",
}


def python_files(root: Path, folder: str) -> list[Path]:
    return sorted(path for path in (root / folder).rglob("*.py"))


def test_no_file_is_longer_than_450_lines(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for folder in ("pipeline/koudai", "tests")
        for path in python_files(root, folder)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_module_opens_with_what_it_is(root: Path) -> None:
    bare = [
        str(path.relative_to(root))
        for path in python_files(root, "pipeline/koudai")
        if len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") < 30
    ]
    assert bare == []


def test_tests_mirror_the_package(root: Path) -> None:
    """koudai/a/b.py is tested in tests/a/test_b.py, or in a file of tests/a that imports it and says so by name."""
    missing = []
    for path in python_files(root, "pipeline/koudai"):
        name = path.relative_to(root / "pipeline" / "koudai")
        if str(path.relative_to(root)) in NO_TEST_OF_ITS_OWN or path.name == "__init__.py":
            continue
        if path.stem.endswith("_kernels"):  # compiled loops, tested through the module that calls them
            continue
        own = root / "tests" / name.parent / f"test_{path.stem}.py"
        module = "koudai." + ".".join(name.with_suffix("").parts)
        near = [p for p in (root / "tests" / name.parent).rglob("test_*.py") if module in p.read_text(encoding="utf-8")]
        if not own.exists() and not near:
            missing.append(str(name))
    assert missing == []


def test_nothing_tracked_names_a_machine(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    pattern = re.compile(r"(^|[^a-z.\w])/(tmp|root|home|work)/")
    wrong = []
    for name in filter(None, names):
        path = root / name
        if name.startswith(("tests/", "requirements/")) or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{name}:{number}" for number, line in enumerate(text.split("\n"), 1) if pattern.search(line)]
    assert wrong == []


def test_no_file_of_the_package_is_empty(root: Path) -> None:
    """Each travels to a tracking server with a model, whole, and says what it is."""
    files = [path for path in (root / "pipeline" / "koudai").rglob("*") if path.is_file()]
    assert [path.name for path in files if "__pycache__" not in path.parts and not path.stat().st_size] == []
