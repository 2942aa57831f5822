"""What a bundle keeps of the posts it was fitted on: hashes that recognise them, and nothing that shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koudai.corpus.near_duplicates.sketches import HASHES
from koudai.errors import ModelFormatError
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.fitted_posts import FittedPosts, read_fitted_posts, salt_of
from koudai.model.bundle.inspection import KeptOfPosts, inspect_bundle
from koudai.model.bundle.members import npy_bytes
from koudai.model.model import Model
from tests.model.bundle.test_bundle import edit, rehash
from tests.model.tiny import EVALUATION

TEXTS = ["楼下的面馆今天开门，老板请大家吃西瓜", "地铁站台上有人丢了一把伞，请到服务台领取", "短帖"]
FITTED = FittedPosts.of(TEXTS, salt=salt_of(b"test"), posts=3)


@pytest.fixture
def folder(tiny: Model, tmp_path: Path) -> Path:
    save_bundle(tiny, tmp_path / "b", card="", evaluation=EVALUATION, fitted=FITTED)
    return tmp_path / "b"


def test_fitted_posts_and_their_near_duplicates_are_seen_and_others_are_not() -> None:
    assert FITTED.seen(TEXTS).all()
    assert FITTED.seen([f"转：{TEXTS[0]}！", TEXTS[1].replace("，", " ")]).all()
    assert not FITTED.seen(["楼下的面馆今天关门，老板请大家走吧走吧", "地铁晚点", "", "短贴"]).any()
    assert FITTED.seen([]).tolist() == []


def test_no_post_fitted_on_is_seen_nowhere() -> None:
    assert not FittedPosts.of([], salt=salt_of(b"test"), posts=0).seen(TEXTS).any()


def test_hashes_are_sorted_so_that_the_order_of_posts_is_not_kept() -> None:
    again = FittedPosts.of(TEXTS[::-1], salt=salt_of(b"test"), posts=3)
    assert np.array_equal(again.hashes, FITTED.hashes)
    assert len(FITTED.hashes) == 2 * HASHES + 1
    assert (np.diff(FITTED.hashes.astype(np.float64)) > 0).all()


def test_what_was_saved_comes_back_and_is_inspected(folder: Path) -> None:
    found = read_fitted_posts(folder)
    assert found is not None
    assert (found.salt, found.posts) == (FITTED.salt, 3)
    assert np.array_equal(found.hashes, FITTED.hashes)
    assert inspect_bundle(folder).fitted == KeptOfPosts(3, len(FITTED.hashes))
    load_bundle(folder)


def test_a_model_that_was_not_trained_keeps_none(tiny_bundle: Path) -> None:
    assert read_fitted_posts(tiny_bundle) is None
    assert inspect_bundle(tiny_bundle).fitted is None


def test_a_training_run_keeps_those_it_was_fitted_on(bundle: Path) -> None:
    fitted = read_fitted_posts(bundle)
    assert fitted is not None
    assert fitted.posts == inspect_bundle(bundle).to_json()["fitted"]["posts"] > 0


@pytest.mark.parametrize(
    "changed", [{"salt": "ab"}, {"salt": "xyz"}, {"salt": 7}, {"posts": -1}, {"posts": None}, {"more": 1}]
)
def test_a_forged_description_is_refused(folder: Path, changed: dict[str, object]) -> None:
    edit(folder, "fitted.json", lambda told: told.update(changed))
    for read in (read_fitted_posts, load_bundle, inspect_bundle):
        with pytest.raises(ModelFormatError, match="fitted"):
            read(folder)


@pytest.mark.parametrize("hashes", [[3, 1], [1, 1], [[1, 2]]])
def test_forged_hashes_are_refused(folder: Path, hashes: list[int]) -> None:
    (folder / "fitted_hashes.npy").write_bytes(npy_bytes(np.array(hashes), "<u8"))
    rehash(folder)
    with pytest.raises(ModelFormatError, match="fitted"):
        read_fitted_posts(folder)


@pytest.mark.parametrize("gone", ["fitted.json", "fitted_hashes.npy"])
def test_half_of_it_is_refused(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    rehash(folder)
    with pytest.raises(ModelFormatError, match="fitted"):
        load_bundle(folder)
