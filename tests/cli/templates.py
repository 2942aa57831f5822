"""The texts that koudai's code can say to whoever runs a verb, found in its syntax trees.

`found` gives them as templates: what an f-string fills in is ``{0}``, ``{1}`` … in order, and of a text that is put
together of conditional pieces each whole is one. It follows names, parameters and functions within the package, and
knows no text that comes from a library.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from koudai import errors
from koudai.cli.language import LABELS, WORDS

FIELDS = {"what", "expected", "happened", "todo", "got", "looked_at"}
"""Names under which the parts of an error are given, and what `koudai init` saw."""
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
SAID = {"add_note", "say", "spoken", "stage", "warn"}
HEADINGS = {"spoken_word", "stage", "table"}
MOST = 16
"""Wholes that the pieces of one text may make; beyond it the pieces stand for themselves."""
DEEPEST = 12
OPAQUE = {*SAID, "message", "name", "in_words"}
"""Functions whose words are not followed: documents, and what is found where it is raised."""
VALIDATED = ("config/", "taxonomy.py", "registry.py", "strict_json.py")
"""Where a `ValueError` is a line of what is wrong with a file."""
HOLE = "\0"
Scope = ast.FunctionDef | None
_NOWHERE: Scope = None
TELLING = (
    *(ast.AnnAssign, ast.Assign, ast.AugAssign, ast.Call, ast.For, ast.FunctionDef, ast.NamedExpr, ast.Return),
    *(ast.Yield, ast.comprehension),
)


@dataclass
class Package:
    """The code: what each name is, and where it is called."""

    constants: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    files: list[tuple[Path, list[tuple[ast.AST, Scope]]]] = field(default_factory=list)
    inner: dict[int, list[ast.AST]] = field(default_factory=lambda: defaultdict(list))


def read(folder: Path) -> Package:
    """Return the code of a folder."""
    package = Package()
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for one in tree.body:
            if isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
                for target in one.targets if isinstance(one, ast.Assign) else [one.target]:
                    if isinstance(target, ast.Name):
                        package.constants[target.id].append(one.value)
        nodes = _within(tree)
        for node, scope in nodes:
            package.inner[id(scope)].append(node)
            if isinstance(node, ast.FunctionDef):
                package.functions[node.name].append(node)
            if isinstance(node, ast.Call):
                package.calls[_name(node.func)].append((node, scope))
        package.files.append((path, nodes))
    return package


def _within(tree: ast.AST) -> list[tuple[ast.AST, Scope]]:
    """Return what may say, give or name something, in the order of the code, with the function that it stands in."""
    nodes, ahead = [], [(tree, _NOWHERE)]
    while ahead:
        node, scope = ahead.pop()
        if isinstance(node, TELLING):
            nodes.append((node, scope))
        inner = node if isinstance(node, ast.FunctionDef) else scope
        ahead += [(child, inner) for child in reversed(list(ast.iter_child_nodes(node)))]
    return nodes


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@dataclass(frozen=True)
class Found:
    """What the code can say: each text, and each heading or stage, with the first file and line that says it."""

    texts: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def needed(self) -> set[str]:
        """Return the texts that want an entry: not a name, a command to be typed, or a line of TOML."""
        return {text for text in self.texts if not _is_name(text)}


def found(folder: Path) -> Found:
    """Return what the code of a folder can say."""
    package, said = read(folder), Found(words=dict.fromkeys(LABELS, "errors.py:0"))
    for path, nodes in package.files:
        place = path.relative_to(folder).as_posix()
        for node, scope in nodes:
            for shown in _said(place, node):
                walk = Walk(package)
                wholes = walk.texts(shown, scope)
                for text in [*wholes, *walk.pieces]:
                    alone = _is_heading(node) and HOLE not in text
                    (said.words if alone else said.texts).setdefault(numbered(text), f"{place}:{shown.lineno}")
    return Found(said.texts, {word: place for word, place in said.words.items() if re.search("[a-z]{2}", word)})


def numbered(text: str) -> str:
    """Return a template with its holes numbered."""
    count = itertools.count()
    return re.sub(f"{HOLE}+", lambda _: f"{{{next(count)}}}", text)


def _is_name(text: str) -> bool:
    """Return whether nobody has to translate a text: it holds no two words of English."""
    left = re.sub(r"`[^`]*`|\{\d\}|--[a-z-]+|\S*[_./:=]\S+|\S*\d\S*|koudai|\band\b", " ", text)
    return " " not in text.strip() or not re.search(r"[a-z]{2}", left)


def _is_heading(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in HEADINGS


def _is_property(one: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in one.decorator_list)


def _said(path: str, node: ast.AST) -> Iterator[ast.expr]:
    """Return the expressions that are shown: in a call, or the docstring of a verb."""
    cli = path.startswith("cli/")
    if cli and isinstance(node, ast.FunctionDef) and "app.command()" in map(ast.unparse, node.decorator_list):
        yield ast.copy_location(ast.Constant(" ".join((ast.get_docstring(node) or "").split())), node)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {f"error.{name}" for name in FIELDS}:
        yield node.value
    if not isinstance(node, ast.Call):
        return
    name = _name(node.func)
    if name == "ValueError" and path.startswith(VALIDATED):
        yield from node.args[:1]
    yield from (one.value for one in node.keywords if one.arg in FIELDS)
    if node.args and (name in ERRORS or name in SAID or ast.unparse(node.func) == "warnings.append"):
        yield node.args[0]
    if cli:
        yield from (one.value for one in node.keywords if one.arg in ("help", "epilog"))
        if name in HEADINGS - SAID:
            yield node.args[0]
        if name == "write" and ast.unparse(node.func) == "sys.stderr.write":
            yield node.args[0]


@dataclass
class Walk:
    """One text followed to where its words stand."""

    package: Package
    pieces: list[str] = field(default_factory=list)
    depth: int = 0
    seen: set[int] = field(default_factory=set)

    def texts(self, node: ast.expr | None, scope: Scope) -> list[str]:
        """Return the wholes that an expression can be, HOLE where data goes; notes what stands for itself."""
        if node is None or self.depth > DEEPEST or id(node) in self.seen:
            return [HOLE]
        self.depth += 1
        self.seen.add(id(node))
        try:
            return self._texts(node, scope)
        finally:
            self.depth -= 1
            self.seen.discard(id(node))

    def _texts(self, node: ast.expr, scope: Scope) -> list[str]:
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Constant(value=None):
                return []
            case ast.JoinedStr():
                return self._product([self.texts(one, scope) for one in node.values])
            case ast.FormattedValue():
                return self.texts(node.value, scope) if node.conversion == -1 and node.format_spec is None else [HOLE]
            case ast.BinOp(op=ast.Add()):
                return self._product([self.texts(node.left, scope), self.texts(node.right, scope)])
            case ast.BinOp(op=ast.Mult()):
                return ["", *self.texts(node.left, scope)]
            case ast.IfExp():
                return self._few([*self.texts(node.body, scope), *self.texts(node.orelse, scope)])
            case ast.BoolOp():
                return self._few([text for one in node.values for text in self.texts(one, scope)])
            case ast.NamedExpr():
                return self.texts(node.value, scope)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._alone(node.elts, scope)
            case ast.Dict():
                return self._alone(node.values, scope)
            case ast.Starred() | ast.Await():
                return self.texts(node.value, scope)
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                self.pieces += self.texts(node.elt, scope)
                return [HOLE]
            case ast.Subscript():
                return self._held(node.value, scope)
            case ast.Call():
                return self._called(node, scope)
            case ast.Name():
                return self._named(node.id, scope)
            case ast.Attribute(attr=name):
                return self._returned([one for one in self.package.functions.get(name, []) if _is_property(one)])
        return [HOLE]

    def _alone(self, nodes: Iterable[ast.expr | None], scope: Scope) -> list[str]:
        for one in nodes:
            self.pieces += self.texts(one, scope)
        return [HOLE]

    def _held(self, node: ast.expr, scope: Scope) -> list[str]:
        """Return the hole of a table's entry, whose texts stand for themselves."""
        if isinstance(node, ast.Name):
            for one in self.package.constants[node.id]:
                if isinstance(one, ast.Dict):
                    self._alone(one.values, scope)
        elif isinstance(node, ast.Dict):
            self._alone(node.values, scope)
        return [HOLE]

    def _called(self, node: ast.Call, scope: Scope) -> list[str]:
        name = _name(node.func)
        if name == "join" and isinstance(node.func, ast.Attribute):
            self._alone(node.args, scope)
            return [HOLE]
        if name == "format" and isinstance(node.func, ast.Attribute):
            return [re.sub(r"\{[^}]*\}", HOLE, text) for text in self.texts(node.func.value, scope)]
        if name == "number_of":
            one, *many = [text for given in node.args[1:] for text in self.texts(given, scope)]
            return [f"{HOLE} {text}" for text in (one, *(many or [f"{one}s"]))]
        if name in ("rstrip", "removesuffix", "strip", "lower", "capitalize") and isinstance(node.func, ast.Attribute):
            return self.texts(node.func.value, scope)
        if name in ("printable", "sorted", "list", "tuple", "iter", "next") and node.args:
            return self.texts(node.args[0], scope)
        if name == "get" and isinstance(node.func, ast.Attribute):
            self._held(node.func.value, scope)
            self._alone(node.args[1:], scope)
            return [HOLE]
        return self._returned([one for one in self.package.functions.get(name, []) if not _is_property(one)])

    def _returned(self, functions: list[ast.FunctionDef]) -> list[str]:
        """Return what functions of one name give; a hole if there are many. No property is said empty."""
        if len(functions) > 3 or any(len(one.name) < 4 or one.name in OPAQUE for one in functions):
            return [HOLE]
        texts = [
            text
            for function in functions
            for one in self.package.inner[id(function)]
            if isinstance(one, ast.Return | ast.Yield)
            for text in self.texts(one.value, function)
        ]
        hidden = any(map(_is_property, functions)) or not any(texts)
        return self._few([text for text in texts if text or not hidden])

    def _named(self, name: str, scope: Scope) -> list[str]:
        if scope is None:
            return self._few([text for one in self.package.constants[name][:1] for text in self.texts(one, None)])
        values = [value for one in self.package.inner[id(scope)] for value in _assigned(one, name)]
        if values:
            return self._few([text for one in values for text in self.texts(one, scope)])
        parameters = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
        names = [one.arg for one in parameters]
        if name in names:
            given = self._given(scope, name, names)
            return self._few([text for one, where in given for text in self.texts(one, where)])
        if name in self.package.constants and len(self.package.constants[name]) == 1:
            return self._few(self.texts(self.package.constants[name][0], None))
        return [HOLE]

    def _given(self, scope: ast.FunctionDef, name: str, names: list[str]) -> Iterator[tuple[ast.expr, Scope]]:
        """Return what calls give for a parameter."""
        if len(self.package.functions[scope.name]) > 1:
            return
        at = names.index(name) - (names[0] in ("self", "cls"))
        for call, where in self.package.calls[scope.name]:
            yield from ((one.value, where) for one in call.keywords if one.arg == name)
            if 0 <= at < len(call.args) and not any(isinstance(one, ast.Starred) for one in call.args[: at + 1]):
                yield call.args[at], where
        defaults = dict(zip([one.arg for one in scope.args.kwonlyargs], scope.args.kw_defaults, strict=True))
        positional = [one.arg for one in scope.args.args][-len(scope.args.defaults) :] if scope.args.defaults else []
        defaults |= dict(zip(positional, scope.args.defaults, strict=True))
        if (default := defaults.get(name)) is not None:
            yield default, None

    def _few(self, texts: list[str]) -> list[str]:
        """Return alternatives; a hole and its pieces if there are too many, or nothing is known of them."""
        texts = list(dict.fromkeys(texts))
        if len(texts) > 4:
            self.pieces += texts
            return [HOLE]
        return texts or [HOLE]

    def _product(self, parts: list[list[str]]) -> list[str]:
        parts = [part or [HOLE] for part in parts]
        while len(list(itertools.product(*parts))) > MOST:
            widest = max(range(len(parts)), key=lambda at: len(parts[at]))
            self.pieces += parts[widest]
            parts[widest] = [HOLE]
        return ["".join(one) for one in itertools.product(*parts)]


