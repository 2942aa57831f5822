"""Arrow arrays: equal to pyarrow's own, and made without pandas."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from koudai.text.arrow import as_numpy, numbers, strings

WHOLE = st.text(st.characters(exclude_categories=("Cs",)))


@settings(deadline=None)
@given(st.lists(WHOLE))
def test_strings_are_what_pyarrow_makes(texts: list[str]) -> None:
    made = strings(texts)
    made.validate(full=True)
    assert made.equals(pa.array(texts, pa.string()))


def test_a_lone_surrogate_is_refused_as_pyarrow_refuses_it() -> None:
    for make in (strings, pa.array):
        with pytest.raises(UnicodeEncodeError):
            make(["a", "\ud800"])


@given(
    st.sampled_from([np.bool_, np.uint8, np.int32, np.int64, np.float32, np.float64]).flatmap(
        lambda kind: npst.arrays(kind, st.integers(0, 40))
    ),
    st.randoms(use_true_random=False),
)
def test_numbers_are_what_pyarrow_makes(of: np.ndarray, random: object) -> None:
    missing = np.array([random.random() < 0.5 for _ in of], dtype=bool)  # type: ignore[attr-defined]
    for masked in (None, missing, np.zeros(len(of), bool)):
        made, wanted = numbers(of, missing=masked), pa.array(of, mask=masked)
        made.validate(full=True)
        assert made.type == wanted.type
        assert str(made.to_pylist()) == str(wanted.to_pylist())


@given(
    st.sampled_from([np.bool_, np.uint8, np.int32, np.int64, np.float64]).flatmap(
        lambda kind: npst.arrays(kind, st.integers(0, 40))
    ),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_plain_is_what_to_numpy_gives_of_any_slice(of: np.ndarray, start: int, length: int) -> None:
    part = pa.array(of).slice(min(start, len(of)), length)
    wanted = part.to_numpy(zero_copy_only=False)
    assert as_numpy(part).dtype == wanted.dtype
    assert np.array_equal(as_numpy(part), wanted, equal_nan=of.dtype.kind == "f")


def test_numbers_do_not_change_with_what_they_were_made_of() -> None:
    of = np.arange(3)
    made = numbers(of)
    of[:] = 9
    assert made.to_pylist() == [0, 1, 2]


def test_none_of_it_imports_pandas() -> None:
    code = """
import sys
import numpy as np
import pyarrow as pa
from koudai.text.arrow import as_numpy, large, numbers, or_zero, strings
from koudai.text.utf8 import of_arrow
large("a"), or_zero(numbers(np.ones(3), missing=np.eye(3, dtype=bool)[0])), of_arrow(pa.nulls(2, pa.large_string()))
strings(["a"]), numbers(np.ones(3), missing=np.eye(3, dtype=bool)[0])
as_numpy(numbers(np.ones(3, bool))), as_numpy(numbers(np.ones(3)))
print("pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
