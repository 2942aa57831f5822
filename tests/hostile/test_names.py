"""Names from data: they name no file that koudai writes (I16), and no archive could bring any (I13)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.cli.test_bad_input import koudai
from tests.corpus.reading.writers import write_posts
from tests.hostile.strings import encodable

OWN = re.compile(r"\.?[a-z0-9]+([._-][a-z0-9]+)*", re.IGNORECASE)
UNPACKERS = {"zipfile", "tarfile", "unpack_archive", "extractall", "extract"}
LISTED = {"kinds.py: zipfile", "workbook.py: zipfile", "workbook_sheet.py: zipfile"}
"""Whether an archive is a workbook, and how large it would be, is told from the list of its members; a workbook that is
written is packed here."""


def test_I16_hostile_ids_texts_and_names_of_inputs_name_no_file_of_a_job(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    labels, texts = zip(*encodable(), strict=True)
    ids = [f"../../{label}/{text[:100]}" for label, text in zip(labels, texts, strict=True)]
    inputs = tmp_path / "in"
    inputs.mkdir()
    path = write_posts(inputs / "a\u202e\n\x1b[2J$(x) ..%2f' \".csv", {"post_id": ids, "text": texts})
    code, out, err = koudai(capsys, "score", bundle, path, "--out", tmp_path / "job")
    assert code == 0, err
    assert "\u202e" not in out + err
    assert "\x1b" not in out + err
    written = [part for one in (tmp_path / "job").rglob("*") for part in one.relative_to(tmp_path / "job").parts]
    assert written
    assert [name for name in written if not OWN.fullmatch(name)] == []
    assert sorted(one.name for one in tmp_path.iterdir() if one.name in ("in", "job")) == ["in", "job"]
    assert list(inputs.iterdir()) == [path]


def test_I16_names_inside_a_bundle_are_its_own(bundle: Path) -> None:
    assert [one.name for one in bundle.rglob("*") if not OWN.fullmatch(one.name)] == []


@pytest.mark.slow
def test_I13_no_archive_is_ever_unpacked_into_files(root: Path) -> None:
    used = []
    for path in sorted((root / "pipeline" / "koudai").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [node.attr] if isinstance(node, ast.Attribute) and node.attr != "extract" else []
            used += [f"{path.name}: {name}" for name in names if name in UNPACKERS]
    assert set(used) == LISTED