def _assigned(node: ast.AST, name: str) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                return [node.value]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names = [one.id if isinstance(one, ast.Name) else "" for one in target.elts]
                if name in names and len(names) == len(node.value.elts):
                    return [node.value.elts[names.index(name)]]
    if isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value is not None:
        return [node.value] if isinstance(node.target, ast.Name) and node.target.id == name else []
    if isinstance(node, ast.Call) and ast.unparse(node.func) in (f"{name}.append", f"{name}.extend"):
        return node.args[:1]
    if (
        isinstance(node, ast.For | ast.comprehension)
        and isinstance(node.target, ast.Tuple)
        and isinstance(node.iter, ast.Tuple | ast.List)
    ):
        names = [one.id if isinstance(one, ast.Name) else "" for one in node.target.elts]
        if name in names:
            rows = [one for one in node.iter.elts if isinstance(one, ast.Tuple) and len(one.elts) == len(names)]
            return [row.elts[names.index(name)] for row in rows]
    if isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name) and node.target.id == name:
        return [node.iter]
    return []


def without_entry(said: Found, catalogue: dict[str, dict[str, str]]) -> list[str]:
    """Return what to do about each text that the catalogue has no Chinese for."""
    texts = {text for name, one in catalogue.items() if name != WORDS for text in one}
    lines = []
    for text in sorted(said.needed() - texts):
        folder = said.texts[text].rpartition("/")[0].partition("/")[0] or "package"
        lines.append(f"{said.texts[text]}: add to pipeline/koudai/cli/zh/{folder}.json the Chinese of {text!r}")
    for word in sorted(said.words.keys() - catalogue.get(WORDS, {}).keys()):
        lines.append(f"{said.words[word]}: add to pipeline/koudai/cli/zh/{WORDS}.json the Chinese of {word!r}")
    return lines
