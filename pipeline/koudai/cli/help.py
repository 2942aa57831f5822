"""The help in Chinese: what koudai says of its verbs and options, and what typer says round it.

Promises: the same pages with the same options and defaults as in English, laid out by the columns that a terminal
gives to ideographs. English help is typer's own, and nothing here runs for it.
"""

from __future__ import annotations

import functools
import io
import re
import shutil
from collections.abc import Iterator
from typing import Any

from koudai.cli.language import Chinese, columns

_WIDEST = 80
_NAMES = 28
_WORD = r"[^\W\u4e00-\u9fff]+"
_UNIT = re.compile(rf"\[[^\s\[\]]{{1,14}}\]|-*{_WORD}(?:[-./:_=]+{_WORD})*|\s+|.", re.DOTALL)
"""What no line is cut in: a short bracket, an option, a word, an ideograph."""
_NEVER_FIRST = "，。；：、？！）」』”…]"
_NEVER_LAST = "（「『“["


def translate_help(command: Any, chinese: Chinese) -> None:
    """Let a command of typer, and those within it, give their help in Chinese."""
    for one in (command, *getattr(command, "commands", {}).values()):
        vars(one)["get_help"] = functools.partial(_page, one, chinese)


def usage_error(error: Any, chinese: Chinese) -> str:
    """Return what typer says of arguments that it does not take, in Chinese."""
    said = io.StringIO()
    error.show(said)
    return "\n".join(chinese.text(_in_usage(line)) for line in said.getvalue().split("\n"))


def _in_usage(line: str) -> str:
    return line.replace("[OPTIONS]", "[选项]").replace("COMMAND [ARGS]...", "命令 [参数]……")


def _page(command: Any, chinese: Chinese, context: Any) -> str:
    width = max(min(shutil.get_terminal_size().columns, _WIDEST) - 2, 50)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [*_wrapped(chinese.text(_in_usage(f"Usage: {usage}")), width, "      "), ""]
    lines += [f"  {line}" for line in _wrapped(chinese.text(_one_line(command.help)), width - 2)]
    for heading, rows in _sections(command, chinese, context):
        lines += ["", chinese.text(f"{heading}:")]
        names = min(max(columns(name) for name, _ in rows), _NAMES) + 2
        for name, said in rows:
            first, *others = _wrapped(said, width - 2 - names) or [""]
            if columns(name) <= names - 2:
                lines.append(f"  {name}{' ' * (names - columns(name))}{first}")
            else:
                lines += [f"  {name}", " " * (2 + names) + first]
            lines += [" " * (2 + names) + other for other in others]
    if command.epilog:
        lines += ["", *(f"  {line}" for line in _wrapped(chinese.text(_one_line(command.epilog)), width - 2))]
    return "\n".join(line.rstrip() for line in lines)


def _sections(command: Any, chinese: Chinese, context: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    parameters = command.get_params(context)
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        records = [(one, one.get_help_record(context)) for one in parameters if one.param_type_name == kind]
        rows = [(record[0], _said(one, record[1], chinese)) for one, record in records if record]
        if rows:
            yield heading, rows
    verbs = getattr(command, "commands", {})
    if verbs:
        yield "Commands", [(name, chinese.text(_one_line(one.help))) for name, one in verbs.items()]


def _said(parameter: Any, record: str, chinese: Chinese) -> str:
    """Return the help of a parameter, with what typer adds behind it: default, bounds, that it is required."""
    own = _one_line(parameter.help)
    more = _one_line(record)[len(own) :].strip().strip("[]")
    added = [chinese.text(one) for one in more.split("; ") if one]
    return chinese.text(own) + (f" [{'；'.join(added)}]" if added else "")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text in lines: cut between ideographs, never within a word, no closing mark at a line's beginning."""
    lines = [""]
    units: list[str] = []
    for unit in _UNIT.findall(text):
        if units and (unit in _NEVER_FIRST or units[-1][-1] in _NEVER_LAST):
            units[-1] += unit
        else:
            units.append(unit)
    for unit in units:
        if lines[-1].strip() and columns(lines[-1] + unit.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(indent + unit.lstrip())
        else:
            lines[-1] += unit
    return [line for line in lines if line.strip()]
