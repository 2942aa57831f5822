"""What is shipped: a wheel and an sdist whose metadata an index takes, and a wheel that alone runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from koudai.audit.measures import measures_in_order
from koudai.audit.report import load_report
from koudai.model.bundle.bundle import load_bundle
from koudai.scoring.results import open_job

pytestmark = pytest.mark.slow


def ran(command: list[object], folder: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist of this checkout, and the wheel that is built from the sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    ran([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], root)
    (sdist,) = folder.glob("koudai-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    ran([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source)
    return folder


def test_an_index_would_take_both(built: Path) -> None:
    pytest.importorskip("twine")
    both = [*built.glob("koudai-*.whl"), *built.glob("koudai-*.tar.gz")]
    assert len(both) == 2
    said = ran([sys.executable, "-m", "twine", "check", "--strict", *both], built)
    assert said.count("PASSED") == 2


def test_the_wheel_holds_the_package_its_types_and_its_data_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("koudai-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"koudai"}
    assert "koudai/py.typed" in names
    assert "koudai/_bundled/data/seed/posts.jsonl" in names
    assert [name for name in names if "test" in name or name.endswith((".pyc", ".html.bak"))] == []


def test_the_wheel_alone_runs_the_demo(built: Path, tmp_path: Path) -> None:
    """In an environment that sees the packages of this one by their path, so that no editable install follows."""
    (wheel,) = built.glob("koudai-*.whl")
    venv.create(tmp_path / "environment", with_pip=False, symlinks=True)
    (packages,) = (tmp_path / "environment").glob("lib/python*/site-packages")
    places = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    (packages / "packages.pth").write_text("\n".join(places) + "\n", encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    python = tmp_path / "environment" / "bin" / "python"
    where = ran([python, "-c", "import koudai; print(koudai.__file__)"], tmp_path, env).strip()
    assert Path(where).is_relative_to(packages)
    said = ran([python, "-m", "koudai", "demo", "--lang", "zh"], tmp_path, env)
    assert said.splitlines()[-2] == f"page: {tmp_path}/demo/report/report.html"
    assert_whole(tmp_path / "demo")


def assert_whole(demo: Path) -> None:
    """See that the demo trained, scored unseen posts, audited them and drew the page."""
    parts = ["model", "posts.jsonl", "report", "report.refits", "scores"]
    assert sorted(path.name for path in demo.iterdir()) == parts
    report = load_report(demo / "report" / "report.json")
    assert report.conservation["read"] == open_job(demo / "scores").totals.read == 742
    lacking = [
        "agreement",
        "set_agreement",
        "alternative_annotator",
        "label_noise",
        "crosswalk",
        "wording",
        "outcome",
        "prevalence",
        "prevalence_corrected",
        "prevalence_by_group",
        "prevalence_over_time",
        "prevalence_around_event",
        "prevalence_regression",
        "drift",
        "reported_mix",
    ]
    assert list(report.frames) == [name for name in measures_in_order() if name not in lacking]
    assert [item.measure for item in report.not_measured] == lacking
    assert set(report.validated_on.values()) == {"written"}
    assert all(figure.n > 0 for frame in report.frames.values() for figure in frame.figures if figure.value is not None)
    page = (demo / "report" / "report.html").read_text(encoding="utf-8")
    assert 'data-lang="zh"' in page
    assert load_bundle(demo / "model").digest in page
