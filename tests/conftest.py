"""What the tests share: the taxonomy, a small config that trains, its bundle, a browser, and where real corpora lie."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.model.model import Model
from koudai.taxonomy import Taxonomy, load_taxonomy
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.once import once

ROOT = Path(__file__).resolve().parents[1]
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
]


def keep_out_of_the_users_cache() -> None:
    """Give this checkout a cache folder of its own, so that kernels are compiled once for all runs and processes.

    Playwright looks for its browsers in the user's, which stays theirs.
    """
    if sys.platform == "linux":
        users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(users / "ms-playwright"))
    os.environ["XDG_CACHE_HOME"] = str(ROOT / ".cache")


def speak_english() -> None:
    """Let tests read the messages of commands as the code has them, whatever the locale of this machine."""
    os.environ["KOUDAI_LANG"] = "en"


keep_out_of_the_users_cache()
speak_english()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(ROOT / "configs" / "taxonomies" / "cac-2023.toml")


@pytest.fixture(scope="session")
def small_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two categories of the bundled posts, few features: trains in about two seconds."""
    path = tmp_path_factory.mktemp("small") / "small.toml"
    path.write_text(
        """
[run]
name = "small"
taxonomy = "cac-2023"
categories = ["impersonation", "impersonation.ai_news_anchors", "unqualified_advice.medical"]

[[corpus]]
source = "seed"

[features]
words = [1, 1]
chars = [1, 2]

[decide]
folds = 3

[track]
enabled = false
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def bundle(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained bundle; not to be changed: copy it first."""

    def train(folder: Path) -> None:
        train_model(prepare(load_config(TrainConfig, small_config), small_config), folder / "small")

    return once(tmp_path_factory, "bundle", train) / "small"


@pytest.fixture(scope="session")
def model(bundle: Path) -> Model:
    from koudai.model.bundle.bundle import load_bundle

    return load_bundle(bundle)


@pytest.fixture(scope="session")
def store_keys() -> Iterator[None]:
    """Credentials of the store of `objects` in the environment."""
    from tests.corpus.reading.objects import KEYS

    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def objects(store_keys: None) -> Iterator[Any]:
    """A store with one bucket; one for all tests of a process."""
    from tests.corpus.reading.objects import serving_objects

    with serving_objects() as one:
        yield one


@pytest.fixture(scope="session")
def real_corpus() -> Callable[[str], Path]:
    """Give the path of a real corpus's file, or skip, saying so."""
    places = [Path(os.environ["KOUDAI_DATA"])] if os.environ.get("KOUDAI_DATA") else []
    places += [ROOT.parent / "shared" / "corpora", ROOT / "data"]

    def find(name: str) -> Path:
        for place in places:
            if (place / name).is_file():
                return place / name
        pytest.skip(f"the real corpus {name} is not here: set KOUDAI_DATA to the folder that holds it")

    return find


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One a process: Playwright starts once in each."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        found = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
        found = found or (running.chromium.executable_path if Path(running.chromium.executable_path).exists() else None)
        if found is None:
            pytest.skip("no chromium: neither the system has one nor has `playwright install chromium` been run")
        opened = running.chromium.launch(executable_path=found, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()
