"""Sources: a corpus is named, not located; names are looked up and never used as paths (I16); a file that is not there
is an error that lists every place and where the corpus comes from.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.scored import AuditCorpusSection
from koudai.config.source import Columns, LabelRule, Source
from koudai.config.train import CorpusSection
from koudai.corpus.corpus import load_corpus
from koudai.corpus.sources import (
    file_here,
    find_corpora,
    find_file,
    find_source,
    fit_of,
    known_sources,
    load_corpora,
    stands_for,
)
from koudai.errors import ConfigError, KoudaiError, ReadError, TooManyQuarantined
from koudai.taxonomy import Taxonomy, parse_taxonomy
from tests.corpus.reading.writers import write_posts
from tests.hostile.strings import encodable


def source(name: str = "made", **fields: object) -> Source:
    return Source.model_validate({"name": name, "file": "sub/made.csv", **fields})


def put(folder: Path, content: str = "post_id,text\n1,早\n") -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "made.csv").write_text(content, encoding="utf-8")
    return folder / "sub" / "made.csv"


def test_a_named_source_is_found_and_one_given_in_full_is_itself(root: Path) -> None:
    assert find_source("seed", configs=root / "configs").title.startswith("Posts written for koudai")
    given = source()
    assert find_source(given, configs=root / "configs") is given


def test_an_unknown_name_is_refused_with_the_known_and_the_nearest(root: Path) -> None:
    with pytest.raises(ConfigError, match="no corpora file called 'weibo'") as caught:
        find_source("weibo", configs=root / "configs")
    assert str(caught.value.expected).split(", ") == sorted(p.stem for p in (root / "configs" / "corpora").iterdir())
    assert caught.value.todo == "did you mean 'weibo21'?"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "name", ["../corpora/seed", "seed.toml", "./seed", "/etc/passwd", "seed\0", "长" * 300, "", ".."]
)
def test_I16_a_name_is_never_a_path(root: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no corpora file called"):
        find_source(name, configs=root / "configs")


@pytest.mark.parametrize("key", ["../../x", "a/b", "/dev/null", "CON:", "a\0b", "长", "a.b.c", "A", "", "x\n"])
def test_I16_a_category_that_could_be_a_path_is_no_category(taxonomy: Taxonomy, key: str) -> None:
    plain = taxonomy.model_dump(mode="json")
    plain["category"][0]["key"] = key
    with pytest.raises(ConfigError, match="not a taxonomy") as caught:
        parse_taxonomy(plain, where="made.toml")
    assert "category.0.key" in str(caught.value.got)


def test_I16_hostile_ids_labels_and_splits_make_no_files(tmp_path: Path, taxonomy: Taxonomy) -> None:
    names = [text for _, text in encodable() if text.strip()]
    rules = tuple(
        LabelRule(source=text, category="rumour", says=1, fit="direct", reason="written for this test")
        for text in names
    )
    columns = Columns(label="sort", split="side")
    posts = {"post_id": [text[:512] for text in names], "text": names, "sort": names, "side": names}
    path = write_posts(tmp_path / "posts.parquet", posts)
    got = load_corpus(source(columns=columns, label=rules), path, taxonomy=taxonomy)
    assert got.split.tolist() == names
    assert list(tmp_path.iterdir()) == [path]


def test_folders_come_in_order_then_the_configs_own(tmp_path: Path) -> None:
    config = tmp_path / "conf" / "train.toml"
    beside = put(config.parent)
    assert find_file(source(), folders=(tmp_path / "no",), config=config) == beside
    second = put(tmp_path / "two")
    assert find_file(source(), folders=(tmp_path / "no", tmp_path / "two"), config=config) == second
    first = put(tmp_path / "one")
    assert find_file(source(), folders=(tmp_path / "one", tmp_path / "two"), config=config) == first


def test_an_absolute_path_is_taken_as_it_is_and_the_bundled_posts_are_always_there(tmp_path: Path, root: Path) -> None:
    path = put(tmp_path)
    assert find_file(source(file=str(path)), folders=(), config=root / "x.toml") == path
    seed = find_source("seed", configs=root / "configs")
    assert find_file(seed, folders=(tmp_path,), config=tmp_path / "x.toml").read_bytes().startswith(b'{"post_id"')


def test_a_file_that_is_nowhere_is_an_error_that_says_where_it_was_sought(tmp_path: Path) -> None:
    folders = (tmp_path / "a", tmp_path / "b")
    (tmp_path / "a" / "sub" / "made.csv").mkdir(parents=True)
    wanted = source(origin="somewhere/made at 1234", licence="research only")
    with pytest.raises(ReadError, match="the file of corpus 'made' is not here") as caught:
        find_file(wanted, folders=folders, config=tmp_path / "conf" / "x.toml")
    error = caught.value
    assert error.where == "sub/made.csv"
    listed = str(error.expected).split("\n")
    assert listed[1:4] == [str(tmp_path / place) for place in ("a", "b", "conf")]
    assert "somewhere/made at 1234 (research only)" in str(error.todo)
    assert (error.happened, error.exit_code) == ("nothing was read", 3)


def test_a_file_that_can_be_fetched_is_an_error_that_says_so(tmp_path: Path, root: Path) -> None:
    with pytest.raises(ReadError) as caught:
        find_file(find_source("cold", configs=root / "configs"), folders=(tmp_path,), config=tmp_path / "x.toml")
    assert "`api.fetch('cold', accept_licence=True)`" in str(caught.value.todo)


def test_a_file_is_here_in_the_first_folder_that_holds_it_or_not_at_all(tmp_path: Path, root: Path) -> None:
    second = put(tmp_path / "two")
    folders = (tmp_path / "one", tmp_path / "two")
    assert file_here(source(), folders=folders) == second
    assert file_here(source(), folders=(tmp_path / "one",)) is None
    assert (
        file_here(find_source("seed", configs=root / "configs"), folders=()) == root / "data" / "seed" / "posts.jsonl"
    )


def test_own_corpora_stand_beside_those_that_koudai_brings_and_before_them(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    for name, title in (("zoo", "mine"), ("seed", "also mine")):
        text = f'name = "{name}"\ntitle = "{title}"\nfile = "x.csv"\n'
        (tmp_path / "corpora" / f"{name}.toml").write_text(text, encoding="utf-8")
    found = known_sources(configs=tmp_path)
    assert list(found) == sorted(found)
    assert (found["zoo"].title, found["seed"].title, found["cold"].name) == ("mine", "also mine", "cold")


def test_what_a_source_stands_for_is_told_by_category_and_fit() -> None:
    rules = [("a", "rumour", 1, "proxy"), ("b", "rumour", 0, "proxy"), ("c", "rumour", 0, "control")]
    rules += [("a", "clout_chasing", 0, "control")]
    made = source(
        columns={"label": "sort"},
        label=[
            {"source": label, "category": category, "says": says, "fit": fit, "reason": "written for this test"}
            for label, category, says, fit in rules
        ],
    )
    assert stands_for(made) == {"rumour": {"proxy": [1, 0], "control": [0]}, "clout_chasing": {"control": [0]}}
    assert stands_for(source()) == {}


def test_every_section_gets_its_source_and_file(tmp_path: Path) -> None:
    path = put(tmp_path)
    sections = (CorpusSection(source="seed"), CorpusSection(source=source(), weight=2.0))
    found = find_corpora(sections, config=tmp_path / "x.toml", folders=(tmp_path,))
    assert [(section.weight, one.name) for section, one, _ in found] == [(1.0, "seed"), (2.0, "made")]
    assert found[1][2] == {"": path}


def test_corpora_are_loaded_in_order_with_weight_and_what_is_dropped(tmp_path: Path, taxonomy: Taxonomy) -> None:
    put(tmp_path, "post_id,text,topic\n1,早,交通\n2,晚,天气\n")
    sections = (
        CorpusSection(source=source(), weight=2.0, drop={"topic": ("交通",)}),
        AuditCorpusSection(source=source("again"), splits=("test",)),
    )
    first, second = load_corpora(sections, taxonomy=taxonomy, config=tmp_path / "x.toml", folders=(tmp_path,))
    assert (first.source.name, first.corpus.ids, first.corpus.weight.tolist(), first.corpus.dropped) == (
        "made",
        ["2"],
        [2.0],
        1,
    )
    assert (second.section, second.corpus.weight.tolist()) == (sections[1], [1.0, 1.0])
    assert first.files == second.files == {"": tmp_path / "sub" / "made.csv"}


def test_what_is_wrong_with_each_corpus_is_collected_and_the_others_are_loaded(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    put(tmp_path)
    gone = source("gone", file="gone.csv")
    named = {"sections": [CorpusSection(source=one) for one in ("nobody", gone, source())], "taxonomy": taxonomy}
    problems: list[KoudaiError] = []
    (loaded,) = load_corpora(**named, config=tmp_path / "x.toml", folders=(tmp_path,), problems=problems)
    assert loaded.source.name == "made"
    assert [type(error) for error in problems] == [ConfigError, ReadError]
    with pytest.raises(ConfigError, match="nobody"):
        load_corpora(**named, config=tmp_path / "x.toml", folders=(tmp_path,))


@pytest.mark.parametrize(
    ("fits", "kind", "expected"),
    [
        (["direct"], "real", "real"),
        (["proxy"], "real", "proxy"),
        (["control"], "real", "control"),
        (["control", "proxy", "direct"], "real", "real"),
        (["control", "proxy"], "real", "proxy"),
        ([], "real", "none"),
        (["direct"], "written", "written"),
        ([], "written", "written"),
    ],
)
def test_the_best_fit_of_a_source_for_a_category_is_what_it_is_called(
    fits: list[str], kind: str, expected: str
) -> None:
    rules = [
        {"source": f"label-{i}", "category": "rumour", "says": 1, "fit": fit, "reason": "written for this test"}
        for i, fit in enumerate(fits)
    ]
    elsewhere = {"source": "x", "category": "other", "says": 1, "fit": "direct", "reason": "written for this test"}
    made = source(kind=kind, columns={"label": "sort"}, label=[*rules, elsewhere])
    assert fit_of({"made": made}, "made", "rumour") == expected


def test_P1_a_corpus_of_which_much_is_no_post_is_refused_by_reason(tmp_path: Path, taxonomy: Taxonomy) -> None:
    put(tmp_path, "post_id,text\n1,早\n2,中\n3,晚,了\n")
    given = {"taxonomy": taxonomy, "config": tmp_path / "mine.toml", "folders": (tmp_path,)}
    with pytest.raises(TooManyQuarantined, match="1 of 3 rows were quarantined") as caught:
        load_corpora([CorpusSection(source=source())], **given)
    assert (caught.value.got, caught.value.exit_code) == ("ragged 1", 3)
    assert "corpus.quarantined" in str(caught.value.todo)
    (loaded,) = load_corpora([AuditCorpusSection(source=source(), quarantined=0.5)], **given)
    assert [row.reason for row in loaded.corpus.quarantined] == ["ragged"]
