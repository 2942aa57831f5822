"""The `koudai` command itself: its help, its options, and what becomes of an error.

Promises: ``koudai --help`` loads nothing heavy; an error that koudai foresees is a message on standard error
without a traceback, and its exit code; an interrupt says that work is kept.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import re
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from types import FrameType
from typing import Annotated

import typer

from koudai import __version__
from koudai.cli.help import translate_help, usage_error
from koudai.cli.language import Chinese, language_of, speaking, spoken, told
from koudai.cli.memory import out_of_memory, require_memory
from koudai.cli.terminal import end_output, say, written
from koudai.errors import KoudaiError, UsageError

INTERRUPTED = 130
KEPT = "what was finished is kept, and the same command resumes a scoring job or a search"
"""What is said of an interrupt that nobody knows more about."""
FLAGS = {
    "accept_licence": "--accept-licence",
    "allow_drift": "--allow-drift",
    "bad_bytes": "--on-bad-bytes",
    "category": "--category",
    "data": "--data",
    "duplicates": "--duplicates",
    "encoding": "--encoding",
    "engine": "--engine",
    "evidence": "--evidence",
    "form": "--format",
    "id_column": "--id-column",
    "input_format": "--input-format",
    "into": "--into",
    "keep": "--keep",
    "kind": "--kind",
    "layout": "--layout",
    "leave_one_source_out": "--leave-one-source-out",
    "master": "--master",
    "mirror": "--mirror",
    "model": "--model",
    "name": "--model",
    "number_rows": "--number-rows",
    "other_taxonomy": "--other-taxonomy",
    "label": "--label",
    "out": "--out",
    "overrides": "--set",
    "overwrite": "--overwrite",
    "quarantined": "--quarantined",
    "quoting": "--quoting",
    "repair": "--repair",
    "scheduler": "--scheduler",
    "scores": "--scores",
    "search": "--search-folder",
    "shard_size": "--shard-size",
    "tables": "--tables",
    "text_column": "--text-column",
    "to": "--to",
    "unsafe_fs": "--unsafe-fs",
    "uri": "--uri",
    "workers": "--workers",
    "yes": "--yes",
}
"""Arguments of `koudai.api` that messages name in backticks, and the flags that give them."""
COMMANDS = {"new_study": "new study", "sample_flagged": "sample --flagged"}
"""Functions of `koudai.api` that are one verb with an option."""
_ARGUMENT = re.compile(r"`(\w+)`")
_CALL = re.compile(r"`api\.([^`]+)`")
_CALLED_BY_LLVM = {"_raw_object_cache_notify", "_raw_object_cache_getbuffer"}

DATA = typer.Option("--data", help="Folder where corpora lie; before $KOUDAI_DATA and ./data.", metavar="DIR")
SET = typer.Option(
    "--set", help="Change one setting, e.g. --set model.params.C=5; may be given often.", metavar="KEY=VALUE"
)
OVERWRITE = typer.Option("--overwrite", help="Replace what this verb wrote there before.")
JSON = typer.Option("--json", help="Print the result as JSON.")
LANG = typer.Option("--lang", help="Language that the page opens in: en or zh; both are in it.")
DRIFT = typer.Option("--allow-drift", help="Load a model although dictionary or Unicode data changed since.")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    help="koudai 口袋: measure how vague content-rule categories are when they meet real Chinese posts. "
    "Tags are alleged; nothing is removed, reported, ranked or profiled. Start with: koudai demo",
    epilog="Exit codes: 0 done, 1 bug, 2 usage or config, 3 input data, 4 model, 5 storage, 6 done but not tracked, "
    "130 interrupted (the same command resumes).",
)


def _version(show: bool) -> None:
    if show:
        say(f"koudai {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Language of help, progress and messages, en or zh [default: that of the locale]."),
    ] = None,
) -> None:
    """Options of koudai itself; `language_of` has read the language by now."""
    require_memory()


OWN_PROCESS: ContextVar[bool] = ContextVar("OWN_PROCESS", default=False)
"""Whether the process is this command's, which ends with it, and what is set for it outlives nothing."""


def run_command(arguments: list[str], *, own_process: bool = False) -> int:
    """Run one command line, as perhaps all that its process does; return its exit code."""
    OWN_PROCESS.set(own_process)
    warnings.formatwarning = _in_one_line
    try:
        language = language_of(arguments, os.environ)
    except UsageError as error:
        return _said(error, arguments)
    with speaking(language) as chinese:
        return _run(arguments, chinese)


