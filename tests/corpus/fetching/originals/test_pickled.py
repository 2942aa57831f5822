"""Hostile pickles (M1, M3, P4, P5): nothing that a pickle asks for is imported, called or built, nothing that it claims
is allocated, and whatever it holds ends in a value or in an error that says what it named.
"""

from __future__ import annotations

import builtins
import codecs
import contextlib
import gc
import io
import os
import pickle
import pickletools
import re
import struct
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.fetching.originals.frames import read_frame
from koudai.corpus.fetching.originals.pickled import NAMES, Made, read_pickle
from koudai.errors import DataError, LimitExceeded, ReadError
from koudai.limits import Limit
from tests.corpus.fetching.originals.test_frames import TABLE

GOOD = pickle.dumps(TABLE, protocol=4)


class Payload:
    """Pickles as a call of `function` with `args`."""

    def __init__(self, function: Any, *args: Any) -> None:
        self._call = (function, args)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@contextlib.contextmanager
def no_import() -> Iterator[None]:
    """Fail if anything is imported; Python's own codecs, which it loads at their first use, are loaded before.

    What other tests left behind is cleared away later, since pytest imports modules to tell of it.
    """
    codecs.lookup("raw_unicode_escape")

    def fail(name: str, *rest: Any, **named: Any) -> Any:
        message = f"{name} was imported"
        raise AssertionError(message)

    gc.disable()
    try:
        with mock.patch.object(builtins, "__import__", fail):
            yield
    finally:
        gc.enable()


def refusal(data: bytes) -> str:
    """Return what a refused pickle is said to hold."""
    with no_import(), pytest.raises(ReadError) as caught:
        read_frame(data, path="hostile.pkl")
    assert caught.value.exit_code == 3
    return str(caught.value.got)


def value_or_error(data: bytes) -> Any:
    try:
        with no_import():
            return read_frame(data, path="any.pkl")
    except DataError as error:
        return error


def calls(marker: Path) -> dict[str, Any]:
    touch = f"touch {marker}"
    return {
        "os.system": Payload(os.system, touch),
        "builtins.eval": Payload(eval, f"open({str(marker)!r}, 'w')"),
        "builtins.exec": Payload(exec, f"open({str(marker)!r}, 'w')"),
        "builtins.open": Payload(open, str(marker), "w"),
        "builtins.__import__": Payload(__import__, "antigravity"),
        "builtins.getattr": Payload(getattr, TABLE, "to_csv"),
        "subprocess.Popen": Payload(subprocess.Popen, ["touch", str(marker)]),
        "pathlib.touch": Payload(Path.touch, marker),
        "pickle.loads": Payload(pickle.loads, pickle.dumps(Payload(os.system, touch))),
        "numpy.load": Payload(np.load, str(marker)),
        "numpy.memmap": Payload(np.memmap, str(marker), "u1", "w+", 0, (9,)),
        "pandas method": Payload(type(TABLE).to_csv, TABLE, str(marker)),
    }


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", calls(Path("ran")))
def test_M1_a_call_is_refused_by_its_name_and_not_made(marker: Path, name: str, protocol: int) -> None:
    for hidden in (calls(marker)[name], [TABLE, calls(marker)[name]], {"content": calls(marker)[name]}):
        assert "at byte" in refusal(pickle.dumps(hidden, protocol=protocol))
    assert not marker.exists()


def test_M1_a_call_inside_a_table_is_refused_and_not_made(marker: Path) -> None:
    frame = TABLE.astype(object)
    frame.loc[1, "content"] = Payload(os.system, f"touch {marker}")
    assert re.match(r"(posix|nt)\.system at byte", refusal(pickle.dumps(frame, protocol=4)))
    assert not marker.exists()


def by_name(module: str, attribute: str, *, protocol: int = 4) -> bytes:
    """A pickle that calls whatever module and attribute name, with one text."""
    if protocol < 4:
        return b"\x80\x02c" + f"{module}\n{attribute}\n".encode() + b"X\x01\x00\x00\x00x\x85R."
    parts = b"".join(b"\x8c" + bytes([len(part)]) + part for part in (module.encode(), attribute.encode(), b"x"))
    first, second = len(module) + 2, len(module) + len(attribute) + 4
    return b"\x80\x04" + parts[:first] + parts[first:second] + b"\x93" + parts[second:] + b"\x85R."


