"""Contacts in a vocabulary: refused where the model hides them, told by inspection where an old one does not (R7)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from koudai import api
from koudai.config.train import DEFAULT_STEPS
from koudai.errors import DataError
from koudai.model.bundle.bundle import save_bundle
from koudai.model.bundle.vocabulary import contacts_of_terms, require_no_contacts
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.text.characters.normalize import Normalizer
from tests.cli.test_bad_input import koudai
from tests.model.tiny import EVALUATION, tiny_model

MOBILE = "13800138000"


def with_word(word: str, *steps: str) -> Model:
    model = tiny_model()
    words, *rest = model.blocks
    blocks = (FeatureBlock(words.kind, words.ngrams, (word, *words.terms[1:]), words.idf, words.sublinear_tf), *rest)
    return replace(model, blocks=blocks, normalizer=Normalizer(steps))


def test_R7_terms_with_a_contact_are_told_with_its_kind() -> None:
    terms = ["停水", MOBILE, "qq 7654321", "微信 river_88", "2023", "1xxxxxxxxxx", "number", "email", "@ @", "电话"]
    assert contacts_of_terms(terms) == [
        (MOBILE, "phone"),
        ("qq 7654321", "account-number"),
        ("微信 river_88", "account"),
    ]


def test_R7_a_model_that_hides_contacts_is_not_saved_with_one(tmp_path: Path) -> None:
    model = with_word(MOBILE, *DEFAULT_STEPS)
    with pytest.raises(DataError, match="has words that are contacts") as raised:
        save_bundle(model, tmp_path / "model", card="# Model", evaluation=EVALUATION)
    assert MOBILE not in str(raised.value)
    assert not (tmp_path / "model").exists()


def test_R7_a_long_number_alone_may_be_a_date_or_a_sum() -> None:
    require_no_contacts(with_word("7654321", *DEFAULT_STEPS))


def test_R7_an_old_bundle_is_told_what_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "model"
    save_bundle(with_word(MOBILE, "nfkc"), folder, card="# Model", evaluation=EVALUATION)
    assert api.inspect(folder, contacts=True).contacts == ((MOBILE, "phone"),)
    assert api.inspect(folder).contacts == ()
    code, out, _ = koudai(capsys, "inspect", folder, "--contacts")
    assert code == 0
    assert "1 of " in out
    assert MOBILE in out
