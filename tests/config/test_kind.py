"""Which kind of config a file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.kind import is_audit


@pytest.mark.parametrize(
    ("text", "audit"),
    [
        ('model = "m"\nscores = "s"', True),
        ("[table]\nname = 'x'", True),
        ("[run]\nmeasures = ['coverage']\n[[corpus]]\nsource = 'seed'", True),
        ("[[corpus]]\nsource = 'seed'\nsplits = 'unseen'", True),
        ("[run]\ncategories = ['rumour']\n[[corpus]]\nsource = 'seed'", False),
        ("[model]\nclassifier = 'logistic'\n[sample]\n", False),
        ("[run]\nname = 'a'\n[[corpus]]\nsource = 'seed'", False),
        ("corpus = 1\n[group]\ncolumn = 'a'", True),
        ("not toml [", False),
    ],
)
def test_sections_tell(tmp_path: Path, text: str, audit: bool) -> None:
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    assert is_audit(tmp_path / "a.toml") is audit
    assert is_audit(tmp_path / "none.toml") is False
