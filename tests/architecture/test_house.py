"""Rules of the house that syntax trees can show: arguments, names, examples, and where a dictionary may hold anything.

The lists of exemptions only get shorter: each says why it is one.
What test_files.py lets pass, a file of 300 to 450 lines, is a smell all the same: two nouns may hide in it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_ARGUMENTS = 7
FREE_ARGUMENTS = {
    "model/vectoriser/features.py JiebaTfidfVectorizer.__init__": "scikit-learn asks for one argument a setting",
}
"""Kernels take arrays, never records, for numba; verbs under cli/ take one argument an option: both may have more."""

ONE_NAME_TWICE = {
    "SearchResult": "repeats of a job, results of a search: never met together",
    "Part": "a part of scores, a part of folds: never met together",
    "Work": "of one unit of a job, of one batch of refits: never met together",
    "place_of": "of a repeat, of an event: each for its own folder",
}
"""Public names that more than one module defines, and why that confuses nobody."""

BORDER = {
    "api/corpora.py",
    "audit/comparison.py",
    "audit/frame.py",
    "audit/inputs/annotation_layouts.py",
    "audit/inputs/audited.py",
    "audit/inputs/entries.py",
    "audit/inputs/label_studio.py",
    "audit/plan.py",
    "audit/provenance.py",
    "audit/report.py",
    "audit/schema.py",
    "audit/sample/label_studio.py",
    "audit/sample/manifest.py",
    "audit/sample/sheet.py",
    "cli/terminal.py",
    "config/load.py",
    "corpus/fetching/fetch.py",
    "corpus/fetching/originals/__init__.py",
    "corpus/reading/lines.py",
    "corpus/reading/reading.py",
    "corpus/reading/rows.py",
    "model/bundle/bundle.py",
    "model/bundle/inspection.py",
    "model/bundle/members.py",
    "model/decision.py",
    "model/evaluation.py",
    "model/explanation.py",
    "model/fitting/classifiers/__init__.py",
    "model/fitting/classifiers/scikit_learn.py",
    "model/model.py",
    "model/ngrams/counting.py",
    "model/pipelines/classifiers.py",
    "model/pipelines/pipeline.py",
    "model/profile.py",
    "model/vectoriser/features.py",
    "render/html.py",
    "render/words.py",
    "scoring/plan.py",
    "scoring/totals.py",
    "storage/signed.py",
    "strict_json.py",
    "taxonomy.py",
    "text/jieba/dictionary.py",
    "text/jieba/segment.py",
    "training/check.py",
    "training/compare.py",
    "training/search/record.py",
    "training/search/search.py",
    "training/tracking/events.py",
    "training/tracking/promotion.py",
    "training/tracking/pyfunc.py",
    "training/tracking/runs.py",
    "training/tracking/trials.py",
}
"""Modules at the border to JSON and TOML: ``dict[str, Any]`` is what was read or is to be written."""


@pytest.fixture(scope="module")
def trees(root: Path) -> list[tuple[str, ast.Module]]:
    package = root / "pipeline" / "koudai"
    paths = sorted(package.rglob("*.py"))
    return [(str(path.relative_to(package)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield every function with its name, that of its class before it."""

    def visit(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                yield prefix + child.name, child
            name = f"{child.name}." if isinstance(child, ast.ClassDef | ast.FunctionDef) else ""
            yield from visit(child, prefix + name)

    yield from visit(tree, "")


def arguments(function: ast.FunctionDef) -> int:
    """Return how many arguments a caller sees."""
    given = function.args
    own = [one.arg for one in (*given.posonlyargs, *given.args)][:1]
    return len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs) - (own in (["self"], ["cls"]))


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [node for node in found if not node.name.startswith("_")]


def test_no_function_has_more_than_seven_arguments(trees: list[tuple[str, ast.Module]]) -> None:
    many = {
        f"{name} {function}"
        for name, tree in trees
        if not name.endswith("_kernels.py") and not name.startswith("cli/")
        for function, node in functions(tree)
        if arguments(node) > MOST_ARGUMENTS
    }
    assert many - set(FREE_ARGUMENTS) == set()


def test_a_public_name_means_one_thing(trees: list[tuple[str, ast.Module]]) -> None:
    """Verbs of api and cli are named as the functions that they call, and loops of numba are nobody's to call."""
    homes = defaultdict(list)
    for name, tree in trees:
        if not name.endswith("_kernels.py") and not name.startswith(("api/", "cli/")):
            for node in public(tree):
                homes[node.name].append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1 and name not in ONE_NAME_TWICE} == {}


def test_public_names_show_an_example_that_runs() -> None:
    import koudai
    from koudai import api

    bare = {
        f"{module.__name__}.{name}"
        for module in (koudai, api)
        for name in module.__all__
        if ">>> " not in (getattr(module, name).__doc__ or "")
    }
    assert bare == set()


def test_messages_of_the_library_name_functions_and_no_commands(trees: list[tuple[str, ast.Module]]) -> None:
    """The command line translates functions and arguments into commands and flags, and the notebook has no commands."""
    from koudai import api

    verbs = {name for name in api.__all__ if name.islower()}
    command = re.compile(rf"\bkoudai ({'|'.join(verbs)})\b|--[a-z]+")
    wrong = []
    for name, tree in trees:
        if name.startswith("cli/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in ("what", "expected", "happened", "todo"):
                text = ast.unparse(node.value)
                if command.search(text) or set(re.findall(r"`api\.(\w+)", text)) - verbs:
                    wrong.append(f"{name}:{node.value.lineno} {text}")
    assert wrong == []


@pytest.mark.slow
def test_dictionaries_of_anything_stay_at_the_border(root: Path, trees: list[tuple[str, ast.Module]]) -> None:
    package = root / "pipeline" / "koudai"
    any_at_all = [(name, tree) for name, tree in trees if "Any" in (package / name).read_text(encoding="utf-8")]
    found = {name for name, tree in any_at_all if "dict[str, Any]" in ast.unparse(tree)}
    assert found == BORDER


def test_a_kernel_that_counts_no_references_neither_allocates_arrays_nor_returns_them(
    trees: list[tuple[str, ast.Module]],
) -> None:
    """Numba does not notice: whoever is given an array by such a kernel frees it once too often."""
    kernels = [
        (f"{name} {node.name}", node, {ast.unparse(mark) for mark in node.decorator_list})
        for name, tree in trees
        if name.endswith("_kernels.py")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    allocating = {node.name for _, node, marks in kernels if "allocating" in marks}
    assert "scratch_for" in allocating
    makers = re.compile(rf"np\.(empty|zeros|ones|full)(_like)?|.*\.(copy|sort)|{'|'.join(allocating)}")
    for name, node, marks in kernels:
        inside = list(ast.walk(node))
        calls = [one for one in inside if isinstance(one, ast.Call)]
        makes = any(makers.fullmatch(ast.unparse(call.func)) for call in calls)
        assert makes == ("allocating" in marks), name
        arrays = {ast.unparse(one.value) for one in inside if isinstance(one, ast.Subscript)}
        arrays |= {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "len"}
        results = [one.value for one in inside if isinstance(one, ast.Return) and one.value is not None]
        parts = [part for one in results for part in (one.elts if isinstance(one, ast.Tuple) else [one])]
        assert "allocating" in marks or arrays.isdisjoint(map(ast.unparse, parts)), name
