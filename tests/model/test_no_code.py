"""No code from data: the syntax trees of koudai hold nothing that could execute, import or unpickle what it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = sorted(Path(__file__).parents[2].glob("pipeline/koudai/**/*.py"))
FORBIDDEN_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "marshal",
    "shelve",
    "runpy",
    "code",
    "codeop",
}
FORBIDDEN_NAMES = {"eval", "exec", "compile", "__import__", "Unpickler", "literal_eval"}
FORBIDDEN_CALLS = {("joblib", "load"), ("yaml", "load"), ("yaml", "unsafe_load"), ("np", "load"), ("numpy", "load")}
FORBIDDEN_CALLS |= {
    ("torch", "load"),
    ("pd", "read_pickle"),
    ("pandas", "read_pickle"),
    ("os", "system"),
    ("skops", "io"),
}


def code_from_data(tree: ast.AST) -> Iterator[str]:
    """Yield whatever could turn data into code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").partition(".")[0]
            if module in FORBIDDEN_MODULES:
                yield module
            yield from (a.name for a in node.names if (module, a.name) in FORBIDDEN_CALLS or a.name in FORBIDDEN_NAMES)
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in FORBIDDEN_CALLS or node.attr in (
                "Unpickler",
                "read_pickle",
                "literal_eval",
            ):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield "allow_pickle"
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield "shell"


@pytest.mark.slow
def test_M3_P4_nothing_turns_data_into_code() -> None:
    found = {str(path): list(code_from_data(ast.parse(path.read_text(encoding="utf-8")))) for path in SOURCES}
    assert len(found) > 100
    assert {path: what for path, what in found.items() if what} == {}


SLIPS = [
    *("import pickle", "from pickle import loads", "import joblib\njoblib.load('x')", "from joblib import load"),
    *("import marshal as m", "eval('1')", "e = exec", "import yaml\nyaml.load(x)", "np.load(x, allow_pickle=True)"),
    *("import cloudpickle", "np.save(f, x, allow_pickle=flag)", "pd.read_pickle(x)", "import dill.source"),
    *("class A(pickle.Unpickler): ...", "subprocess.run(x, shell=True)", "from ast import literal_eval"),
]


@pytest.mark.parametrize("slip", SLIPS)
def test_M3_the_check_finds_what_it_looks_for(slip: str) -> None:
    assert list(code_from_data(ast.parse(slip)))
