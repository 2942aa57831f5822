"""The configs that a project begins with: whatever columns and values are called, what is written is what is meant."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.project import Meaning, Project, taxonomy_stub
from koudai.config.source import Columns
from koudai.taxonomy import parse_taxonomy

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(WORDS, WORDS, st.lists(WORDS, min_size=1, max_size=3), WORDS)
def test_names_and_values_of_any_characters_come_back(column: str, file: str, yes: list[str], no: str) -> None:
    columns = Columns(id=column, text=[column, "b"], label=column, date=column)
    meaning = Meaning("rumour", tuple(yes), (no,), silent=("x",))
    project = Project("mine", file, "cac-2023", columns, {"encoding": "gb18030", "number_rows": True}, meaning, "seen")
    train, audit = tomllib.loads(project.train), tomllib.loads(project.audit)
    source = train["corpus"][0]["source"]
    assert source["columns"] == {"id": column, "text": [column, "b"], "label": column, "date": column}
    assert (source["file"], source["no"], source["silent"], source["number_rows"]) == (file, no, ["x"], True)
    assert source["yes"] == (yes[0] if len(yes) == 1 else yes)
    assert (audit["corpus"], audit["period"]) == ([{"source": "mine"}], {"column": column})
    stub = parse_taxonomy(tomllib.loads(taxonomy_stub("mine", [("ads", column)])), where="stub")
    assert stub.category[0].name.zh == f"涉嫌{column}"
