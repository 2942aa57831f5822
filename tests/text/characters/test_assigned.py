"""Reading posts by Unicode 14.0 (koudai.text.characters.assigned): the same under every Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from koudai.text.characters import assigned
from koudai.text.characters.assigned import LATER, is_later, is_nfkc, lower, nfkc, unicode_of_this_python
from koudai.text.characters.characters import everything
from koudai.text.characters.normalize import Normalizer, lowercase
from koudai.text.utf8 import of_texts
from tests.text.characters.every_code_point import digests

ROOT = Path(__file__).parents[3]
OTHERS = [f"3.{minor}" for minor in (11, 12, 13) if minor != sys.version_info.minor]


def python(version: str) -> str:
    """Return an interpreter of a version, that of PATH or of pyenv; skips where there is none."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [str(path) for path in sorted(root.glob(f"versions/{version}.*/bin/python"))]
    on_path = shutil.which(f"python{version}")
    for one in [*found, *([on_path] if on_path else [])]:
        if subprocess.run([one, "-c", ""], check=False, capture_output=True).returncode == 0:
            return one
    pytest.skip(f"this machine has no python{version}")


@pytest.mark.slow
@pytest.mark.parametrize("version", OTHERS)
def test_every_code_point_is_read_alike_under_another_python(version: str, digests_here: dict[str, str]) -> None:
    """Each is normalised, lower-cased, folded and classed, alone and beside what it could combine with."""
    command = [python(version), "-m", "tests.text.characters.every_code_point"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "pipeline"), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert json.loads(said.stdout) == digests_here


@pytest.fixture(scope="module")
def digests_here() -> dict[str, str]:
    """Return the digests of this Python."""
    return digests()


def test_what_this_python_knows_is_either_later_or_read_as_it_reads_it() -> None:
    for one in everything():
        if is_later(one):
            assert nfkc(one) == one == lower(one)
            assert is_nfkc(one)
        else:
            assert nfkc(one) == unicodedata.normalize("NFKC", one)
            assert lower(one) == one.lower()


def test_nothing_that_unicode_14_knew_is_later() -> None:
    """Nothing later has a property under Python 3.11, whose Unicode is 14.0; elsewhere it was assigned since."""
    for one in re.findall(f"[{LATER}]", everything()):
        if unicodedata.unidata_version == "14.0.0":
            assert unicodedata.category(one) == "Cn"
        assert not "好謠言，ABCΣσ①𠮷😂❤🫠〇々".count(one)


def test_posts_with_later_characters_are_read_as_unicode_14_read_them() -> None:
    """A Kawi digit, a modifier letter that became Cyrillic, an emoji of 2022 and an ideograph of 2023."""
    later = "\U00011f50\U0001e030\U0001fae8\U0002ebf0"
    posts = [f"Ａ{later}Ｂ e{later[1]}\u0301", f"ΟΔΟΣ{later}Σ", f"@小王{later[0]}号", later]
    normalizer = Normalizer(("nfkc", "mentions"))
    expected = [f"A{later}B e{later[1]}\u0301", f"ΟΔΟΣ{later}Σ", f"@{later[0]}号", later]
    assert [normalizer(post) for post in posts] == expected
    assert normalizer.many(of_texts(posts)).texts() == expected
    assert lowercase(of_texts(posts)).texts()[1] == f"οδος{later}σ"


def test_a_python_whose_unicode_is_not_known_here_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, told in (("15.1.0", "14.0.0"), ("18.0.0", "14.0.0"), ("19.0.0", "19.0.0"), ("13.0.0", "13.0.0")):
        monkeypatch.setattr(assigned.unicodedata, "unidata_version", version)
        assert unicode_of_this_python() == told