NEAR = [
    *(("builtins", "eval"), ("builtins", "slice.mro"), ("builtins", "Slice"), ("os", "system"), ("nt", "system")),
    *(("numpy", "ndarray.tofile"), ("numpy.dtype", "__class__"), ("pandas.core.frame", "DataFrame.to_pickle")),
    *(("pandas", "eval"), ("pandas", "read_pickle"), ("_codecs", "decode"), ("copyreg", "_reconstructor")),
    *(("functools", "partial"), ("operator", "attrgetter"), ("", ""), ("numpy.core.multiarray", "scalar")),
]


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(("module", "attribute"), NEAR)
def test_M3_names_near_those_of_tables_are_refused(module: str, attribute: str, protocol: int) -> None:
    assert f"{module}.{attribute} at byte" in refusal(by_name(module, attribute, protocol=protocol))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_M3_a_name_that_tables_need_is_written_down_and_never_looked_up(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    with no_import():
        found = read_pickle(by_name(module, attribute), path="t.pkl")
    assert isinstance(found, Made)
    assert (found.name, found.args, found.state) == (name, ("x",), None)


OTHER_OPCODES = {
    "INST": b"(ios\nsystem\n.",
    "OBJ": b"(cnumpy\ndtype\no.",
    "PERSID": b"P1\n.",
    "BINPERSID": b"\x80\x02K\x01Q.",
    "EXT1": b"\x80\x02\x82\x01.",
    "DUP": b"\x80\x02N2.",
    "POP": b"\x80\x02N0.",
    "POP_MARK": b"\x80\x02(N1.",
    "NEWOBJ_EX": b"\x80\x04NNN\x92.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "EMPTY_SET": b"\x80\x04\x8f.",
    "FROZENSET": b"\x80\x04(\x91.",
    "STRING": b"S'x'\n.",
    "FLOAT": b"F1.5\n.",
    "LONG": b"L7L\n.",
    "DICT": b"(d.",
}


@pytest.mark.parametrize("name", OTHER_OPCODES)
def test_M3_opcodes_that_tables_do_not_need_are_refused(name: str) -> None:
    assert name in {opcode.name for opcode in pickletools.opcodes}
    assert f"{name} at byte" in refusal(OTHER_OPCODES[name])


def array_claiming(shape: tuple[int, ...], *, kind: str, raw: Any) -> bytes:
    """A pickled table, one of whose arrays says that it is of `shape`."""
    array = np.zeros(3, dtype=kind)
    state = list(array.__reduce__()[2])
    state[1], state[-1] = shape, raw
    reduced = (array.__reduce__()[0], array.__reduce__()[1], tuple(state))

    class Claims:
        def __reduce__(self) -> tuple[Any, ...]:
            return reduced

    blocks = [{"values": Claims(), "mgr_locs": slice(0, 1, 1)}]
    sink = io.BytesIO()
    pickle.Pickler(sink, protocol=2).dump(blocks)
    return sink.getvalue()


CLAIMS = {
    "memo": b"\x80\x02N" + b"r" + struct.pack("<I", 2**32 - 1) + b".",
    "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",
    "text": b"\x80\x02X" + struct.pack("<I", 2**32 - 1) + b"x.",
    "long text": b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"x.",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**61) + b"x.",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 2**61) + b"N.",
    "long": b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"x.",
    "shape of numbers": array_claiming((10**12,), kind="i8", raw=b"\0" * 24),
    "shape of texts": array_claiming((10**15, 4), kind="O", raw=["早"]),
    "laughs": b"\x80\x02]q\x00"
    + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60))
    + b".",
    "nesting": b"\x80\x02" + b"]" * 50_000 + b"a" * 49_999 + b".",
    "calls in calls": b"\x80\x02" + b"c__builtin__\nslice\n" * 20_000 + b")" + b"R\x85" * 20_000 + b".",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_P5_what_a_pickle_claims_is_not_allocated(name: str) -> None:
    tracemalloc.start()
    try:
        refusal(CLAIMS[name])
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_P5_a_pickle_of_too_many_opcodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("koudai.corpus.fetching.originals.pickled.PICKLE_OPCODES", Limit(100, "opcodes", "refused"))
    with pytest.raises(LimitExceeded, match="too long"):
        read_pickle(b"\x80\x02" + b"N" * 100 + b".", path="hostile.pkl")
    assert read_pickle(b"\x80\x02" + b"N" * 98 + b".", path="short.pkl") is None


def test_M6_a_table_cut_short_anywhere_is_refused() -> None:
    for end in range(len(GOOD) - 1):
        refusal(GOOD[:end])


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_M6_a_table_with_one_byte_changed_is_a_table_or_an_error(place: int, value: int) -> None:
    changed = GOOD[:place] + bytes([value]) + GOOD[place + 1 :]
    found = value_or_error(changed)
    assert isinstance(found, dict | DataError)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [bytes([ord(opcode.code)]) if ord(opcode.code) < 256 else b"" for opcode in pickletools.opcodes]
            + [b"\x01", b"\x00", b"x\n"]
        ),
        max_size=40,
    )
)
def test_M1_any_opcodes_in_any_order_are_a_value_or_an_error(parts: list[bytes]) -> None:
    assert isinstance(value_or_error(b"\x80\x04" + b"".join(parts) + b"."), DataError)
