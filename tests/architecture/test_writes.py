"""What writes for keeps goes through ``durable.py``, and there through one disk: nothing else changes a file.

Everything that could is listed here, with the reason why it is none: most write into memory, or where nothing stays.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

METHODS = {
    *("write_text", "write_bytes", "mkdir", "unlink", "rmdir", "touch", "rename", "chmod", "symlink_to", "hardlink_to"),
    *("write_table", "write_dataset", "write_feather", "write_csv", "to_csv", "to_parquet", "to_pickle"),
    *("savez", "savez_compressed", "savetxt", "tofile", "savefig", "open_output_stream"),
    *("ParquetWriter", "CSVWriter", "FileHandler", "copyfile", "copy2", "copytree", "copyfileobj", "move", "rmtree"),
}
MODULES = {"os": {"open", "replace", "remove", "removedirs", "makedirs", "renames", "link", "symlink", "truncate"}}
OURS = {"DISK", "durable"}
"""Whose methods of such names go through the disk."""

ALLOWED = {
    "pipeline/koudai/storage/disk.py": {
        "mkdir": "the disk itself",
        "os.open": "the disk itself",
        "replace": "the disk itself",
        "rmdir": "the disk itself",
        "unlink": "the disk itself",
    },
    "pipeline/koudai/audit/frame.py": {"write_table": "into memory"},
    "pipeline/koudai/audit/kept_posts.py": {"write_table": "into memory"},
    "pipeline/koudai/cli/streaming.py": {"open": "the temporary file of write_with"},
    "pipeline/koudai/cli/terminal.py": {"os.open": "the null device"},
    "pipeline/koudai/corpus/fetching/download.py": {
        "open": "an original on its way into a temporary folder",
        "unlink": "of that folder",
    },
    "pipeline/koudai/corpus/fetching/fetch.py": {
        "copyfile": "into the temporary file of write_with",
        "write_table": "into a temporary folder, before it is compared and put in place",
        "tempfile.TemporaryDirectory": "where originals are brought to",
    },
    "pipeline/koudai/scoring/formats.py": {"open": "the temporary file of write_with"},
    "pipeline/koudai/scoring/repeats.py": {"tempfile.SpooledTemporaryFile": "without a name, ends with the process"},
    "pipeline/koudai/scoring/shard.py": {"write_table": "into memory"},
    "pipeline/koudai/text/compiled/cache.py": {
        "mkdir": "the cache is private: a folder that is lost is made again",
        "open": "an empty file that is locked while a kernel is compiled",
        "rmtree": "caches unused for long",
    },
    "pipeline/koudai/text/compiled/jit.py": {"open": "in that cache, a byte for each run that compiled nothing"},
    "pipeline/koudai/api/warming.py": {
        "mkdir": "in a folder that is filled or goes",
        "chmod": "readable for everybody, whatever the umask says",
    },
    "pipeline/koudai/scoring/job.py": {"rmdir": "the empty folder that this run made"},
    "pipeline/koudai/training/train.py": {"rmdir": "the empty folder that this run made"},
    "pipeline/koudai/training/tracking/runs.py": {
        "mkdir": "in a temporary folder that MLflow copies",
        "write_bytes": "in that folder",
        "write_text": "in that folder",
        "tempfile.TemporaryDirectory": "that folder",
        "unlink": "a spool that MLflow has taken over",
    },
}


def writes(call: ast.Call) -> str | None:
    """Return what is called if it could change a file."""
    function = call.func
    if isinstance(function, ast.Name):
        return "open" if function.id == "open" and _mode(call, at=1) else None
    if not isinstance(function, ast.Attribute):
        return None
    owner, name = function.value, function.attr
    if isinstance(owner, ast.Name) and owner.id == "tempfile" and name != "gettempdir":
        return f"tempfile.{name}"
    if isinstance(owner, ast.Name) and name in MODULES.get(owner.id, ()):
        return f"{owner.id}.{name}"
    if (owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else "") in OURS:
        return None
    if name in ("open", "OSFile", "memory_map") and _mode(call, at=0 if name == "open" else 1):
        return name
    if name == "replace" and len(call.args) == 1 and not call.keywords:
        return "replace"
    return name if name in METHODS else None


def _mode(call: ast.Call, *, at: int) -> bool:
    """Return whether the mode with which a file is opened lets it be changed."""
    given = [word.value for word in call.keywords if word.arg == "mode"] or call.args[at : at + 1]
    return any(isinstance(one, ast.Constant) and set(str(one.value)) & set("wxa+") for one in given)


@pytest.mark.slow
def test_nothing_writes_for_keeps_but_the_disk(root: Path) -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((root / "pipeline" / "koudai").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {what for node in ast.walk(tree) if isinstance(node, ast.Call) and (what := writes(node))}
        if calls:
            found[str(path.relative_to(root))] = calls
    assert found == {name: set(why) for name, why in ALLOWED.items()}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("open('x', 'w')", "open"),
        ("open('x', mode='ab')", "open"),
        ("path.open('r+b')", "open"),
        ("path.open('rb')", None),
        ("open('x')", None),
        ("path.write_bytes(b'')", "write_bytes"),
        ("durable.write_bytes(path, b'')", None),
        ("path.replace(other)", "replace"),
        ("text.replace('a', 'b')", None),
        ("os.replace(a, b)", "os.replace"),
        ("(folder / 'a').mkdir(parents=True)", "mkdir"),
        ("pa.OSFile(path)", None),
        ("pa.OSFile(path, 'wb')", "OSFile"),
        ("DISK.mkdir(folder)", None),
        ("durable.DISK.rename(a, b)", None),
        ("pq.write_table(table, path)", "write_table"),
        ("shutil.copyfile(a, b)", "copyfile"),
        ("tempfile.mkstemp()", "tempfile.mkstemp"),
    ],
)
def test_what_writes_is_told_from_what_does_not(line: str, what: str | None) -> None:
    (call,) = (node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call) and node.func)
    assert writes(call) == what
