"""The command line in Chinese: the catalogue is complete and well set, the locale chooses, errors come out whole."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from koudai.cli.app import run_command
from koudai.cli.language import FOLDER, LABELS, LANGUAGES, WORDS, Chinese, language_of, speaking, spoken
from koudai.cli.streaming import STDIN
from koudai.cli.terminal import Bars, say, table
from koudai.errors import KoudaiError
from tests.cli.templates import Found, found, without_entry
from tests.render.test_typography import IDEOGRAPH, RULES

ENGLISH = re.compile(r"(?<![\w./'-])[a-z]{2,} [a-z]{2,}")
"""Two English words in a row, which no name of a file or key is."""
HOLE = re.compile(r"\{\d\}")


@pytest.fixture(scope="module")
def catalogue() -> dict[str, dict[str, str]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


@pytest.fixture(scope="module")
def said(root: Path) -> Found:
    return found(root / "pipeline" / "koudai")


@pytest.fixture(autouse=True)
def nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KOUDAI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_everything_that_the_code_says_is_in_the_catalogue_and_nothing_else(
    said: Found, catalogue: dict[str, dict[str, str]]
) -> None:
    assert len(said.texts) > 1000
    assert without_entry(said, catalogue) == []
    own = {name: one for name, one in catalogue.items() if name != "outside"}
    known = {*said.texts, *said.words}
    assert {text: name for name, one in own.items() for text in one if text not in known} == {}, "nobody says this"


def test_a_new_text_fails_with_advice(tmp_path: Path, catalogue: dict[str, dict[str, str]]) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "new.py").write_text(
        "def refuse(n, columns):\n"
        "    raise DataError(what=f'{n} moons are missing' + (f'; see {columns}' * bool(columns)), todo='look up')\n",
        encoding="utf-8",
    )
    advice = "audit/new.py:2: add to pipeline/koudai/cli/zh/audit.json the Chinese of "
    told = [line for line in without_entry(found(tmp_path), catalogue) if line.startswith("audit/")]
    assert told == [
        f"{advice}'look up'",
        f"{advice}'{{0}} moons are missing'",
        f"{advice}'{{0}} moons are missing; see {{1}}'",
    ]


def test_translations_are_chinese_fill_the_same_holes_and_keep_the_rules_of_mixed_text(
    catalogue: dict[str, dict[str, str]],
) -> None:
    pairs = {text: told for one in catalogue.values() for text, told in one.items()}
    assert [text for text, told in pairs.items() if set(HOLE.findall(text)) != set(HOLE.findall(told))] == []
    assert [text for text, told in pairs.items() if not re.search(IDEOGRAPH, told)] == []
    rules = {**RULES, "half-width brackets": rf"{IDEOGRAPH}\(|\){IDEOGRAPH}"}
    rules["a blank beside what is filled in"] = rf"{IDEOGRAPH}(?:\{{|`)|(?:\}}|`){IDEOGRAPH}"
    for rule, pattern in rules.items():
        typeset = {text: re.sub(r"\[最小, 最大\]", "[]", told) for text, told in pairs.items()}
        assert {text: told for text, told in typeset.items() if re.search(pattern, told)} == {}, rule


class Settings(BaseModel):
    """Everything that pydantic says of configs."""

    whole: int = 1
    number: float = Field(default=0.5, gt=0, lt=1, allow_inf_nan=False)
    share: float = Field(default=0.5, ge=0, le=1)
    text: str = Field(default="a", min_length=1, max_length=3, pattern="^[a-z]*$")
    long: str = Field(default="ab", min_length=2)
    yes: bool = True
    some: list[int] = Field(default=[1], min_length=1)
    more: list[int] = Field(default=[1, 2], min_length=2)
    pair: tuple[int, ...] = Field(default=(1, 2), min_length=1)
    pairs: tuple[int, ...] = Field(default=(1, 2), min_length=2)
    named: dict[str, int] = Field(default={"a": 1}, min_length=1)
    kind: Literal["a", "b", "c"] = "a"
    only: Literal["a"] = "a"
    needed: int


WRONG: tuple[dict[str, object], ...] = (
    {"whole": "x", "number": "x", "text": 1, "yes": "x", "some": 1, "pair": 1, "named": 1, "kind": "x", "only": "x"},
    {"whole": 1.5, "number": 2, "share": 2, "text": "", "yes": [], "some": [], "pair": (), "named": {}, "long": "a"},
    {"whole": [], "number": 0, "share": -1, "text": "abcd", "more": [1], "pairs": (1,)},
    {"number": float("inf"), "share": [], "text": "A"},
)


def test_the_words_of_typer_and_pydantic_are_theirs(
    catalogue: dict[str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []
    for wrong in WRONG:
        with pytest.raises(ValidationError) as caught:
            Settings.model_validate(wrong)
        heard += [one["msg"] for one in caught.value.errors()]
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(1)
    heard += [one["msg"] for one in caught.value.errors()]
    pydantic = list(heard)
    for line in (
        *(
            "score",
            "score --help",
            "--help",
            "scorre x",
            "zzz",
            "--nope",
            "score --ot=1 a b",
            "score a b --shard-size x",
        ),
        *("inspect a b", "inspect --json=1 a", "inspect a --top"),
    ):
        run_command(line.split())
        heard += [text for stream in capsys.readouterr() for text in re.split(r"\n|  +|\[|\]|; ", stream)]
        heard += [text.removeprefix("Error: ") for text in heard if text.startswith("Error: ")]
    chinese = Chinese()
    unheard = [text for text in catalogue["outside"] if not any(_is(text, one) for one in heard)]
    assert unheard == [], "neither typer nor pydantic says this any more"
    assert [one for one in pydantic if chinese.text(one) == one] == []


def _is(template: str, text: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, HOLE.split(template))), text, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "", "LC_ALL": "C.UTF-8"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8", "KOUDAI_LANG": "en"}, "en"),
        (["score"], {"KOUDAI_LANG": "zh"}, "zh"),
        (["--lang", "en", "score"], {"KOUDAI_LANG": "zh", "LANG": "zh_CN"}, "en"),
        (["--lang=zh", "score"], {}, "zh"),
        (["demo", "--lang", "zh"], {}, "en"),
        (["--lang"], {}, "en"),
    ],
)
def test_the_flag_then_the_variable_then_the_locale_choose(
    arguments: list[str], environ: dict[str, str], language: str
) -> None:
    assert language_of(arguments, environ) == language


def test_a_language_that_there_is_not_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_command(["--lang", "fr", "corpora"]) == 2
    assert "expected: en or zh\n  got:      fr" in capsys.readouterr().err
    monkeypatch.setenv("KOUDAI_LANG", "fr\x1b[2J")
    assert run_command(["corpora"]) == 2
    err = capsys.readouterr().err
    assert "$KOUDAI_LANG" in err
    assert "fr\\u001b[2J" in err


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "posts.csv").write_text("post_id,text\n1,停水\n1,停电\n", encoding="utf-8")
    (folder / "a;b.csv").write_text("post_id;text\n1;停水\n", encoding="utf-8")
    (folder / "train.toml").write_text('[run]\ntaxnomy = "cac-2023"\nseed = "x"\n', encoding="utf-8")
    (folder / "report.json").write_text("{}", encoding="utf-8")
    (folder / "labels.csv").write_text("post_id,text\n1,停水通知\n2,停电通知\n", encoding="utf-8")
    (folder / "empty").mkdir()
    return folder


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("check train.toml", 2),
        ("check nope.toml", 2),
        ("train train.toml --search-folder x", 2),
        ("inspect empty", 4),
        ("score nope posts.csv --out job", 4),
        ("score nope - --out job", 2),
        ("score nope - posts.csv", 2),
        ("verify empty", 5),
        ("verify s3://bucket?secret=1", 2),
        ("render report.json", 3),
        ("render report.json --tables x", 2),
        ("audit --model nope", 2),
        ("init nope.csv", 3),
        ("corpora nope", 2),
        ("init posts.csv", 3),
        ("sample empty", 2),
        ("sample empty --out x.csv", 5),
        ("score --shard-size 0.5 a b", 2),
        ("scorre a b", 2),
    ],
)
def test_errors_are_wholly_chinese(
    line: str, code: int, wrong: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(wrong)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = {path: path.read_bytes() for path in wrong.iterdir() if path.is_file()}
    found_code = run_command(["--lang", "zh", *line.split()])
    out, err = capsys.readouterr()
    assert (found_code, "Traceback" in err) == (code, False)
    assert re.search(IDEOGRAPH, err), err
    said = re.sub(r"^(?:用法|查看帮助).*|`[^`]*`|'[^']*'", "x", out + err, flags=re.MULTILINE)
    assert ENGLISH.findall(said) == [], said
    assert not re.search(r" [，。；：、？！）”]|[，。；：、（“] (?! )", said), said
    assert before == {path: path.read_bytes() for path in wrong.iterdir() if path.is_file()}
    with speaking("zh"):
        assert spoken("nothing was read") == "什么都没有读取"


def test_an_error_keeps_class_place_and_flags_and_its_lines_line_up(
    wrong: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(wrong)
    assert run_command(["--lang", "zh", "check", "train.toml"]) == 2
    assert capsys.readouterr().err == (
        "ConfigError: 这份配置有 4 处问题\n"
        "  位置：    train.toml\n"
        "  实际：    run.seed：须为整数，实际为 'x'\n"
        "            run.taxonomy：缺少这一项\n"
        "            run.taxnomy：未知的键，应为 name, seed, taxonomy, categories, timezone 之一；"
        "是否想写 'taxonomy'？\n"
        "            corpus：缺少这一项\n"
        "  结果：    什么都没有读写\n"
        "  建议：    改好这几行\n"
    )
    assert run_command(["--lang", "zh", "score", "nope", STDIN, "--out", "job"]) == 2
    assert "建议：    去掉 --out，或先把帖子写成文件" in capsys.readouterr().err


def test_what_data_holds_is_escaped_and_not_translated() -> None:
    chinese = Chinese()
    hostile = "\x1b[2J{0} rows {1} and nothing was read\u202e"
    error = KoudaiError("corpus 'x' cannot be fetched", where="posts", got=hostile, todo="correct the labels")
    message = chinese.error(error).message(chinese.labels)
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert "\\u001b[2J{0}" in message
    assert message.startswith("KoudaiError: 语料 'x' 不能下载\n  位置：    posts\n")
    assert (
        chinese.text("corpus rock and roll in the rows cannot be fetched") == "语料 rock and roll in the rows 不能下载"
    )
    assert chinese.text("rock and roll") == "rock and roll"
    assert chinese.text("1,200 rows") == "1,200 行"
    assert chinese.text("job: /rows and posts") == "任务：/rows and posts"
    assert chinese.text("no alias rumour") == "没有别名 rumour"
    assert chinese.text("corpus 微博 has no [fetch]") == "语料微博没有 [fetch]"
    assert chinese.text("; ".join(["nothing was read"] * 2)) == "什么都没有读取；什么都没有读取"
    for long in (" and " * 20_000, "a; b: " * 2_000):
        assert chinese.text(long) == long


def test_tables_sentences_and_bars_speak_and_json_does_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_command(["corpora", "--json"]) == 0
    english = capsys.readouterr().out
    assert run_command(["--lang", "zh", "corpora", "--json"]) == 0
    assert capsys.readouterr().out == english
    assert run_command(["--lang", "zh", "corpora"]) == 0
    assert re.match(r"语料 +行数 +本机有 +可下载 +可代表 +许可\n", capsys.readouterr().out)
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    with speaking("zh"):
        say("page: /a/b.html")
        table(["alleged category", "posts"], [["rumour", 3]])
        with Bars().stage("looking for near-duplicates", 2) as advance:
            advance(2, {"tagged": 1})
    assert capsys.readouterr().out == "网页：/a/b.html\n涉嫌类别  帖子\nrumour       3\n"
    assert "查找近重复帖" in shown.getvalue()
    assert "有标记 1" in shown.getvalue()


def test_the_lines_of_an_error_have_labels_of_one_width() -> None:
    labels = Chinese().labels
    assert set(labels) == set(LABELS)
    assert {len(label) for label in labels.values()} == {3}
    assert WORDS in {path.stem for path in FOLDER.iterdir()}
    assert LANGUAGES == ("en", "zh")
