"""The registered model in an environment of its own, with and without koudai installed, far from the checkout.

The environment has the packages that run here, but by path, so that no editable install follows; koudai comes to it as
the wheel built from this checkout, or not at all. It runs koudai as plain Python, with results equal to the compiled
ones here: numba keeps what it compiles by the path of the source, and would compile anew in every temporary folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from koudai.config.train import TrackSection
from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score
from koudai.training.tracking.runs import send
from tests.training.tracking.conftest import NewSection

pytestmark = pytest.mark.slow

POSTS = ["各位观众晚上好，AI主播为您播报", "🎉", "橘子皮泡水，喝三天就好，不用去医院", "今天食堂的茄子没放糖。", ""]
SCORE = """
import json, sys, warnings
warnings.simplefilter("ignore")
posts, how, where = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
ids = [str(number) for number in range(len(posts))]
if how == "mlflow":
    import mlflow, pandas
    frame = mlflow.pyfunc.load_model(where).predict(pandas.DataFrame({"post_id": ids, "text": posts}))
else:
    from pathlib import Path
    from koudai.model.bundle.bundle import load_bundle
    from koudai.model.scorer import score
    frame = score(load_bundle(Path(where)), ids, posts).to_table().to_pandas()
import koudai
json.dump([koudai.__file__, json.loads(frame.to_json(orient="split", double_precision=15))], sys.stdout)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has every package that runs here, and no koudai."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    places = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    (site_packages(folder) / "packages.pth").write_text("\n".join(places) + "\n")
    return folder / "bin" / "python"


def site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def run(python: Path, folder: Path, how: str, where: str, *, uri: str = "") -> tuple[Path, Any]:
    """Score `POSTS` by another interpreter in another folder; gives the file of the package it used, and the frame."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [python, "-c", SCORE, json.dumps(POSTS), how, where],
        cwd=folder,
        env={**env, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true", "KOUDAI_NO_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    file, frame = json.loads(done.stdout)
    return Path(file), frame


@pytest.fixture(scope="module")
def section(stored: NewSection, bundle: Path) -> TrackSection:
    made = stored()
    send(bundle, made)
    return made


@pytest.fixture(scope="module")
def wanted(bundle: Path) -> Any:
    ids = [str(number) for number in range(len(POSTS))]
    frame = score(load_bundle(bundle), ids, POSTS).to_table().to_pandas()
    return json.loads(frame.to_json(orient="split", double_precision=15))


@pytest.fixture(scope="module")
def installed(python: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same interpreter, with koudai's wheel unpacked beside the others."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-cache-dir", "-w", str(folder), str(root)]
    by_hand = subprocess.run([sys.executable, "-c", "import hatchling"], capture_output=True, check=False)
    if by_hand.returncode == 0:
        command.insert(4, "--no-build-isolation")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no wheel can be built here: {done.stderr.strip().splitlines()[-1]}")
    (wheel,) = folder.glob("koudai-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages(python.parents[1]))
    return python


def test_mlflow_alone_loads_the_model_with_the_code_logged_beside_it(
    python: Path, section: TrackSection, wanted: Any, tmp_path: Path, root: Path
) -> None:
    where = f"models:/{section.registered_model}@candidate"
    file, frame = run(python, tmp_path, "mlflow", where, uri=section.uri)
    assert frame == wanted
    assert not file.is_relative_to(root)
    assert file.parts[-3:] == ("code", "koudai", "__init__.py")


@pytest.mark.parametrize("how", ["koudai", "mlflow"])
def test_the_installed_package_alone_scores_as_the_checkout_does(
    installed: Path, section: TrackSection, bundle: Path, wanted: Any, tmp_path: Path, root: Path, how: str
) -> None:
    where = str(bundle) if how == "koudai" else f"models:/{section.registered_model}@candidate"
    file, frame = run(installed, tmp_path, how, where, uri=section.uri)
    assert frame == wanted
    assert not file.is_relative_to(root)
    if how == "koudai":
        assert file.parent.parent == site_packages(installed.parents[1])
