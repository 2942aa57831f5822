"""Registries: names map to things and to nothing else; a new file is found; a broken one is never forgotten."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.measures import MEASURES
from koudai.errors import UsageError
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.registry import Registry, did_you_mean

Package = Callable[..., Registry[Any]]
INIT = "from koudai.registry import Registry\nTHINGS = Registry('thing', package=__name__)\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Write a package of registered things and return its registry."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def write(name: str, **modules: str) -> Registry[Any]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(INIT, encoding="utf-8")
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(f"from {name} import THINGS\n{text}\n", encoding="utf-8")
        made.append(name)
        registry: Registry[Any] = __import__(name).THINGS
        return registry

    yield write
    for module in [module for module in sys.modules if module.partition(".")[0] in made]:
        del sys.modules[module]


def test_a_new_file_is_found_without_editing_another(package: Package) -> None:
    things = package("found", one="THINGS.register('one')(1)", two="THINGS.register('two')(2)")
    assert things.names() == list(things) == ["one", "two"]
    assert things["two"] == 2
    assert "one" in things
    assert "three" not in things


def test_nothing_is_imported_before_the_first_look_up(package: Package) -> None:
    things = package("lazy", boom="raise RuntimeError('imported')")
    assert "lazy.boom" not in sys.modules
    with pytest.raises(RuntimeError, match="imported"):
        things.names()


def test_a_file_that_fails_to_import_fails_again_at_the_next_look_up(package: Package) -> None:
    """And never leaves a registry that silently knows only the files before it."""
    things = package("broken", a="THINGS.register('a')('a')", b="import no_such_module_at_all")
    for _ in range(3):
        with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
            _ = things["c"]


def test_threads_at_the_first_look_up_all_see_everything(package: Package) -> None:
    slow = "import time\ntime.sleep(0.05)\nTHINGS.register('{0}')('{0}')"
    things = package("raced", **{name: slow.format(name) for name in "abcd"})
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: things.names(), range(8)))
    assert seen == [["a", "b", "c", "d"]] * 8


def test_a_name_is_given_once(package: Package) -> None:
    things = package("twice", a="THINGS.register('same')(1)", b="THINGS.register('same')(2)")
    with pytest.raises(ValueError, match="two things are called 'same'"):
        things.names()


@pytest.mark.parametrize("registry", [CLASSIFIERS, MEASURES], ids=["classifiers", "measures"])
@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "LinearSVC.fit", "__init__", "", "../LinearSVC", "LINEARSVC", "{{ name }}"]
)
def test_C2_a_name_is_never_an_import_path(registry: Registry[Any], name: str) -> None:
    before = set(sys.modules)
    registry.names()
    loaded = set(sys.modules)
    with pytest.raises(UsageError) as caught:
        _ = registry[name]
    assert set(sys.modules) == loaded >= before
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert f"unknown {registry.kind} {name!r}" in message
    assert all(known in message for known in registry.names())


def test_C2_the_nearest_name_is_suggested() -> None:
    with pytest.raises(UsageError, match="to do:    did you mean 'LinearSVC'"):
        _ = CLASSIFIERS["LinearSvc"]
    assert did_you_mean("NB-SVM", CLASSIFIERS.names()) == "did you mean 'NBSVM'?"
    assert did_you_mean("os.system", CLASSIFIERS.names()) is None


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_a_suggestion_is_a_known_name(name: str, known: list[str]) -> None:
    suggestion = did_you_mean(name, known)
    assert suggestion is None or suggestion in {f"did you mean {item!r}?" for item in known}
    if name in known:
        assert suggestion == f"did you mean {name!r}?"
