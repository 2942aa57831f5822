"""The real audits of docs/results/: koudai takes their commands, of files that are there or fetched; every figure has
its interval; and, where the corpora are at hand, some figures are worked out again.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

from koudai.audit.frame import AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures import MEASURES
from koudai.audit.measures.transfer import transfer
from koudai.audit.report import load_report
from koudai.cli.app import app
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.config.source import Source
from koudai.config.train import TrainConfig
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.scorer import score
from koudai.taxonomy import Taxonomy
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.conftest import ROOT

PAGES = {
    "wechat-removals": ("wechat-removals",),
    "rumour-across-corpora": ("rumour-across-corpora",),
    "advice": ("advice", "advice-questions"),
}
FIGURE = r"(?<![\d.,])\d?\.\d{2,3}(?!\d)"
WITH_INTERVAL = rf"{FIGURE} \[−?{FIGURE}, {FIGURE}\]|{FIGURE} \[−{FIGURE}, −{FIGURE}\]"
SAYS_NONE = rf"{FIGURE} \(no interval\)"
"""Of a figure whose statistic has none: of every post of a job, of a binned error, of a share of refits."""
RUMOUR = {"假", "谣言", "rumorType=0", "fake"}
NONE = {"真", "事实", "rumorType=1", "辟谣", "real"}


def page(name: str) -> str:
    return (ROOT / "docs" / "results" / f"{name}.md").read_text(encoding="utf-8")


def commands(name: str) -> list[list[str]]:
    """Return what follows each ``koudai`` of a page, a line's continuations joined."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.strip().startswith("koudai ")]


def fetched(name: str) -> set[str]:
    return {word for command in commands(name) if command[0] == "fetch" for word in command[1:]}


def source(name: str) -> Source:
    return load_config(Source, ROOT / "configs" / "corpora" / f"{name}.toml")


THREE = re.compile(r"(\d?\.\d+) \[(\d?\.\d+), (\d?\.\d+)\]")
"""A value and its interval."""


def shown(figure: Figure) -> str:
    parts = [figure.value, figure.low, figure.high]
    return "{} [{}, {}]".format(*(f"{part:.3f}".removeprefix("0") for part in parts if part is not None))


@pytest.mark.parametrize("name", PAGES)
def test_koudai_takes_every_command(name: str) -> None:
    verbs = typer.main.get_command(app)
    with typer.Context(verbs) as context:
        found = commands(name)
        assert {command[0] for command in found} >= {"fetch", "train", "score", "audit"}
        for command in found:
            verb = verbs.get_command(context, command[0])  # type: ignore[attr-defined]
            verb.make_context(command[0], command[1:], parent=context).close()


@pytest.mark.parametrize("name", PAGES)
def test_every_file_of_a_command_is_there_or_fetched_or_made_before(name: str) -> None:
    here = {f"data/{source(corpus).file}" for corpus in fetched(name)}
    made = {f"{folder}/{table}" for folder, table in re.findall(r'to_parquet\(f?"([\w/]+)/([\w{}.-]+)"', page(name))}
    made |= {place.replace("{name}", Path(file).stem) for place in made for file in here}
    for command in commands(name):
        for word in command:
            if word.startswith("configs/"):
                assert (ROOT / word).is_file(), word
            if word.startswith("data/"):
                assert word in here | made, word
    assert all(source(corpus).fetch for corpus in fetched(name))


@pytest.mark.parametrize("config", [config for configs in PAGES.values() for config in configs])
def test_a_config_names_corpora_that_are_fetched_and_measures_that_there_are(config: str) -> None:
    name = next(page for page, configs in PAGES.items() if config in configs)
    found = load_config(AuditConfig, ROOT / "configs" / "audit" / f"{config}.toml")
    assert set(found.run.measures) <= set(MEASURES.names())
    assert {str(part.source) for part in found.corpus} - {"seed"} <= fetched(name)
    assert any(word == f"configs/audit/{config}.toml" for command in commands(name) for word in command)
    if found.group is not None:
        spoken = {rule.source for corpus in fetched(name) for rule in source(corpus).label}
        spoken |= {value for corpus in fetched(name) for value in source(corpus).silent}
        assert {value for values in found.group.called.values() for value in values} <= spoken


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_of_a_table_has_its_interval(name: str) -> None:
    cells = [cell for line in page(name).splitlines() if line.startswith("| ") for cell in line.split(" | ")[1:]]
    figures = [cell for cell in cells if re.search(FIGURE, re.sub(f"{WITH_INTERVAL}|{SAYS_NONE}", "", cell))]
    assert figures == []
    assert sum(bool(re.search(WITH_INTERVAL, cell)) for cell in cells) >= 10


def test_a_page_quotes_nothing_and_says_what_falls_short() -> None:
    for name in set(PAGES) - {"wechat-removals"}:
        assert max(len(run) for run in re.findall("[\u4e00-\u9fff]+", page(name) + "无")) <= 4
        assert "What falls short." in page(name)
    assert page("advice").count("alidated on") >= 3


