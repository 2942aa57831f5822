"""Members: arrays whose header is not, letter for letter, a plain array's are refused; it is never evaluated."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from koudai.errors import ModelFormatError
from koudai.model.bundle.members import bundle_digest, json_member, npy_bytes, npy_member

HERE = Path("bundle")
TYPES = ("<f4", "<f8", "<i8", "|u1")


def read(data: bytes, dtype: str = "<f4") -> Any:
    return npy_member({"x.npy": data}, "x.npy", dtype, HERE)


def npy(header: str, data: bytes = b"", *, version: tuple[int, int] = (1, 0), length: int | None = None) -> bytes:
    encoded = header.encode("latin-1")
    size = struct.pack("<H" if version == (1, 0) else "<I", len(encoded) if length is None else length)
    return b"\x93NUMPY" + bytes(version) + size + encoded + data


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.data(), st.sampled_from(TYPES))
def test_arrays_come_back_and_numpy_reads_them_too(data: st.DataObject, dtype: str) -> None:
    shape = hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=6)
    array = data.draw(hnp.arrays(np.dtype(dtype), shape))
    written = npy_bytes(array, dtype)
    back = read(written, dtype)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert not back.flags.writeable
    assert np.load(io.BytesIO(written), allow_pickle=False).tobytes() == array.tobytes()


def test_arrays_are_written_in_the_declared_type_and_order() -> None:
    column_order = np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3))
    assert read(npy_bytes(column_order, "<f4")).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read(npy_bytes(column_order[:, ::2], "<f4")).tolist() == [[0, 2], [3, 5]]


def plain(shape: str, descr: str = "'<f4'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


HEADERS = {
    "objects": plain("(1,)", "'|O'"),
    "structure": plain("(1,)", "[('a', '<f4')]"),
    "structure of objects": plain("(1,)", "[('a', '|O')]"),
    "other type": plain("(1,)", "'<f8'"),
    "big-endian": plain("(1,)", "'>f4'"),
    "void": plain("(99999999999,)", "'|V0'"),
    "subarray": plain("(1,)", "'<f4,(99999999999,)f8'"),
    "fortran": plain("(1,)", order="True"),
    "terabytes": plain("(1099511627776,)"),
    "gigabytes": plain("(4294967296,)"),
    "product beyond 64 bits": plain("(999999999999, 999999999999)"),
    "beyond 64 bits": plain(f"({2**70},)"),
    "negative": plain("(-1,)"),
    "fraction": plain("(1.0,)"),
    "scalar": plain("()"),
    "three dimensions": plain("(1, 1, 1)"),
    "hundred dimensions": plain("(" + "1, " * 100 + ")"),
    "too few": plain("(2,)"),
    "python 2": plain("(1L,)"),
    "deep": "(" * 5000 + "\n",
    "unhashable": "{[]: 1}\n",
    "open string": "{'descr': '<f4\n",
    "call": "__import__('os').system('touch marker')\n",
    "nothing": "\n",
    "nul": "{'descr': '<f4\0'}\n",
    "foreign key": "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'code': 'x', }\n",
}


@pytest.mark.parametrize("name", HEADERS)
def test_M2_M4_hostile_headers_are_refused_without_being_evaluated(name: str) -> None:
    tracemalloc.start()
    with pytest.raises(ModelFormatError) as caught:
        read(npy(HEADERS[name], b"\0\0\0\0"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert caught.value.exit_code == 4
    assert "x.npy" in str(caught.value)
    assert "where:    bundle" in str(caught.value)


def test_an_honest_header_is_read() -> None:
    """The frame in which the hostile ones stand."""
    assert read(npy(plain("(1,)"), b"\0\0\0\0")).tolist() == [0.0]
    assert read(npy(plain("(1, 1)"), b"\0\0\0\0")).tolist() == [[0.0]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04",
        b"\x80\x04\x95",
        npy(plain("(1,)"), b"\0\0\0"),
        npy(plain("(1,)"), b"\0\0\0\0\0"),
        npy(plain("(1,)"), b"\0\0\0\0", version=(2, 0)),
        npy(plain("(1,)"), b"\0\0\0\0", version=(9, 9)),
        npy(plain("(1,)"), b"\0\0\0\0", length=3),
        npy(plain("(1,)"), b"\0\0\0\0", length=65535),
        b" " + npy(plain("(1,)"), b"\0\0\0\0"),
    ],
    ids=range(11),
)
def test_M6_what_is_no_whole_array_is_refused(data: bytes) -> None:
    with pytest.raises(ModelFormatError):
        read(data)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 127), st.sampled_from(TYPES))
def test_M6_any_bytes_are_an_array_of_the_type_or_refused(noise: bytes, place: int, dtype: str) -> None:
    honest = npy_bytes(np.arange(4), dtype)
    for data in (noise, honest[:place] + noise + honest[place + len(noise) :], honest[:place] + noise):
        try:
            found = read(data, dtype)
        except ModelFormatError:
            continue
        assert found.dtype.str == dtype
        assert found.ndim in (1, 2)


def test_missing_members_are_refused_by_name() -> None:
    with pytest.raises(ModelFormatError, match=r"x.npy is missing"):
        npy_member({}, "x.npy", "<f4", HERE)
    with pytest.raises(ModelFormatError, match=r"model.json is missing"):
        json_member({}, "model.json", HERE)


def test_the_digest_is_of_the_manifest() -> None:
    assert bundle_digest(b"{}") == "44136fa355b3678a"
    assert bundle_digest(b"{} ") != bundle_digest(b"{}")
