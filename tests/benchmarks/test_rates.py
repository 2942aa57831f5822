"""Posts per second: every run accounts for its posts, costs are told apart, and the chart is one that stands alone."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from tests.benchmarks.audit_job import OTHER, THIS
from tests.benchmarks.peers import BOTH, FEATURES, WORDS, with_features
from tests.benchmarks.posts import BUNDLED, ROOT
from tests.benchmarks.rates import EMPTY, FILLED, SMALL, charts, main
from tests.benchmarks.rates_chart import Cost, Line, chart_svg

pytestmark = pytest.mark.benchmark


def test_rates_of_two_checkouts_at_each_size(small_config: Path, tmp_path: Path) -> None:
    page, out = tmp_path / "page.md", tmp_path / "rates.json"
    page.write_text("<!-- rates -->\nold\n<!-- /rates -->\n", encoding="utf-8")
    small = ["--sizes", "20,400", "--rounds", "2", "--once-from", "400", "--empty-to", "20"]
    given = ["--corpus", BUNDLED, "--config", small_config, "--other", ROOT, *small, "--folder", tmp_path]
    main([*map(str, given), "--json", str(out), "--markdown", str(page), "--chart", str(tmp_path / "rates.svg")])
    data = json.loads(out.read_text(encoding="utf-8"))
    rounds = {(row["features"], row["posts"], row["cache"]): len(row["seconds"]) for row in data["rows"]}
    assert rounds == {
        (SMALL, 20, FILLED): 2,
        **{(features, 20, FILLED): 2 for features in FEATURES},
        **{(features, 400, FILLED): 1 for features in FEATURES},
        **{(features, 20, EMPTY): 1 for features in FEATURES},
    }
    assert len(data["rows"]) == 2 * len(rounds)
    assert {(one["features"], one["checkout"]) for one in data["costs"]} == {
        (features, name) for features in FEATURES for name in (OTHER, THIS)
    }
    assert "old" not in page.read_text(encoding="utf-8")
    for name in ("words", "both"):
        drawing = (tmp_path / f"rates-{name}.svg").read_text(encoding="utf-8")
        assert drawing.count("<circle") == 6
        for told in ("this build", "the other", "this build, empty cache"):
            assert f">{told}</text>" in drawing


def figures(features: str, checkout: str, cache: str, posts: int, seconds: float) -> dict[str, object]:
    named = {"features": features, "checkout": checkout, "cache": cache, "posts": posts}
    return {**named, "seconds": [seconds], "processor": [seconds], "largest_mb": None}


def test_a_cost_is_marked_where_it_has_faded() -> None:
    rows = [figures(features, THIS, FILLED, posts, 1 + posts / 1e5) for features in FEATURES for posts in (10, 10**7)]
    faded = {"start faded at": 9e5, "model faded at": None, "compiling faded at": 1e9}
    costs = [{"features": features, "checkout": THIS, **faded} for features in FEATURES]
    drawn = charts(rows, costs, called="first build")
    assert set(drawn) == {WORDS, BOTH}
    assert ">start</text>" in drawn[BOTH]
    assert ">model</text>" not in drawn[BOTH]
    assert ">compiling</text>" not in drawn[BOTH]  # beyond the axis


def test_the_chart_places_decades_evenly_and_names_apart() -> None:
    lines = [
        Line("this", "accent", [(10, 0.5), (1_000, 50), (100_000, 5_000)]),
        Line("other", "second", [(10, 0.4), (100_000, 4_900)], dashed=True),
    ]
    drawing = chart_svg(lines, [Cost("start", 1_000)], title="posts <per> second")
    across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawing)]
    assert across[:3] == [0, 260, 520]
    assert "posts &lt;per&gt; second" in drawing
    ticks = re.findall(r">([\d.,]+)</text>", drawing)
    assert ticks == ["10", "100", "1,000", "10,000", "100,000", "0.1", "1", "10", "100", "1,000", "10,000"]
    heights = [float(y) for y in re.findall(r'y="([\d.-]+)"[^>]*>(?:this|other)<', drawing)]
    assert math.isclose(heights[1] - heights[0], 12)


def test_features_of_a_config_are_replaced() -> None:
    config = '[run]\nname = "x"\n\n[features]\nwords = [1, 3]\nchars = [1, 6]\n\n[model]\nclassifier = "y"\n'
    kept = '[run]\nname = "x"\n\n[model]\nclassifier = "y"\n\n[features]\nwords = '
    weighed = "min_df = 2\nsublinear_tf = true\n"
    assert with_features(config, WORDS) == f"{kept}[1, 1]\n{weighed}"
    assert with_features(config, BOTH) == f"{kept}[1, 2]\nchars = [1, 4]\n{weighed}"
    assert with_features('[run]\nname = "x"\n', WORDS).count("[features]") == 1
