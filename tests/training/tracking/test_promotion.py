"""Aliases move only as they should: the candidate alone becomes champion, beside a comparison; errors move nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from koudai.config.train import TrackSection
from koudai.errors import RegistryError, UsageError
from koudai.training.tracking.promotion import MAIN, Promotion, TrackedFigure, promote_version
from koudai.training.tracking.runs import send
from tests.training.tracking.bundles import altered, member, scaled
from tests.training.tracking.conftest import NewSection
from tests.training.tracking.server import answering, reply


def aliases(section: TrackSection) -> dict[str, str]:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)
    return {
        name: str(version) for name, version in client.get_registered_model(section.registered_model).aliases.items()
    }


@pytest.fixture(scope="module")
def bundles(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three bundles: one, one with other figures on the same posts, one tested on others."""
    folder = tmp_path_factory.mktemp("bundles")
    config = member(bundle, "config.json")
    config["split"]["test_share"] = 0.3
    return [bundle, scaled(bundle, folder / "two", 0.5), altered(bundle, folder / "three", config=config)]


@pytest.fixture(scope="module")
def section(stored: NewSection, bundles: list[Path]) -> TrackSection:
    """A registered model of three versions; the third is the candidate."""
    made = stored("promotion's")
    for one in bundles:
        send(one, made)
    return made


def test_training_makes_the_candidate_and_no_champion(section: TrackSection) -> None:
    assert aliases(section) == {"candidate": "3"}


def test_only_the_candidate_becomes_champion(section: TrackSection) -> None:
    with pytest.raises(UsageError, match="version 1 is not the candidate") as caught:
        promote_version(section, target="1")
    assert caught.value.todo == "`api.promote('1', to='candidate')`, then again"
    assert aliases(section) == {"candidate": "3"}


def test_a_version_becomes_candidate_then_champion_once(section: TrackSection, bundle: Path) -> None:
    found = promote_version(section, target=bundle, alias="candidate")
    assert (found.version, found.before, found.changed) == ("1", "3", True)
    found = promote_version(section)
    assert (found.version, found.alias, found.before, found.changed) == ("1", "champion", None, True)
    assert (found.same_test, {one.old for one in found.figures if one.old is not None}) == (None, set())
    again = promote_version(section, target="1")
    assert (again.version, again.before, again.changed) == ("1", "1", False)
    assert aliases(section) == {"candidate": "1", "champion": "1"}


def figures(found: Promotion, bundle: Path, side: str) -> dict[tuple[str, str], Any]:
    return {(one.category, one.metric): getattr(one, side) for one in found.figures}


def expected(bundle: Path) -> dict[tuple[str, str], Any]:
    return {
        (category, figure["metric"]): TrackedFigure(*(figure[name] for name in ("value", "low", "high", "n")))
        for category, entry in member(bundle, "evaluation.json")["categories"].items()
        for figure in entry["all"]
        if figure["metric"] in MAIN
    }


def test_the_champion_is_compared_with_the_one_it_replaces(section: TrackSection, bundles: list[Path]) -> None:
    promote_version(section, target=bundles[0], alias="candidate")
    promote_version(section)
    promote_version(section, target="2", alias="candidate")
    found = promote_version(section, target=bundles[1])
    assert (found.version, found.before, found.changed, found.same_test) == ("2", "1", True, True)
    for side, one in (("new", bundles[1]), ("old", bundles[0])):
        told, wanted = figures(found, one, side), expected(one)
        assert told.keys() == wanted.keys()
        for key, values in wanted.items():
            assert told[key] == pytest.approx(values)
    assert found.to_json()["figures"][0]["new"]["n"] > 0


def test_figures_from_other_posts_are_not_said_to_be_comparable(section: TrackSection) -> None:
    promote_version(section, target="1", alias="candidate")
    promote_version(section)
    promote_version(section, target="3", alias="candidate")
    assert promote_version(section).same_test is False


@pytest.mark.parametrize(
    ("target", "words"),
    [("99", "no version '99'"), ("0", "no version '0'"), ("x\x1b", "no version"), ("9" * 30, "no version")],
)
def test_an_unknown_version_is_named(section: TrackSection, target: str, words: str) -> None:
    before = aliases(section)
    with pytest.raises(UsageError, match=words) as caught:
        promote_version(section, target=target)
    assert "\x1b" not in caught.value.message()
    assert aliases(section) == before


def test_an_unknown_model_is_named_with_the_nearest(section: TrackSection) -> None:
    with pytest.raises(UsageError, match="no registered model called 'promotions'") as caught:
        promote_version(section.model_copy(update={"registered_model": "promotions"}))
    assert caught.value.todo == 'did you mean "promotion\'s"?'


def test_a_bundle_that_was_not_tracked_is_named(section: TrackSection, bundle: Path, tmp_path: Path) -> None:
    here = scaled(bundle, tmp_path / "never", 0.9)
    with pytest.raises(UsageError, match="not registered") as caught:
        promote_version(section, target=here, alias="candidate")
    assert caught.value.todo == f"`api.track('{here}')`"


def test_a_version_that_koudai_did_not_register_is_left_alone(section: TrackSection) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)
    client.create_registered_model("foreign")
    client.create_model_version("foreign", source="s3://somewhere/model")
    client.create_registered_model("empty")
    foreign = section.model_copy(update={"registered_model": "foreign"})
    with pytest.raises(UsageError, match="not registered by koudai"):
        promote_version(foreign, target="1", alias="candidate")
    with pytest.raises(UsageError, match="nothing to promote"):
        promote_version(section.model_copy(update={"registered_model": "empty"}))


@pytest.mark.slow
def test_a_run_that_is_gone_stops_its_version(stored: NewSection, bundle: Path) -> None:
    section = stored()
    tracked = send(bundle, section)
    with contextlib.closing(sqlite3.connect(section.uri.removeprefix("sqlite:///"))) as database, database:
        database.execute("UPDATE model_versions SET run_id = 'gone' WHERE run_id = ?", (tracked.run_id,))
    with pytest.raises(UsageError, match="run of version 1 is gone"):
        promote_version(section)


def test_no_alias_but_the_two(section: TrackSection) -> None:
    with pytest.raises(UsageError, match="no alias 'winner'"):
        promote_version(section, alias="winner")


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no registry"):
        promote_version(TrackSection(uri=f"sqlite:///{tmp_path}/mlflow.db"))
    with contextlib.closing(sqlite3.connect(tmp_path / "mine.db")) as mine, mine:
        mine.execute("CREATE TABLE posts (id)")
    with pytest.raises(UsageError, match="no registry"):
        promote_version(TrackSection(uri=f"sqlite:///{tmp_path}/mine.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.db"]
    with contextlib.closing(sqlite3.connect(tmp_path / "mine.db")) as mine:
        assert mine.execute("SELECT name FROM sqlite_master").fetchall() == [("posts",)]


def test_K3_a_registry_that_refuses_is_named_without_its_password() -> None:
    with (
        answering(lambda handler: reply(handler, 401, b"who are you?")) as address,
        pytest.raises(RegistryError, match="401") as caught,
    ):
        promote_version(TrackSection(uri=address.replace("http://", "http://me:hunter2@")))
    assert "hunter2" not in caught.value.message()
    assert caught.value.exit_code == 5
    with pytest.raises(RegistryError, match="refused"):
        promote_version(TrackSection(uri="http://127.0.0.1:9"))
