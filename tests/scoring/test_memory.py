"""Memory of scoring: a few posts that are far too long take no more than the limit of a page allows (P5), are set aside
and counted (I1), and change nothing of the others.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.limits import PARQUET_PAGE_BYTES
from koudai.scoring.results import open_job
from tests.benchmarks.process import PYTHON, run

pytestmark = pytest.mark.slow  # each starts a process
_PAGES = 5
"""A page as it is read, as it is unpacked, as Arrow has its texts, as it had those before, and a dictionary."""


def scored(bundle: Path, posts: pa.Table, folder: Path, **layout: object) -> tuple[float, Path]:
    """Return the megabytes that a process takes which scores posts, and the job it leaves."""
    path, out = folder / "posts.parquet", folder / "job"
    shutil.rmtree(out, ignore_errors=True)
    pq.write_table(posts, path, **layout)
    ran = run([PYTHON, "-m", "koudai", "score", bundle, path, "--out", out, "--quarantined", "1"])
    if ran.largest_mb is None:
        pytest.skip("memory of processes is read from /proc")
    return ran.largest_mb, out


@pytest.mark.parametrize("layout", [{"use_dictionary": False}, {}, {"row_group_size": 1}])
def test_P5_texts_of_120_MiB_take_little_memory_and_change_no_other_post(
    tmp_path: Path, bundle: Path, layout: dict[str, object]
) -> None:
    ids, short, long = [str(n) for n in range(40)], [f"今天图书馆{n}点开门" for n in range(40)], "长" * (40 << 20)
    alone, job = scored(bundle, pa.table({"post_id": ids, "text": short}), tmp_path)
    expected = open_job(job).scores()
    texts = pa.array([*short[:20], *[long + str(n) for n in range(3)], *short[20:]])
    table = pa.table({"post_id": [*ids[:20], "a", "b", "c", *ids[20:]], "text": texts})
    del texts
    beside, job = scored(bundle, table, tmp_path, write_batch_size=1, **layout)
    done = json.loads((job / "DONE.json").read_text(encoding="utf-8"))
    assert (done["read"], done["scored"] + done["abstained"], done["quarantined"]) == (43, 40, 3)
    assert done["reasons"] == {"too-long": 3}
    found = open_job(job).scores()
    assert found.ids == expected.ids
    assert (found.proba == expected.proba).all()
    assert beside < alone + _PAGES * PARQUET_PAGE_BYTES.value / (1 << 20)
