"""Contacts planted in every input of a training, a job, an audit and a sample: no byte of what is published, and no
message, holds one (R7). What is the user's own, and stays as it is, is listed here: ids, and kept columns in a job.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from koudai import api
from koudai.config.train import DEFAULT_STEPS
from koudai.corpus.reading.reading import Reading
from koudai.errors import KoudaiError
from tests.training.tracking.stores import new_store

TEXTS = {
    "电话13800138001": "13800138001",
    "138-0013-8002": "138-0013-8002",
    "①③⑧⓪⓪①③⑧⓪⓪③": "①③⑧⓪⓪①③⑧⓪⓪③",
    "一三八零零一三八零零四": "一三八零零一三八零零四",
    "座机010-12345679": "12345679",
    "证件110101199003070000": "19900307",
    "卡号6222000000000000005": "6222000000",
    "邮箱wangwu77@example.com": "wangwu77",
    "微信：river_bend88": "river_bend88",
    "QQ：7654399": "7654399",
    "抖音号：dy_river66": "dy_river66",
    "@河弯弯某": "河弯弯",
    "t.me/river_tg99": "river_tg99",
    "薇❤river_leaf3": "river_leaf3",
    "138OOl38OO5": "138OOl38OO5",
    "加裙765437": "765437",
    "护照G00900019": "00900019",
    "https://example.com/river77": "river77",
}
"""What is planted in posts, and the part of it that is searched for."""
LABEL, OUTCOME, GROUP, DAY, BY, OTHER, NOTE = (
    f"{word}{kind}{number}"
    for word, kind, number in (
        ("见", "电话", 13800138011),
        ("因", "QQ", 7654312),
        ("群主", "微信", "river_grp55"),
        ("打", "", 13800138013),
        ("找", "微信", "river_ann44"),
        ("加", "VX：", "river_oth33"),
        ("致电", "", 13800138014),
    )
)
"""What is planted in labels, outcomes, groups, dates, names of annotators, other labels and a kept column."""
COLUMNS = ("13800138011", "7654312", "river_grp55", "13800138013", "river_ann44", "river_oth33", "13800138014")
PLANTED_IN = ("label", "fate", "platform", "day", "annotator", "other", "note")
KEPT = ("fate", "platform", "day", "note")
OWN_ID = "p-13800138015"
OLD_STEPS = tuple("mentions" if step == "contacts" else step for step in DEFAULT_STEPS)
SUBJECTS = ("水厂", "邻居", "老师", "司机", "店主", "主播", "学生", "同事", "记者", "大夫")
PAIRS = tuple(TEXTS)


def texts(n: int = 140) -> list[str]:
    """Return posts of two sorts, each with a contact that comes again in others."""
    return [
        f"{SUBJECTS[i % 10]}{('自称新闻中心播报', '请大家吃西瓜')[i % 2]}，第{i}次了，{PAIRS[i // 2 % len(PAIRS)]}"
        for i in range(n)
    ]


def rows() -> list[dict[str, str]]:
    """Return posts as a crawler has them, each column with contacts."""
    found = [
        {
            "post_id": f"p{i}",
            "text": text,
            "label": ("假冒", LABEL, "没有")[0 if i % 2 == 0 else 1 + (i % 4 == 1)],
            "split": "test" if i % 5 == 0 else "train",
            "fate": ("removed", OUTCOME, "kept")[i % 3],
            "platform": (GROUP, "weibo")[i % 2],
            "day": DAY if i == 7 else f"202{i % 3}-01-{1 + i % 28:02}",
            "note": NOTE,
        }
        for i, text in enumerate(texts())
    ]
    found[0]["post_id"] = OWN_ID
    return found


def broken() -> list[str]:
    """Return lines that are no posts, with contacts in each place."""
    return [
        "{" + PAIRS[0],
        json.dumps({"post_id": "", "text": PAIRS[8]}, ensure_ascii=False),
        json.dumps({"post_id": "q1", "text": {"body": PAIRS[9]}}, ensure_ascii=False),
        json.dumps({"post_id": "q2", "text": [PAIRS[7]]}, ensure_ascii=False),
        json.dumps({"text": PAIRS[10]}, ensure_ascii=False),
    ]


def table(folder: Path, name: str, columns: tuple[str, ...], cells: list[tuple[str, ...]]) -> str:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *cells])
    return name


def source(**columns: Any) -> dict[str, Any]:
    rule = {"category": "impersonation.ai_news_anchors", "fit": "proxy", "reason": "the posts were written for a test"}
    return {
        **dict.fromkeys(("name", "title"), "own"),
        "kind": "written",
        "file": "posts.jsonl",
        "licence": "none",
        "columns": {"label": "label", "split": "split", **columns},
        "label": [
            {**rule, "source": "假冒", "says": 1},
            {**rule, "source": "没有", "says": 0},
            {**rule, "source": LABEL, "says": 0},
        ],
    }


def training(folder: Path, **changes: Any) -> dict[str, Any]:
    return {
        "run": {"name": "planted", "taxonomy": "cac-2023", "categories": ["impersonation.ai_news_anchors"]},
        "corpus": [{"source": source()}],
        "features": {"words": [1, 2], "chars": [1, 4]},
        "decide": {"folds": 3},
        "track": {"uri": f"sqlite:///{folder}/mlflow.db"},
        **changes,
    }


def auditing(folder: Path, **changes: Any) -> dict[str, Any]:
    said = {"id": "post_id", "annotator": "who", "label": "says", "group": "platform"}
    return {
        "run": {"name": "planted", "taxonomy": "cac-2023"},
        "corpus": [{"source": source()}],
        "outcome": {"column": "fate", "removed": ["removed"], "kept": ["kept"], "silent": {OUTCOME: NOTE}},
        "period": {"column": "day"},
        "group": {"column": "platform"},
        "annotations": {"file": "annotations.csv", **said},
        "other": [{"name": "theirs", "file": "others.csv", "column": "said"}],
        "multiplicity": {"refits": 2},
        "track": {"enabled": True, "uri": f"sqlite:///{folder}/mlflow.db"},
        **changes,
    }


def tabled() -> dict[str, Any]:
    about = {"impersonation.ai_news_anchors": "proba"}
    return {
        "run": {"name": "planted", "taxonomy": "cac-2023"},
        "table": {"name": "theirs", "file": "table.csv", "text": "text", "columns": about},
    }


def planted(folder: Path) -> None:
    """Write every input."""
    made = rows()
    lines = [json.dumps(row, ensure_ascii=False) for row in made]
    (folder / "posts.jsonl").write_text("\n".join([*lines, *broken()]) + "\n", encoding="utf-8")
    table(
        folder,
        "annotations.csv",
        ("post_id", "who", "says", "platform"),
        [
            (row["post_id"], who, (LABEL, "没有")[(i + j) % 3 == 0], GROUP)
            for i, row in enumerate(made)
            for j, who in enumerate((BY, "乙"))
        ],
    )
    key = "impersonation.ai_news_anchors"
    table(folder, "labels.csv", ("post_id", key), [(row["post_id"], LABEL) for row in made])
    others = [(row["post_id"], (OTHER, "无")[i % 2]) for i, row in enumerate(made)]
    table(folder, "others.csv", ("post_id", "said"), others)
    proba = [(row["post_id"], row["text"], ("0.9", "0.1")[i % 2]) for i, row in enumerate(made)]
    proba += [("t1", PAIRS[0], COLUMNS[0]), ("t2", PAIRS[8], OTHER)]
    table(folder, "table.csv", ("post_id", "text", "proba"), proba)


def held(*places: Path) -> dict[str, bytes]:
    """Return every byte of files and folders by their names, the members of archives and the cells of Parquet too."""
    found = {}
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file():
                found[str(path)] = path.read_bytes() + str(path.name).encode()
                if zipfile.is_zipfile(path):
                    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                        found |= {f"{path}:{name}": archive.read(name) for name in archive.namelist()}
                if path.suffix == ".parquet":
                    found[f"{path}:cells"] = repr(pq.read_table(path).to_pydict()).encode("utf-8", "surrogatepass")
    return found


def leaks(contents: dict[str, bytes], wanted: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return which contact is found where, as UTF-8, as JSON escapes it, or as UTF-32, as arrays of NumPy hold it."""
    return {
        (Path(name).name, one)
        for name, content in contents.items()
        for one in wanted
        if one.encode() in content or json.dumps(one)[1:-1].encode() in content or one.encode("utf-32-le") in content
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything made of the planted inputs: two models, the second with steps that keep contacts, and the rest."""
    folder = tmp_path_factory.mktemp("planted")
    planted(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        new_store(tmp_path_factory, folder)
        reading = Reading(keep=KEPT)
        asked = api.ScoreSettings(form="jsonl", evidence=50)
        page = api.PageSettings(tables="both")
        for kind, changes in (("", {}), ("-old", {"text": {"steps": OLD_STEPS}, "track": {"enabled": False}})):
            api.train(training(folder, **changes), out=f"model{kind}")
            api.score(f"model{kind}", "posts.jsonl", out=f"job{kind}", reading=reading, settings=asked)
            config = auditing(folder) if not kind else auditing(folder, track={"enabled": False})
            api.audit(config, model=f"model{kind}", scores=f"job{kind}", out=f"audit{kind}", page=page)
        api.audit(tabled(), out="audit-table", page=page)
        api.render(
            "audit/report.json", out="again.html", page=api.PageSettings(lang="zh", against="audit-old/report.json")
        )
        api.sample("job", n=60, out="sample.csv")
        api.sample("job", n=60, out="sample.json", sheet=api.SheetSettings(form="label-studio"))
        again = api.FlaggedDraw("impersonation.ai_news_anchors", n=40)
        api.sample_flagged(auditing(folder), again, out="flagged.csv")
        aside: list[Any] = []
        api.stream("model", "posts.jsonl", sink=api.Sink(lambda rows: None, aside.extend))
        Path("quarantine.jsonl").write_bytes(b"".join(one.to_line() for one in aside))
    return folder


PUBLISHED = (
    "model",
    "mlflow.db",
    "mlruns",
    "audit",
    "audit.refits",
    "audit-old",
    "audit-old.refits",
    "audit-table",
    "again.html",
    "comparison.json",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_R7_what_is_published_holds_no_contact(made: Path, name: str) -> None:
    found = leaks(held(made / name), (*TEXTS.values(), *COLUMNS, OWN_ID))
    configs = {("config.json", COLUMNS[0]), ("mlflow.db", COLUMNS[0])}
    assert found - configs == set()  # a label that the config of a training names is kept with the config


@pytest.mark.slow
def test_a_model_that_learnt_contacts_is_seen_to_hold_them(made: Path) -> None:
    assert {one for _, one in leaks(held(made / "model-old"), tuple(TEXTS.values()))} >= {"13800138001", "wangwu77"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["sample.csv", "sample.json", "sample.csv.manifest.json", "flagged.csv", "quarantine.jsonl"]
)
def test_R7_samples_and_rows_set_aside_hold_no_contact_but_ids(made: Path, name: str) -> None:
    contents = held(made / name)
    assert contents
    assert leaks(contents, (*TEXTS.values(), *COLUMNS)) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["job", "job-old"])
def test_R7_a_job_holds_no_contact_but_in_ids_and_kept_columns(made: Path, name: str) -> None:
    contents = held(made / name)
    kept = {one for _, one in leaks(contents, COLUMNS)}
    assert kept == {one for one, planted_in in zip(COLUMNS, PLANTED_IN, strict=True) if planted_in in KEPT}
    assert leaks(contents, tuple(TEXTS.values())) == set()


def strange(folder: Path, **cells: str) -> dict[str, Any]:
    """Return a training on posts of which two have these cells."""
    lines = [json.dumps({**row, **(cells if i < 2 else {})}, ensure_ascii=False) for i, row in enumerate(rows())]
    (folder / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return training(folder, track={"enabled": False})


def dated(folder: Path) -> dict[str, Any]:
    found = strange(folder)
    return {**found, "corpus": [{"source": source(date="day")}]}


def contradicting(folder: Path) -> dict[str, Any]:
    """Return a training on posts of which some have two labels that contradict each other."""
    found = strange(folder, label=f"假冒#{LABEL}")
    whole = source()
    rules = [
        {**{k: v for k, v in rule.items() if k != "source"}, "contains": rule["source"]} for rule in whole["label"]
    ]
    return {**found, "corpus": [{"source": {**whole, "label": rules, "label_separator": "#"}}]}


@pytest.mark.parametrize(
    "asked",
    [
        lambda folder: strange(folder, label=f"{LABEL}1"),
        lambda folder: strange(folder, label="打1\u200b3800138011"),
        lambda folder: strange(folder, split=LABEL),
        contradicting,
        dated,
    ],
)
def test_R7_messages_of_a_training_hold_no_contact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Callable[[Path], dict[str, Any]]
) -> None:
    config = asked(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KoudaiError) as caught:
        api.train(config, out="model")
    assert leaks({"message": str(caught.value).encode()}, (*TEXTS.values(), *COLUMNS, "3800138011")) == set()
    assert "[" in str(caught.value.got)


@pytest.mark.parametrize("line", broken())
@pytest.mark.parametrize("name", ["posts.jsonl", "posts.json", "posts.csv"])
def test_R7_a_file_that_is_refused_is_named_without_contacts(
    bundle: Path, tmp_path: Path, name: str, line: str
) -> None:
    file = tmp_path / name
    file.write_text(f"post_id,text\n1,{line},1\n" if name.endswith("csv") else f"{line}\n" * 5, encoding="utf-8")
    aside: list[Any] = []
    message = ""
    try:
        api.stream(bundle, file, sink=api.Sink(lambda rows: None, aside.extend))
    except KoudaiError as error:
        message = str(error)
    told = message.encode() + b"".join(one.to_line() for one in aside)
    assert told
    assert leaks({"message": told}, tuple(TEXTS.values())) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": {"column": "fate", "removed": ["removed"], "kept": ["kept"]}},
        {"outcome": {"column": "note", "removed": [OUTCOME]}},
        {"period": {"column": "note"}},
        {"cluster": {"day": "note"}},
        {"sample": {"design": "srs", "labels": ["labels.csv"]}},
        {"group": {"column": "platform", "called": {BY: [OTHER]}}},
        {"annotations": {"file": "annotations.csv", "annotator": "who", "label": "says", "category": "platform"}},
        {"other": [{"name": "theirs", "file": "others.csv", "columns": ["said"]}]},
    ],
)
def test_R7_messages_of_an_audit_hold_no_contact(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    config = auditing(made, **changes, **({} if "annotations" in changes else {"annotations": None}))
    monkeypatch.chdir(made)
    with pytest.raises(KoudaiError) as caught:
        api.audit(config, model="model", scores="job", out=tmp_path / "audit")
    assert leaks({"message": str(caught.value).encode()}, (*TEXTS.values(), *COLUMNS)) == set()
