"""Errors: the tree in the docstring is the tree in the code, messages name every part, and nothing raw is printed."""

from __future__ import annotations

import inspect
import itertools
import pickle
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai import errors
from koudai.errors import ConfigError, KoudaiError, printable
from tests.hostile.strings import HOSTILE_STRINGS

CLASSES = {
    name: thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, Exception) and thing.__module__ == errors.__name__
}
ANY = st.text(st.characters(exclude_categories=()), max_size=300)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def drawn_tree() -> dict[str, tuple[str, int]]:
    """Return parent and exit code of each error in the tree that the module's docstring draws."""
    above = ["KoudaiError"]
    found = {}
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"^    ([│├└─ ]{4,})(\w+)\s+(\d)\s", line)
        if drawn:
            depth = len(drawn[1]) // 4
            above[depth:] = [drawn[2]]
            found[drawn[2]] = (above[depth - 1], int(drawn[3]))
    return found


def test_the_drawn_tree_is_the_tree() -> None:
    written = {
        name: (thing.__base__.__name__, thing.exit_code) for name, thing in CLASSES.items() if name != "KoudaiError"
    }
    assert drawn_tree() == written


def test_every_error_has_a_docstring_and_an_exit_code_of_the_table(subtests: pytest.Subtests) -> None:
    for name in sorted(CLASSES):
        with subtests.test(name):
            assert CLASSES[name].__doc__
            assert CLASSES[name].exit_code in {1, 2, 3, 4, 5, 6}


def test_a_message_says_everything_that_is_known_in_this_order() -> None:
    error = ConfigError(
        what="unknown step",
        where="train.toml:12",
        expected="nfkc, links",
        got="first\nsecond",
        happened="nothing was trained",
        todo="did you mean 'nfkc'?",
    )
    assert str(error).splitlines() == [
        "ConfigError: unknown step",
        "  where:    train.toml:12",
        "  expected: nfkc, links",
        "  got:      first",
        "            second",
        "  happened: nothing was trained",
        "  to do:    did you mean 'nfkc'?",
    ]


def test_what_is_not_known_is_left_out_but_falsy_values_are_not() -> None:
    assert str(KoudaiError("broken")) == "KoudaiError: broken"
    assert str(KoudaiError("broken", expected=0, got="")).splitlines()[1:] == ["  expected: 0", "  got:      "]


def test_an_error_comes_from_another_process_as_it_was(subtests: pytest.Subtests) -> None:
    for name, protocol in itertools.product(sorted(CLASSES), [0, pickle.HIGHEST_PROTOCOL]):
        with subtests.test(name, protocol=protocol):
            error = CLASSES[name]("broken", where=Path("a.csv"), got=["\x1b", 1], todo="look")
            again = pickle.loads(pickle.dumps(error, protocol))
            assert type(again) is CLASSES[name]
            assert str(again) == str(error)
            assert (again.what, again.where, again.expected, again.exit_code) == (
                "broken",
                "a.csv",
                None,
                error.exit_code,
            )


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(character) in HIDDEN for character in text)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(ANY, st.integers(2, 250))
def test_R5_printable_is_one_safe_line_within_its_limit(text: str, limit: int) -> None:
    shown = printable(text, limit=limit)
    assert len(shown) <= limit
    assert is_safe(shown)
    shown.encode()
    if is_safe(text) and len(text) <= limit:
        assert shown == text


def test_R5_messages_about_hostile_strings_hold_no_escapes(subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            message = str(KoudaiError(text, where=text, expected=[text], got=text, happened=text, todo=text))
            assert all(is_safe(line) for line in message.split("\n"))
            message.encode()


@settings(derandomize=True, deadline=None, max_examples=100)
@given(ANY)
def test_R5_data_cannot_forge_a_line_of_a_message(text: str) -> None:
    """Whatever stands in `got`, it is indented deeper than the names of the parts."""
    lines = KoudaiError("broken", got=text, todo="look").message().split("\n")
    assert [line for line in lines if re.match(r"  \S", line)] == [lines[1], lines[-1]]
    assert lines[1].startswith("  got: ")
    assert lines[-1] == "  to do:    look"


def test_a_long_value_is_cut() -> None:
    assert len(str(KoudaiError("broken", got="长" * 10_000))) < 500


def test_printable_takes_anything() -> None:
    assert printable(b"\x1b[2J") == r"b'\x1b[2J'"
    assert printable(None) == "None"
    assert printable("\x1b]0;x\x07") == r"\u001b]0;x\u0007"
