"""Labels: what a source's values are said to mean and nothing else: silence is not a 0, an unknown value is an error
that lists all of them with counts and near matches (I17, I18), and nothing is merged because it looks alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from koudai.config.source import Columns, LabelRule, Source
from koudai.corpus.labels import UNKNOWN, labels_of
from koudai.corpus.sources import stands_for
from koudai.errors import LabelError
from koudai.taxonomy import Taxonomy

RUMOUR, PARENT, CHILD = "rumour", "impersonation", "impersonation.military"


def rule(source: str, category: str, says: Any) -> LabelRule:
    return LabelRule(source=source, category=category, says=says, fit="direct", reason="written for this test")


RULES = (rule("fake", RUMOUR, 1), rule("real", RUMOUR, 0), rule("posing", CHILD, 1))


def by_rules(*rules: LabelRule, silent: tuple[str, ...] = ()) -> Source:
    return Source(name="made", file="x.csv", columns=Columns(label="sort"), label=rules, silent=silent)


def from_rules(taxonomy: Taxonomy, values: list[Any], source: Source) -> np.ndarray:
    return labels_of(source, taxonomy, {"sort": values}, len(values))


def from_objects(taxonomy: Taxonomy, *values: Any) -> np.ndarray:
    source = Source(name="made", file="x.jsonl", columns=Columns(labels="labels"))
    return labels_of(source, taxonomy, {"labels": list(values)}, len(values))


def column(taxonomy: Taxonomy, labels: np.ndarray, key: str) -> list[int]:
    return labels[:, taxonomy.keys.index(key)].tolist()


def test_rules_say_one_zero_or_nothing(taxonomy: Taxonomy) -> None:
    values = ["fake", "real", "posing", "advert", None]
    got = from_rules(taxonomy, values, by_rules(*RULES, silent=("advert",)))
    assert got.dtype == np.int8
    assert got.shape == (5, len(taxonomy.keys))
    assert column(taxonomy, got, RUMOUR) == [1, 0, -1, -1, -1]
    assert column(taxonomy, got, CHILD) == [-1, -1, 1, -1, -1]
    assert column(taxonomy, got, PARENT) == [-1, -1, 1, -1, -1]


def test_silence_is_not_a_zero_in_any_category_nobody_spoke_of(taxonomy: Taxonomy) -> None:
    got = from_rules(taxonomy, ["fake", "real"], by_rules(*RULES))
    others = [i for i, key in enumerate(taxonomy.keys) if key != RUMOUR]
    assert (got[:, others] == UNKNOWN).all()


def test_a_rule_for_one_taxonomy_speaks_there_and_nowhere_else(taxonomy: Taxonomy) -> None:
    own = rule("fake", PARENT, 1).model_copy(update={"taxonomy": "cac-2023"})
    other = rule("fake", "nothing_of_ours", 1).model_copy(update={"taxonomy": "other"})
    heard = from_rules(taxonomy, ["fake"], by_rules(*RULES, other))
    assert column(taxonomy, heard, RUMOUR) == [1]
    heard = from_rules(taxonomy, ["fake"], by_rules(*RULES, own, other))
    assert (column(taxonomy, heard, RUMOUR), column(taxonomy, heard, PARENT)) == ([-1], [1])
    source = by_rules(own, other, silent=("fake",))
    assert set(stands_for(source)) == set()
    with pytest.raises(LabelError, match="no meaning"):
        from_rules(taxonomy, ["real"], by_rules(*RULES, own))
    with pytest.raises(ValidationError, match="says two things"):
        by_rules(own, own.model_copy(update={"says": 0}))


def test_a_source_without_labels_knows_nothing(taxonomy: Taxonomy) -> None:
    got = labels_of(Source(name="made", file="x.csv"), taxonomy, {}, 3)
    assert got.shape == (3, len(taxonomy.keys))
    assert (got == UNKNOWN).all()


def test_several_rules_may_speak_of_one_value(taxonomy: Taxonomy) -> None:
    got = from_rules(taxonomy, ["fake"], by_rules(*RULES, rule("fake", PARENT, 0)))
    assert column(taxonomy, got, RUMOUR) == [1]
    assert column(taxonomy, got, PARENT) == [0]
    assert column(taxonomy, got, CHILD) == [0]


@pytest.mark.parametrize(("value", "source"), [(True, "True"), (0, "0"), (1.0, "1.0"), ("", "")])
def test_values_that_are_not_text_are_known_by_how_they_are_written(
    taxonomy: Taxonomy, value: Any, source: str
) -> None:
    assert column(taxonomy, from_rules(taxonomy, [value], by_rules(rule(source, RUMOUR, 1))), RUMOUR) == [1]


def test_a_missing_value_is_not_the_word_none(taxonomy: Taxonomy) -> None:
    got = from_rules(taxonomy, [None, "None"], by_rules(rule("None", RUMOUR, 1)))
    assert column(taxonomy, got, RUMOUR) == [-1, 1]


def test_I17_every_unknown_value_is_listed_with_its_count(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError, match=r"3 labels of corpus 'made' have no meaning") as caught:
        from_rules(taxonomy, ["fake", "fakes", "x", "fakes", "", "real"], by_rules(*RULES, silent=("advert",)))
    error = caught.value
    assert error.exit_code == 3
    assert error.where == "column 'sort'"
    assert str(error.got).split("\n") == ["'' (1 post)", "'fakes' (2 posts), did you mean 'fake'?", "'x' (1 post)"]
    assert str(error.expected).endswith("known: advert, fake, posing, real")
    assert error.happened == "nothing was trained on"
    assert error.todo


@pytest.mark.parametrize("written", [" fake", "fake\n", "FAKE", "Fake", "ｆａｋｅ", "\u3000fake", "f a k e", "fak"])
def test_I18_a_variant_of_a_label_is_never_merged_and_hints_at_the_label(taxonomy: Taxonomy, written: str) -> None:
    with pytest.raises(LabelError) as caught:
        from_rules(taxonomy, ["fake", written], by_rules(*RULES))
    assert str(caught.value.got) == f"{written!r} (1 post), did you mean 'fake'?"


def test_I18_the_variant_in_case_is_hinted_at_before_a_nearer_spelling(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError) as caught:
        from_rules(taxonomy, ["AD"], by_rules(rule("ad", RUMOUR, 1), rule("ADS", RUMOUR, 0)))
    assert "did you mean 'ad'?" in str(caught.value.got)


def test_I17_categories_that_the_taxonomy_lacks_are_all_listed(taxonomy: Taxonomy) -> None:
    wrong = by_rules(rule("a", "rumor", 1), rule("b", "weather", 1), rule("c", RUMOUR, 1))
    with pytest.raises(LabelError, match="labels categories that taxonomy 'cac-2023' does not have") as caught:
        from_rules(taxonomy, ["a"], wrong)
    assert caught.value.got == "rumor, weather"
    assert caught.value.todo == "did you mean 'rumour'?"
    assert RUMOUR in str(caught.value.expected)


WRITTEN = {"1": 1, "0": 0, 1: 1, 0: 0, None: -1, "": -1}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_objects_give_each_category_what_is_written_and_fill_in_the_tree(
    taxonomy: Taxonomy, data: st.DataObject
) -> None:
    strategy = st.dictionaries(st.sampled_from(taxonomy.keys), st.sampled_from(list(WRITTEN)), max_size=6)
    objects = data.draw(st.lists(strategy, min_size=1, max_size=5))
    got = from_objects(taxonomy, *objects)
    for row, one in enumerate(objects):
        said = {key: WRITTEN[value] for key, value in one.items()}
        for key in taxonomy.leaves:
            above = taxonomy.parent[key]
            if said.get(key, -1) != -1:
                assert got[row, taxonomy.keys.index(key)] == said[key]
            elif above is None or said.get(above, -1) == -1:
                siblings = [other for other in taxonomy.leaves if taxonomy.parent[other] == above]
                if above is None or any(said.get(other, -1) == -1 for other in siblings):
                    assert got[row, taxonomy.keys.index(key)] == -1
        for key in taxonomy.keys:
            children = [other for other in taxonomy.keys if taxonomy.parent[other] == key]
            if any(said.get(child) == 1 for child in children):
                assert got[row, taxonomy.keys.index(key)] == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({RUMOUR: 2}, "rumour: expected 1, 0 or null, got 2 (1 post)"),
        ({RUMOUR: "yes"}, "rumour: expected 1, 0 or null, got 'yes' (1 post)"),
        ({RUMOUR: True}, "rumour: expected 1, 0 or null, got True (1 post)"),
        ({RUMOUR: 1.0}, "rumour: expected 1, 0 or null, got 1.0 (1 post)"),
        ({RUMOUR: [1]}, "rumour: expected 1, 0 or null, got [1] (1 post)"),
        ({RUMOUR: {"a": 1}}, "rumour: expected 1, 0 or null, got {'a': 1} (1 post)"),
        ({"rumor": 1}, "unknown category 'rumor', did you mean 'rumour'? (1 post)"),
        ({"RUMOUR": 1}, "unknown category 'RUMOUR', did you mean 'rumour'? (1 post)"),
        ({"天气": 1}, "unknown category '天气', none is near (1 post)"),
        ("fake", "expected an object of category: 1, 0 or null, got 'fake' (1 post)"),
        (None, "expected an object of category: 1, 0 or null, got None (1 post)"),
        ([1, 0], "expected an object of category: 1, 0 or null, got [1, 0] (1 post)"),
    ],
)
def test_I17_label_objects_that_do_not_fit_are_named(taxonomy: Taxonomy, value: Any, message: str) -> None:
    with pytest.raises(LabelError, match="labels of corpus 'made' do not fit taxonomy 'cac-2023'") as caught:
        from_objects(taxonomy, {RUMOUR: "1"}, value)
    assert caught.value.got == message
    assert caught.value.where == "column 'labels'"
    assert caught.value.exit_code == 3


def test_objects_in_cells_of_csv_are_read_as_json_writes_them(taxonomy: Taxonomy) -> None:
    cells = ['{"rumour": 1}', ' {"rumour": "0"}', '{"rumour": null}', "{}"]
    assert column(taxonomy, from_objects(taxonomy, *cells), RUMOUR) == [1, 0, -1, -1]
    for cell in ("{'rumour': 1}", '{"rumour": 1', '{"rumour": 1, "rumour": 0}', '{"rumour": 1} x', '["rumour"]'):
        with pytest.raises(LabelError, match="do not fit taxonomy") as caught:
            from_objects(taxonomy, cell)
        assert str(caught.value.got).startswith("expected an object of category")


def test_I17_all_problems_of_label_objects_are_listed_with_counts_and_cut(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError) as caught:
        from_objects(taxonomy, {"a": 1}, {"a": 0, RUMOUR: "长" * 10_000})
    lines = str(caught.value.got).split("\n")
    assert lines[0] == "unknown category 'a', none is near (2 posts)"
    assert lines[1].startswith("rumour: expected 1, 0 or null, got '长长")
    assert len(lines[1]) < 150


def contains(value: str, category: str, says: Any) -> LabelRule:
    return LabelRule(contains=value, category=category, says=says, fit="direct", reason="written for this test")


SEVERAL = (contains("谣言", RUMOUR, 1), contains("正常", RUMOUR, 0), contains("冒充", CHILD, 1))


@pytest.mark.parametrize("joined", [False, True])
def test_a_rule_may_speak_of_one_of_several_labels(taxonomy: Taxonomy, joined: bool) -> None:
    labels = [["谣言"], [], ["谣言", "牟利"], ["正常"], ["牟利", "冒充", "谣言"], None, ["牟利"]]
    values = [None if one is None else "#".join(one) if joined else one for one in labels]
    got = from_rules(taxonomy, values, by_rules(*SEVERAL, silent=("牟利",)))
    assert column(taxonomy, got, RUMOUR) == [1, -1, 1, 0, 1, -1, -1]
    assert column(taxonomy, got, CHILD) == [-1, -1, -1, -1, 1, -1, -1]


def test_lists_in_cells_are_read_as_json_and_python_write_them(taxonomy: Taxonomy) -> None:
    written = ['["谣言", "牟利"]', "['谣言', '牟利']", '["\\u8c23\\u8a00"]', "[]", "[ '正常' ]", """["正常",'牟利']"""]
    got = from_rules(taxonomy, written, by_rules(*SEVERAL, silent=("牟利",)))
    assert column(taxonomy, got, RUMOUR) == [1, 1, 1, -1, 0, 0]
    for value in ("[谣言, 牟利]", "('谣言', '牟利')", "['谣言'", "[__import__('os')]", "[1, '谣言']"):
        with pytest.raises(LabelError, match="has no meaning"):
            from_rules(taxonomy, [value], by_rules(*SEVERAL, silent=("牟利",)))


def test_joined_labels_are_cut_at_the_separator_of_the_source(taxonomy: Taxonomy) -> None:
    source = by_rules(*SEVERAL, silent=("a#b",)).model_copy(update={"label_separator": "|"})
    got = from_rules(taxonomy, ["谣言 | a#b", "a#b", "谣言"], source)
    assert column(taxonomy, got, RUMOUR) == [1, -1, 1]


def test_I17_each_of_several_labels_must_have_a_meaning(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError) as caught:
        from_rules(taxonomy, [["谣言", "牟利"], "正常#广告", ["牟利"]], by_rules(*SEVERAL))
    assert caught.value.got == "'广告' (1 post)\n'牟利' (2 posts)"


def test_labels_that_contradict_each_other_on_a_post_are_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError, match="labels of 2 post") as caught:
        from_rules(taxonomy, [["谣言", "正常"], "谣言#正常", ["谣言"]], by_rules(*SEVERAL))
    assert RUMOUR in str(caught.value.expected)
    whole = rule("谣言#正常", RUMOUR, 1)
    got = from_rules(taxonomy, ["谣言#正常", "正常"], by_rules(*SEVERAL, whole))
    assert column(taxonomy, got, RUMOUR) == [1, 0]


def test_a_list_without_a_rule_for_one_of_several_says_how_there_may_be_one(taxonomy: Taxonomy) -> None:
    with pytest.raises(LabelError) as caught:
        from_rules(taxonomy, [["fake"]], by_rules(*RULES))
    assert "`contains`" in str(caught.value.todo)


@pytest.mark.parametrize("spelling", ["true", "True"])
def test_a_truth_value_is_spelt_either_way(taxonomy: Taxonomy, spelling: str) -> None:
    got = from_rules(taxonomy, [True, None], by_rules(rule(spelling, RUMOUR, 1)))
    assert column(taxonomy, got, RUMOUR) == [1, -1]
    with pytest.raises(LabelError, match="no meaning") as caught:
        from_rules(taxonomy, [False], by_rules(rule(spelling, RUMOUR, 1)))
    assert "'false'" in str(caught.value.got)


@pytest.mark.parametrize("given", [{}, {"source": "a", "contains": "a"}])
def test_a_rule_names_one_label(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="names one label"):
        LabelRule(**given, category=RUMOUR, says=1, fit="direct", reason="written for this test")


def test_yes_and_no_label_as_their_rules_would_and_other_words_are_named(taxonomy: Taxonomy) -> None:
    source = Source(name="m", file="m.csv", columns={"label": "c"}, category=RUMOUR, yes="是", no=["否", "0"])
    found = labels_of(source, taxonomy, {"c": ["是", "否", 0, None]}, 4)
    assert column(taxonomy, found, RUMOUR) == [1, 0, 0, -1]
    with pytest.raises(LabelError, match="1 label") as refused:
        labels_of(source, taxonomy, {"c": ["是", "大概"]}, 2)
    assert "`silent`" in str(refused.value)


def test_a_column_of_other_things_is_told_in_few_lines(taxonomy: Taxonomy) -> None:
    source = Source(name="m", file="m.csv", columns={"label": "c"}, category=RUMOUR, yes="是", no="否")
    with pytest.raises(LabelError, match="5,000 labels") as refused:
        labels_of(source, taxonomy, {"c": [f"话题{at}" for at in range(5000)]}, 5000)
    assert len(str(refused.value).splitlines()) < 50
    assert "and 4,960 more" in str(refused.value)
    assert "column of labels" in str(refused.value)
