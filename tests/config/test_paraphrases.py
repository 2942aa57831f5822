"""A file of paraphrases: what is none, or speaks of no category that there is, is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.paraphrases import load_paraphrases
from koudai.config.places import bundled, find_taxonomy
from koudai.errors import ConfigError

PARAPHRASES = """
[[paraphrase]]
name = "plain"
category = "rumour"
zh = "把编出来的事当真事说。"
en = "Telling as true what is made up."

[[paraphrase]]
name = "short"
category = "rumour"
zh = "瞎编乱传。"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no file of paraphrases"),
        (PARAPHRASES.replace('zh = "瞎编乱传。"', ""), "no file of paraphrases"),
        (PARAPHRASES.replace('"short"', '"plain"'), "there twice"),
        (PARAPHRASES.replace('"rumour"', '"rumuor"'), "does not have"),
        ("[[paraphrase", "not TOML"),
    ],
)
def test_a_file_of_paraphrases_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_paraphrases(tmp_path / "p.toml", taxonomy=taxonomy)
    assert caught.value.todo


def test_what_is_wrong_is_told_once_and_in_the_words_of_the_file(tmp_path: Path) -> None:
    taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    (tmp_path / "p.toml").write_text(PARAPHRASES.replace('category = "rumour"', "", 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_paraphrases(tmp_path / "p.toml", taxonomy=taxonomy)
    assert caught.value.got == "paraphrase.0.category: Field required"
    assert "`" not in str(caught.value.expected), "the command line takes names in backticks for options"
