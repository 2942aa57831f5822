"""Loading: object files of kernels into this process, by LLVM's linker, without numba.

Promises: what is loaded stays. Calls do not hold the interpreter's lock. A kernel that fails raises what numba would:
`MemoryError`, `ZeroDivisionError`, or `IndexError` where indices are checked; nothing is unpickled for it. What is
given is trusted: who calls has verified it.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm

from koudai.text.compiled.arguments import Returned

_DONE = (0, -2)
"""Codes of numba: done, and done with nothing to return."""


def load_code(code: bytes, symbol: str, *, packed: str, returns: Returned) -> Callable[[list[Any]], Any]:
    """Load an object file; return a function that calls its `symbol` with words, `packed` as `struct` has it."""
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    kernel = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
        engine.get_function_address(symbol)
    )
    room, read, failure_of, address = returns.room, returns.read, ctypes.c_void_p, ctypes.addressof
    pack = struct.Struct(packed).pack

    def call(words: list[Any]) -> Any:
        returned, failure = room(), failure_of()
        if kernel(address(returned), address(failure), pack(*words)) not in _DONE:
            raise _failure(failure.value)
        return read(returned)

    return call


@functools.cache
def _engine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _failure(place: int | None) -> BaseException:
    """Return the exception at `place`, where numba left the address and the length of its pickle, by its name."""
    pickled = b""
    if place:
        begin = ctypes.c_void_p.from_address(place).value
        pickled = ctypes.string_at(begin or 0, ctypes.c_int32.from_address(place + 8).value) if begin else b""
    for kind in (MemoryError, IndexError, ZeroDivisionError):
        if kind.__name__.encode() in pickled:
            return kind("in a kernel")
    return RuntimeError("a kernel failed")