@pytest.mark.parametrize("name", PAGES)
def test_the_rendered_page_quotes_no_post_names_no_word_and_holds_the_figures(name: str) -> None:
    report = load_report(ROOT / "docs" / "reports" / f"{name}.json")
    rendered = (ROOT / "docs" / "reports" / f"{name}.html").read_text(encoding="utf-8")
    assert report.posts == ()
    assert "<blockquote" not in rendered
    assert len(rendered.encode()) < 1 << 20
    assert str(report.provenance["model"]["digest"]) in rendered
    figures = [one for frame in report.frames.values() for one in frame.figures]
    assert not {one.statistic for one in figures} & {"z", "rises", "falls"}
    assert all(
        re.match(r"(\w+: )?theme \d$", one.group)
        for one in report.frames.get("themes", AuditFrame("", ())).figures
        if one.statistic == "share"
    )
    whole = {shown(one) for one in figures if None not in (one.value, one.low, one.high)}
    told = {"{} [{}, {}]".format(*found) for found in THREE.findall(page(name))}
    assert len(told & whole) >= {"wechat-removals": 17, "rumour-across-corpora": 35, "advice": 60}[name]


def test_wechat_titles_that_met_different_ends(real_corpus: Callable[[str], Path]) -> None:
    titles = pd.read_parquet(real_corpus("wechatscope_removed_titles.parquet"))
    titles = titles[titles["created_at"] < "2020"]
    bare = titles["text"].str.normalize("NFKC").str.lower().str.replace(r"[\W_]+", "", regex=True)
    ends = titles.groupby(bare.where(bare != "", titles["text"]))["outcome"].agg(["size", "nunique"])
    repeated = ends[ends["size"] > 1]
    figure = f"{(repeated['nunique'] > 1).mean():.3f}".removeprefix("0")
    assert re.search(rf"different ends \| {re.escape(figure)} \[.*\| {len(repeated)} repeated", page("wechat-removals"))
    assert f"{len(titles):,} titles" in page("wechat-removals")


@pytest.mark.slow
def test_A4_transfer_between_the_rumour_corpora(real_corpus: Callable[[str], Path], taxonomy: Taxonomy) -> None:
    parts = []
    for name in ("weibo21", "wefend", "factcheck"):
        table = pd.read_parquet(real_corpus(source(name).file))
        if name == "weibo21":
            table = table[table["split"].isin(["val", "test"]) & (table["topic"] != "无法确定")]
        if name == "wefend":
            table = table[table["title_seen_in_train"].astype(str) != "True"]
        parts.append(table.assign(source=name))
    posts = pd.concat(parts, ignore_index=True)
    label = np.where(posts["source_label"].isin(RUMOUR), 1, np.where(posts["source_label"].isin(NONE), 0, -1))
    texts, n = posts["text"].tolist(), len(posts)
    labelled = Labelled(
        ids=posts["post_id"].tolist(),
        texts=texts,
        labels=label[:, None].astype(np.int8),
        proba=np.zeros((n, 1), np.float32),
        alleged=np.zeros((n, 1), bool),
        source=posts["source"].to_numpy(dtype=object),
        group=near_duplicate_groups(texts),
    )
    nothing = np.zeros((0, 1))
    given = AuditInput(taxonomy, ("rumour",), 20230310, [], nothing, nothing > 0, nothing[:, 0] > 0, 0)
    cells = [one for one in transfer(replace(given, labelled=labelled)).figures if one.statistic == "auc"]
    rows = [line for line in page("rumour-across-corpora").splitlines() if line.startswith("| ")]
    assert len(cells) == 9
    assert [one.n for one in cells if one.group == "weibo21 → wefend"] == [2000]
    told = np.array([[float(part) for part in found] for row in rows for found in THREE.findall(row)])
    for one in cells:
        away = np.abs(told - np.array([one.value, one.low, one.high], dtype=float)).max(axis=1)
        assert away.min() < 0.01, f"{one}: other processors round fits otherwise, but not as far as that"


@pytest.mark.slow
def test_A4_what_is_alleged_of_answers(real_corpus: Callable[[str], Path], tmp_path: Path, root: Path) -> None:
    config = root / "configs" / "train" / "advice-written.toml"
    loaded = load_config(TrainConfig, config, overrides=("track.enabled=false",))
    model = train_model(prepare(loaded, config), tmp_path / "model").model
    rows = page("advice").splitlines()
    for file, column, begin, key in (
        ("legalqa_lawyer_answers.parquet", "text", "lawyers' answers", "unqualified_advice.legal"),
        ("legalqa_lawyer_answers.parquet", "question", "questions to lawyers", "unqualified_advice.legal"),
        ("meddialog_internal_sample.parquet", "text", "doctors' answers", "unqualified_advice.medical"),
    ):
        posts = pd.read_parquet(real_corpus(file)).drop_duplicates(column)
        scored = score(model, posts["post_id"].tolist(), posts[column].tolist())
        clusters = near_duplicate_groups(posts[column].tolist())
        for tagged in ("unqualified_advice", key):
            hits = scored.alleged[:, scored.keys.index(tagged)]
            found = shown(clustered_share(tagged, "*", "share", hits, clusters))
            assert any(row.startswith(f"| {begin} | {len(posts):,} |") and found in row for row in rows), found
