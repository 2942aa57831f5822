"""What the digest of compiled code follows: kernels, and what their constants are taken or computed from."""

from __future__ import annotations

from pathlib import Path

import koudai
from koudai.text.compiled.sources import compiled_sources

FILES = {
    "a_kernels.py": """
from koudai.direct import (
    SIZE,  # of a table
    WIDTH as W,
)
from koudai.c_kernels import one
""",
    "direct.py": """
from koudai.computed import BITS, report
from koudai.renamed import N as M
from koudai.passed import WIDTH
from koudai.used_in_a_function import message
SIZE: int = max(
    1 << BITS,
    M,
)

def say():
    from koudai.used_later import later
    OTHER = message(later)
""",
    "c_kernels.py": "from koudai.missing import A",
    "computed.py": "from koudai.errors import report\nBITS = 4",
    "renamed.py": "N = 3",
    "passed.py": "WIDTH = 2",
    "used_in_a_function.py": "message = str",
    "used_later.py": "later = 1",
    "errors.py": "report = print",
    "other.py": "from koudai.computed import BITS",
}
FOLLOWED = {"a_kernels.py", "c_kernels.py", "direct.py", "computed.py", "renamed.py", "passed.py"}


def test_constants_are_followed_and_what_else_a_module_imports_is_not(tmp_path: Path) -> None:
    (tmp_path / "koudai").mkdir()
    for name, source in FILES.items():
        (tmp_path / "koudai" / name).write_text(source, encoding="utf-8")
    found = {source.decode() for source in compiled_sources(tmp_path)}
    assert {name for name, source in FILES.items() if source in found} == FOLLOWED


def test_a_message_or_a_docstring_elsewhere_compiles_nothing_anew() -> None:
    package = Path(koudai.__file__).parent
    found = set(compiled_sources(package.parent))
    names = {str(path.relative_to(package)) for path in package.rglob("*.py") if path.read_bytes() in found}
    others = {name for name in names if not name.endswith("_kernels.py") and not name.endswith("__init__.py")}
    assert {"text/compiled/jit.py", "text/jieba/trie.py", "text/jieba/tables.py", "text/utf8.py"} <= others
    assert not others & {
        "errors.py",
        "storage/durable.py",
        "storage/disk.py",
        "text/compiled/cache.py",
        "text/arrow.py",
    }
