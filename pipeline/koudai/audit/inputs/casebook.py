"""The casebook: minimal pairs written for the project, each case with the function it tests and the tag it should get.

Promises: a case is one post of 1 to 1,000 characters with expected leaf categories or none; pairs differ in the one
thing that decides. A model that fails a case is not broken: the pass rates say what its categories take that they
should not.

Source: Röttger et al. 2021, "HateCheck: functional tests for hate speech detection models".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from koudai.errors import ReadError, number_of
from koudai.taxonomy import Bilingual, Taxonomy, problems, read_toml

SHOWN = 50


class _Function(BaseModel):
    """One function: its titles, what it tests, and why its cases may share few words with their pair."""

    model_config = ConfigDict(extra="forbid")

    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    tests: str = ""
    pairs: str = ""


class Case(BaseModel):
    """One case: id, function, pair, post, expected leaf categories (none if empty), and the reason in words.

    Examples
    --------
    >>> case = Case(case_id="c1", function="negation", pair_id="p1", text="这不是谣言", expected=(), why="a denial")
    >>> case.expected
    ()
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case_id: str
    function: str
    pair_id: str
    text: str = Field(min_length=1, max_length=1000)
    expected: tuple[str, ...]
    why: str = Field(min_length=5)


@dataclass(frozen=True)
class Casebook:
    """Cases in file order, and the title of each function.

    Examples
    --------
    >>> case = Case(case_id="c1", function="negation", pair_id="p1", text="这不是谣言", expected=(), why="a denial")
    >>> Casebook((case,), {"negation": Bilingual(zh="否定", en="negation")}).functions
    ['negation']
    """

    cases: tuple[Case, ...]
    titles: dict[str, Bilingual]

    @property
    def functions(self) -> list[str]:
        """Names of the functions, in the order they are first tested."""
        return list(dict.fromkeys(case.function for case in self.cases))


def load_casebook(path: Path, *, taxonomy: Taxonomy) -> Casebook:
    """Read ``cases.jsonl``, and ``functions.toml`` beside it.

    Raises
    ------
    ReadError
        If a line is not a case, an id is there twice, a category is not a leaf of the taxonomy, or a function has no
        title in both languages; lists every problem, the first `SHOWN` of them in words.
    ConfigError
        If ``functions.toml`` is missing or is not TOML.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> casebook = load_casebook(bundled("data/casebook") / "cases.jsonl", taxonomy=taxonomy)
    >>> len(casebook.cases) > 100, set(casebook.functions) <= set(casebook.titles)
    (True, True)
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(
            what="the casebook cannot be read", where=path, got=error, todo="check the path under `casebook`"
        ) from error
    cases: list[Case] = []
    wrong: list[str] = []
    seen: set[str] = set()
    functions = read_toml(path.with_name("functions.toml"))
    titles: dict[str, Bilingual] = {}
    for name, entry in functions.items():
        try:
            function = _Function.model_validate(entry)
        except ValidationError as error:
            wrong.append(f"functions.toml, {name}: {problems(error)}")
            continue
        titles[name] = Bilingual(zh=function.title_zh, en=function.title_en)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = Case.model_validate(json.loads(line))
        except ValidationError as error:
            wrong.append(f"line {number}: {problems(error)}")
            continue
        except (ValueError, RecursionError) as error:
            wrong.append(f"line {number}: {error}")
            continue
        wrong += [f"line {number}: no leaf category {key!r}" for key in case.expected if key not in taxonomy.leaves]
        if case.function not in functions:
            wrong.append(f"line {number}: function {case.function!r} is not in functions.toml")
        if case.case_id in seen:
            wrong.append(f"line {number}: case {case.case_id!r} is there twice")
        seen.add(case.case_id)
        cases.append(case)
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise ReadError(
            what=number_of(len(wrong), "problem") + " in the casebook",
            where=path,
            expected=f"leaf categories: {', '.join(taxonomy.leaves)}",
            got="\n".join(wrong[:SHOWN] + more),
            happened="nothing was measured",
            todo="correct these lines",
        )
    return Casebook(cases=tuple(cases), titles=titles)
