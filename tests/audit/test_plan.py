"""Plans: frozen before labels exist, refused where edited since; each figure is planned or exploratory."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from koudai import api, load_report
from koudai.audit.plan import frozen_file
from koudai.audit.planned import FrozenPlan
from koudai.audit.report import AuditReport
from koudai.config.plan import PlanSection
from koudai.errors import ConfigError, OutputExists, ReadError
from koudai.storage.durable import sha256_file
from tests.api.conftest import here as here
from tests.api.conftest import made as made

CONFIG = """
model = "model"
scores = "job"
[run]
name = "study"
taxonomy = "cac-2023"
measures = ["coverage", "prevalence"]
[sample]
manifest = "sheet.csv.manifest.json"
labels = ["sheet.csv"]
[plan]
unit = "near-duplicates"
exclusions = ["帖子里没有文字的"]
[[plan.comparison]]
measure = "prevalence"
category = "impersonation"
question = "冒充实际占多少？"
[[plan.comparison]]
measure = "coverage"
statistic = "alleged"
"""


@pytest.fixture
def study(here: Path) -> Path:
    """A working directory with a job, a sample of it that nobody has labelled, and a config with a plan."""
    api.sample("job", n=3, out="sheet.csv")
    Path("study.toml").write_text(CONFIG, encoding="utf-8")
    return here


def label(sheet: Path) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    answers = [at for at, name in enumerate(head) if name.startswith("label:")]
    for row in rows:
        for at in answers:
            row[at] = "0"
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def test_a_plan_is_frozen_before_labels_and_every_figure_says_which_it_is(study: Path) -> None:
    with pytest.raises(ConfigError, match="not frozen"):
        api.audit("study.toml", out="early")
    frozen = api.plan("study.toml", created_at="2026-01-01T00:00:00Z")
    assert api.plan("study.toml") == frozen, "the same plan again, with its first date"
    label(study / "sheet.csv")
    assert api.plan("study.toml") == frozen, "what is frozen stays so when labels come"
    report = api.audit("study.toml", out="figures")
    assert report.plan == frozen
    again = load_report("figures/report.json")
    assert again.to_json() == report.to_json()
    assert again.plan == frozen
    table = report.to_pandas()
    expected = (table["measure"] == "prevalence") & (table["category"] == "impersonation")
    expected |= (table["measure"] == "coverage") & (table["statistic"] == "alleged")
    assert (table["planned"] == expected).all()
    assert 0 < expected.sum() < len(table)
    assert frozen.counts(report.frames) == [
        int(expected[table["measure"] == "prevalence"].sum()),
        int(expected[table["measure"] == "coverage"].sum()),
    ]
    page = Path("figures/report.html").read_text(encoding="utf-8")
    cards, tables = page.split('<section id="measures"')
    assert tables.count('<span lang="en">planned</span>') == expected.sum()
    assert tables.count('<span lang="en">exploratory</span>') == (~expected).sum()
    shown = table[table["statistic"].isin(["alleged", "prevalence"]) & table["group"].isin(["*", "ppi++"])]
    marks = [cards.count(f'<span lang="en">{mark}</span>') for mark in ("planned", "exploratory")]
    assert marks[0] == (shown["planned"]).sum(), "cards say it, too"
    assert marks[1] > 0
    for shown in (
        *("no post here is left out by them", "本报告没有据此删去帖子"),
        *(frozen.hash, "冒充实际占多少？", "帖子里没有文字的", "near-duplicates", "探索性"),
    ):
        assert shown in page


def test_without_a_plan_nothing_is_said_of_one(here: Path) -> None:
    report = load_report("audited/report.json")
    assert report.plan is None
    assert "plan" not in report.to_json()
    assert "planned" not in report.to_pandas()
    assert "exploratory" not in Path("audited/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('category = "impersonation"', 'category = "clout_chasing"', "plan"),
        ("[plan]", "[group]\ncolumn = 'topic'\n[plan]", "group"),
        ('name = "study"', 'name = "study"\nseed = 7', "run"),
    ],
)
def test_a_plan_that_was_edited_since_is_refused(study: Path, old: str, new: str, said: str) -> None:
    api.plan("study.toml")
    (study / "study.toml").write_text(CONFIG.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match="edited since") as caught:
        api.audit("study.toml", out="figures")
    assert f"other values in {said}" in str(caught.value)
    with pytest.raises(OutputExists, match="another plan"):
        api.plan("study.toml")
    assert not Path("figures").exists()


def test_the_thresholds_of_a_table_are_frozen_and_where_it_lies_is_not(study: Path) -> None:
    table = '[table]\nname = "bert"\nfile = "scores.csv"\nthreshold = 0.5\n'
    text = CONFIG.replace('model = "model"\nscores = "job"\n', "").replace("[plan]", table + "[plan]", 1)
    (study / "study.toml").write_text(text, encoding="utf-8")
    frozen = api.plan("study.toml")
    (study / "study.toml").write_text(text.replace("= 0.5", "= 0.6"), encoding="utf-8")
    with pytest.raises(OutputExists, match="says otherwise in table"):
        api.plan("study.toml")
    (study / "study.toml").write_text(text.replace('"scores.csv"', '"there/scores.csv"'), encoding="utf-8")
    assert api.plan("study.toml") == frozen


def test_another_sample_or_a_frozen_plan_that_was_changed_is_refused(study: Path) -> None:
    api.plan("study.toml")
    path = frozen_file(study / "study.toml")
    whole = path.read_text(encoding="utf-8")
    value = json.loads(whole)
    value["sections"]["plan"]["comparison"] = value["sections"]["plan"]["comparison"][:1]
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ReadError, match="its hash is not"):
        api.audit("study.toml", out="figures")
    path.write_text(whole[:-9], encoding="utf-8")
    with pytest.raises(ReadError, match="damaged"):
        api.audit("study.toml", out="figures")
    path.write_text(whole, encoding="utf-8")
    for there in study.glob("sheet.csv*"):
        there.unlink()
    api.sample("job", n=3, out="sheet.csv", seed=5)
    with pytest.raises(ConfigError, match="the manifest of the sample"):
        api.audit("study.toml", out="figures")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CONFIG[CONFIG.index("[plan]") :], "", r"no \[plan\]"),
        (CONFIG[CONFIG.index("[sample]") : CONFIG.index("[plan]")], "", "names none"),
        ('measure = "coverage"', 'measure = "covrage"', "a measure that there is not"),
        ('statistic = "alleged"', 'statistic = "auc"', "a statistic that coverage has not"),
        ('category = "impersonation"', 'category = "rumor"', "a category that cac-2023 has not: rumor"),
        ('"coverage", "prevalence"', '"prevalence"', "a measure that run.measures leaves out: coverage"),
    ],
)
def test_what_cannot_be_frozen_is_refused(study: Path, old: str, new: str, message: str) -> None:
    (study / "study.toml").write_text(CONFIG.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        api.plan("study.toml")
    assert not frozen_file(study / "study.toml").exists()


def test_labels_that_are_there_already_and_another_unit_are_refused(study: Path) -> None:
    api.plan("study.toml")
    with pytest.raises(ConfigError, match="(?s)another unit.*with the texts of the posts"):
        api.audit("study.toml", out="figures", settings=api.AuditSettings(texts=False))
    frozen_file(study / "study.toml").unlink()
    label(study / "sheet.csv")
    with pytest.raises(ConfigError, match="labelled already") as caught:
        api.plan("study.toml")
    assert "3 of 3 posts" in str(caught.value)
    (study / "study.toml").write_text(CONFIG.replace('["sheet.csv"]', '["anna.csv"]'), encoding="utf-8")
    with pytest.raises(ConfigError, match="labelled already"):
        api.plan("study.toml")


@pytest.mark.parametrize("again", ["double", "gold"])
def test_labels_in_a_sheet_beside_the_sample_are_labels_though_the_config_names_none_of_them(
    here: Path, again: str
) -> None:
    api.sample("job", n=3, out="sheet.csv", sheet=api.SheetSettings(double=2, gold=2))
    Path("study.toml").write_text(CONFIG, encoding="utf-8")
    label(here / f"sheet.{again}.csv")
    with pytest.raises(ConfigError, match="labelled already") as caught:
        api.plan("study.toml")
    assert f"sheet.{again}.csv" in str(caught.value)
    assert "2 of 3 posts" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "study"', 'name = "again"'),
        ('name = "study"', 'name = "study"\nposts_per_category = 0\nwords = false\nredact = false'),
        ('"coverage", "prevalence"', '"prevalence", "coverage", "overlap"'),
        ("[plan]", "[track]\nenabled = false\n[plan]"),
        ('labels = ["sheet.csv"]', 'labels = ["./sheet.csv"]'),
    ],
)
def test_what_no_figure_turns_on_may_change(study: Path, old: str, new: str) -> None:
    frozen = api.plan("study.toml")
    label(study / "sheet.csv")
    (study / "study.toml").write_text(CONFIG.replace(old, new, 1), encoding="utf-8")
    report = api.audit("study.toml", out="figures")
    assert report.plan == frozen
    told = report.to_pandas()
    assert not told[told["measure"] == "overlap"]["planned"].any(), "what was not planned is exploratory"


def test_where_casebook_and_clusters_lie_may_change(study: Path) -> None:
    more = 'casebook = "a/cases.jsonl"\n' + CONFIG.replace('unit = "near-duplicates"\n', "")
    cluster = '[cluster]\ncolumn = "event"\nfile = "a/events.csv"\n'
    (study / "study.toml").write_text(more.replace("[plan]", cluster + "[plan]", 1), encoding="utf-8")
    frozen = api.plan("study.toml")
    moved = (study / "study.toml").read_text(encoding="utf-8").replace('"a/', '"b/')
    (study / "study.toml").write_text(moved, encoding="utf-8")
    assert api.plan("study.toml") == frozen
    (study / "study.toml").write_text(moved.replace('column = "event"', 'column = "topic"'), encoding="utf-8")
    with pytest.raises(OutputExists, match="says otherwise in cluster"):
        api.plan("study.toml")


def test_a_planned_measure_that_is_left_out_later_is_missed(study: Path) -> None:
    api.plan("study.toml")
    label(study / "sheet.csv")
    (study / "study.toml").write_text(CONFIG.replace('"coverage", "prevalence"', '"prevalence"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"run\.measures leaves out: coverage"):
        api.audit("study.toml", out="figures")


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        (
            '[annotations]\nfile = "p.csv"\ncolumns = ["a", "b"]\nabout = "rumour"\n',
            'about = "rumour"\n',
            "epsilon = 0.2\n",
        ),
        (
            '[[wording]]\nname = "full"\nfile = "w.csv"\nanswer = "x"\nabout = "rumour"\n',
            "file =",
            "threshold = 0.4\nfile =",
        ),
        ('[[other]]\nname = "bert"\nfile = "b.csv"\ncolumns = ["rumour"]\n', "file =", "threshold = 0.4\nfile ="),
    ],
)
def test_thresholds_of_people_and_machines_are_frozen_and_names_of_people_are_not_told(
    study: Path, section: str, old: str, new: str
) -> None:
    text = CONFIG.replace("[plan]", section + "[plan]", 1)
    (study / "study.toml").write_text(text, encoding="utf-8")
    api.plan("study.toml")
    assert '"b"' not in frozen_file(study / "study.toml").read_text(encoding="utf-8"), "columns may be people's names"
    (study / "study.toml").write_text(text.replace(section, section.replace(old, old + new if "about" in old else new)))
    with pytest.raises(OutputExists, match="says otherwise in (annotations|wording|other)"):
        api.plan("study.toml")


def test_ends_of_lines_are_no_other_sample(study: Path) -> None:
    frozen = api.plan("study.toml")
    label(study / "sheet.csv")
    manifest = study / "sheet.csv.manifest.json"
    assert frozen.sample == sha256_file(manifest)
    manifest.write_bytes(manifest.read_bytes().replace(b"\n", b"\r\n"))
    assert api.audit("study.toml", out="figures").plan == frozen


def test_a_check_tells_of_a_plan_that_was_edited_or_never_frozen(study: Path) -> None:
    (problem,), _ = api.check_audit("study.toml")
    assert "not frozen" in problem.what
    api.plan("study.toml")
    label(study / "sheet.csv")
    assert api.check_audit("study.toml")[0] == []
    (problem,), _ = api.check_audit("study.toml", settings=api.AuditSettings(texts=False))
    assert "another unit" in problem.what
    (problem,), _ = api.check_audit("study.toml", settings=api.AuditSettings(overrides=("plan.exclusions=['none']",)))
    assert "edited since" in problem.what


def test_a_category_that_nobody_labels_cannot_be_planned(study: Path) -> None:
    (study / "study.toml").write_text(
        CONFIG.replace('category = "impersonation"', 'category = "rumour"'), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="asks no labels of: rumour"):
        api.plan("study.toml")
    assert not frozen_file(study / "study.toml").exists()


@pytest.mark.parametrize("form", ["csv", "label-studio", "xlsx"])
def test_a_sheet_in_any_form_that_nobody_has_labelled_lets_a_plan_be_frozen(here: Path, form: str) -> None:
    sheet = {"csv": "sheet.csv", "label-studio": "sheet.json", "xlsx": "sheet.xlsx"}[form]
    api.sample("job", n=3, out=sheet, sheet=api.SheetSettings(form=form))
    text = CONFIG.replace('["sheet.csv"]', '["anna.csv"]').replace("sheet.csv.manifest", f"{sheet}.manifest")
    Path("study.toml").write_text(text, encoding="utf-8")
    assert api.plan("study.toml").sample_name


def test_a_second_wave_keeps_to_the_plan_of_the_first_and_cannot_be_planned_for(study: Path) -> None:
    for there in study.glob("sheet.csv*"):
        there.unlink()
    rows = "".join(f"{at},这个偏方第{at}天就见效\n" for at in range(20))
    Path("larger.csv").write_text("post_id,text\n" + rows, encoding="utf-8")
    api.score("model", "larger.csv", out="larger")
    api.sample("larger", n=8, out="sheet.csv", categories=["impersonation"])
    Path("study.toml").write_text(CONFIG.replace('"job"', '"larger"'), encoding="utf-8")
    frozen = api.plan("study.toml")
    label(study / "sheet.csv")
    api.continue_sample("larger", ["sheet.csv"], n=4, out="more.csv")
    both = CONFIG.replace('"job"', '"larger"').replace("sheet.csv.manifest", "more.csv.manifest")
    (study / "study.toml").write_text(both.replace('["sheet.csv"]', '["sheet.csv", "more.csv"]'), encoding="utf-8")
    assert api.plan("study.toml") == frozen
    label(study / "more.csv")
    report = api.audit("study.toml", out="figures")
    assert report.plan == frozen
    assert report.frames["prevalence"].figures[0].n == 12
    frozen_file(study / "study.toml").unlink()
    (study / "study.toml").write_text(both.replace('["sheet.csv"]', '["later.csv"]'), encoding="utf-8")
    with pytest.raises(ConfigError, match="labelled already") as caught:
        api.plan("study.toml")
    assert "drawn from labels of the first" in str(caught.value)


def test_a_comparison_without_a_figure_counts_none() -> None:
    section = PlanSection.model_validate({"comparison": [{"measure": "drift"}]})
    frozen = FrozenPlan(hash="", frozen_at="", sample="", sample_name="", plan=section)
    assert frozen.counts({}) == [0]
    assert AuditReport.__dataclass_fields__["plan"].default is None