def _run(arguments: list[str], chinese: Chinese | None) -> int:
    kept = [KEPT]
    try:
        with _interrupts():
            code = _code_of(arguments, chinese)
            with written():
                sys.stdout.flush()
    except KoudaiError as error:
        return _said(error, arguments)
    except (KeyboardInterrupt, typer.Abort) as interrupt:
        code, kept = INTERRUPTED, getattr(interrupt, "__notes__", kept)
    except BrokenPipeError:
        end_output()
        return 0
    except Exception as error:
        if (named := out_of_memory(error)) is not None:
            return _said(named, arguments)
        if not hasattr(error, "show"):  # typer shows its own complaints about arguments; anything else is a bug
            raise
        if chinese is None:
            error.show()
        else:
            sys.stderr.write(usage_error(error, chinese))
        return int(getattr(error, "exit_code", 2))
    if code == INTERRUPTED:
        sys.stderr.write(spoken(f"interrupted; {'; '.join(kept)}") + "\n")
    return code if isinstance(code, int) else 0


@functools.cache
def _verbs() -> typer.core.TyperGroup:
    """Return the command with all its verbs; reading their signatures takes longer than most refusals."""
    return typer.main.get_group(app)


def _code_of(arguments: list[str], chinese: Chinese | None) -> object:
    """Return what a command line ends with; what it raises keeps its notes, which typer's own `main` takes away."""
    command = _verbs() if chinese is None else typer.main.get_group(app)
    if chinese is not None:
        translate_help(command, chinese)
    try:
        with command.make_context("koudai", arguments) as context:
            return command.invoke(context)
    except typer.Exit as end:
        return end.exit_code


def _said(error: KoudaiError, arguments: list[str]) -> int:
    """Show an error; return its exit code."""
    sys.stderr.write(in_words(error, verb=_verb(arguments)) + "\n")
    return error.exit_code


def _verb(arguments: list[str]) -> str | None:
    """Return the verb of a command line, if it has one: what is no option, nor the value of ``--lang``."""
    before = ["", *arguments]
    return next((one for at, one in enumerate(arguments) if one[:1] != "-" and before[at] != "--lang"), None)


def in_words(error: KoudaiError, *, verb: str | None) -> str:
    """Return the message of an error in the language of this command, with flags in place of arguments."""
    return told(error, shown=functools.partial(in_flags, verb=verb))


def in_flags(error: KoudaiError, *, verb: str | None = None) -> KoudaiError:
    """Return an error whose message names flags and commands where the library names arguments and functions.

    Parameters
    ----------
    error
        As a function of `koudai.api` raised it; what it found in the data stays as it is.
    verb
        The one that was called: an argument for which it has no flag is a key of its config, and keeps its name.

    Examples
    --------
    >>> in_flags(KoudaiError(what="`shard_size` is out of range")).what
    '--shard-size is out of range'
    >>> in_flags(KoudaiError(what="damaged", todo="`api.verify('my job', repair=True)` mends it")).todo
    "`koudai verify 'my job' --repair` mends it"
    """
    taken = set(FLAGS.values()) if verb is None else _flags_of(verb)
    flags = {name: flag for name, flag in FLAGS.items() if flag in taken}
    for part in ("what", "expected", "happened", "todo"):
        text = getattr(error, part)
        if isinstance(text, str):
            text = _ARGUMENT.sub(lambda found: flags.get(found[1], found[0]), text)
            setattr(error, part, _CALL.sub(_command, text))
    return error


def _flags_of(verb: str) -> set[str]:
    """Return the flags of a verb; all that there are if there is no such verb."""
    command = _verbs().commands.get(verb)
    return set(FLAGS.values()) if command is None else {flag for one in command.params for flag in one.opts}


def _command(found: re.Match[str]) -> str:
    """Return a function of `koudai.api`, or a call of one with literal arguments, as a command to be pasted."""
    try:
        call = ast.parse(found[1], mode="eval").body
    except SyntaxError:  # the name of a file holds a backtick
        return found[0]
    if not isinstance(call, ast.Call):
        return f"`koudai {COMMANDS.get(found[1], found[1])}`"
    words = ["koudai", ast.unparse(call.func), *(str(one.value) for one in call.args if isinstance(one, ast.Constant))]
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant):
            value = keyword.value.value
            words += [FLAGS[str(keyword.arg)]] + ([] if value is True else [str(value)])
    return f"`{shlex.join(words)}`"


def _in_one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Return a warning without the place in the code that it comes from, which tells users nothing."""
    return f"{category.__name__}: {spoken(str(message))}\n"


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """Let signals interrupt what is within; one that is lost, since destructors cannot raise, comes again."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    before = sys.unraisablehook

    def lost(what: sys.UnraisableHookArgs) -> None:
        if what.exc_type is KeyboardInterrupt:
            _later(signal.SIGINT)
        else:
            before(what)

    sys.unraisablehook = lost
    try:
        yield
    finally:
        sys.unraisablehook = before


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt`; a little later, where it would be lost: what LLVM calls back cannot raise."""
    at = frame
    while at is not None:
        if at.f_code.co_name in _CALLED_BY_LLVM:
            _later(number)
            return
        at = at.f_back
    raise KeyboardInterrupt


def _later(number: int) -> None:
    threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
