"""Compiling: numba's part, from a function and its arguments to an object file that needs nothing but the C library.

Promises: functions that a kernel calls are compiled for it, but neither made into machine code nor wrapped for Python
by themselves, which is a third of what numba does; nothing is run, and numba's own functions in the same process are
left as they are. Memory that a kernel takes comes from ``malloc`` and goes to ``free``. Imports numba: to be imported
when something has to be compiled.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import typeof, types
from numba.core.codegen import AOTCPUCodegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher, CPUTarget, cpu_target
from numba.core.runtime import rtsys

_OPTIONS = {"nopython": True, "nogil": True, "boundscheck": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_MEMORY = """
declare ptr @malloc(i64)
declare void @free(ptr)
define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
begin:
  %room = add i64 %size, 128
  %block = call ptr @malloc(i64 %room)
  %none = icmp eq ptr %block, null
  br i1 %none, label %failed, label %made
made:
  %address = ptrtoint ptr %block to i64
  %behind = add i64 %address, 127
  %aligned = and i64 %behind, -64
  %data = inttoptr i64 %aligned to ptr
  store i64 1, ptr %block
  %place = getelementptr i8, ptr %block, i64 24
  store ptr %data, ptr %place
  ret ptr %block
failed:
  ret ptr null
}
define ptr @NRT_Allocate(i64 %size) {
  %block = call ptr @malloc(i64 %size)
  ret ptr %block
}
define void @NRT_Free(ptr %block) {
  call void @free(ptr %block)
  ret void
}
define ptr @NRT_MemInfo_alloc(i64 %size) {
  %block = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 64)
  ret ptr %block
}
define ptr @NRT_MemInfo_new_varsize_dtor(i64 %size, ptr %unused) {
  %block = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 64)
  ret ptr %block
}
define void @NRT_MemInfo_call_dtor(ptr %block) {
  call void @free(ptr %block)
  ret void
}
"""
"""What numba's code asks of its runtime. A block begins with its count of references and holds, three words on, where
its data are, behind it and aligned to 64 bytes (``numba/core/runtime/nrtdynmod.py``)."""


@dataclass(frozen=True)
class MachineCode:
    """An object file, the symbol to be called in it, and the kinds of numbers that the kernel returns.

    What is called is given where to write what is returned, where a failure, and the words of `arguments.flattened`.
    """

    symbol: str
    returns: tuple[str, ...]
    as_tuple: bool
    code: bytes


def compile_kernel(kernel: Any, arguments: tuple[Any, ...]) -> MachineCode:
    """Compile what `dispatcher` made of a function, for arguments like these.

    Raises
    ------
    TypeError
        If it returns something else than numbers, or calls what numba alone has.
    """
    signature = tuple(typeof(argument) for argument in arguments)
    with global_compiler_lock, _without_collector():
        kernel.compile(signature)
        made = kernel.overloads[signature]
        library, symbol = made.library, made.fndesc.llvm_func_name
        library._ensure_finalized()
        module = llvm.parse_assembly(library.get_llvm_str())
        if any(one.name.startswith("NRT_") for one in module.functions):
            module.link_in(llvm.parse_assembly(_MEMORY))
        kinds = [str(one.type) for one in module.get_function(symbol).arguments]
        entry = f"{symbol}.entry"
        module.link_in(llvm.parse_assembly(_entry(entry, symbol, kinds, arguments)))
        for one in module.functions:
            if one.is_declaration:
                _refuse_foreign(one.name)
            elif one.name != entry:
                one.linkage = "internal"
        for one in module.global_variables:
            if not one.is_declaration:
                one.linkage = "internal"
        code = library.codegen._tm.emit_object(module)
    returned = made.signature.return_type
    as_tuple = isinstance(returned, types.BaseTuple)
    parts = tuple(returned) if as_tuple else () if returned is types.none else (returned,)
    return MachineCode(entry, tuple(_kind(one) for one in parts), as_tuple, code)


def _entry(entry: str, symbol: str, kinds: list[str], arguments: tuple[Any, ...]) -> str:
    """Return, as LLVM reads it, a function that calls a kernel, whose arguments are of these `kinds`, with words.

    An array is found as the object that it is: data, dimensions, shape and strides follow the head of every object
    (``numpy/ndarraytypes.h``, ``PyArrayObject_fields``).
    """
    lines: list[str] = []
    given = ["ptr %returned", "ptr %failure"]

    def load(kind: str, place: str, offset: int) -> str:
        lines.append(f"  %p{len(lines)} = getelementptr i8, ptr {place}, i64 {offset}")
        lines.append(f"  %v{len(lines)} = load {kind}, ptr %p{len(lines) - 1}")
        return f"%v{len(lines) - 1}"

    for slot, argument in enumerate(_flat(arguments)):
        kind = kinds[len(given)]
        if isinstance(argument, np.ndarray):
            array = load("ptr", "%words", 8 * slot)
            data, shape, strides = (load("ptr", array, object.__basicsize__ + at) for at in (0, 16, 24))
            sizes = [load("i64", shape, 8 * place) for place in range(argument.ndim)]
            steps = [load("i64", strides, 8 * place) for place in range(argument.ndim)]
            size = "1"
            for one in sizes:
                lines.append(f"  %v{len(lines)} = mul i64 {size}, {one}")
                size = f"%v{len(lines) - 1}"
            given += ["ptr null", "ptr null", f"i64 {size}", f"i64 {argument.itemsize}", f"ptr {data}"]
            given += [f"i64 {one}" for one in (*sizes, *steps)]
        elif kind == "i1":
            byte = load("i8", "%words", 8 * slot)
            lines.append(f"  %v{len(lines)} = trunc i8 {byte} to i1")
            given.append(f"i1 %v{len(lines) - 1}")
        else:
            given.append(f"{kind} {load(kind, '%words', 8 * slot)}")
    return "\n".join(
        [
            f'declare i32 @"{symbol}"({", ".join(kinds)})',
            f'define i32 @"{entry}"(ptr %returned, ptr %failure, ptr %words) {{',
            *lines,
            f'  %code = call i32 @"{symbol}"({", ".join(given)})',
            "  ret i32 %code",
            "}",
        ]
    )


def _flat(arguments: tuple[Any, ...]) -> Iterator[Any]:
    for argument in arguments:
        if isinstance(argument, tuple):
            yield from _flat(argument)
        else:
            yield argument


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Let what numba makes lie: looking through it again and again takes a tenth of the time of compiling."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _refuse_foreign(name: str) -> None:
    """Raise `TypeError` if what machine code calls by `name` is in no process that has not imported numba."""
    own = name.startswith(("NRT_", "numba_", "Numba"))
    if own or not (name.startswith("llvm.") or llvm.address_of_symbol(name)):
        message = f"a kernel calls {name}, which numba alone has"
        raise TypeError(message)


def _kind(returned: Any) -> str:
    if isinstance(returned, types.Boolean):
        return "b1"
    if isinstance(returned, types.Integer | types.Float):
        letter = "f" if isinstance(returned, types.Float) else "i" if returned.signed else "u"
        return f"{letter}{returned.bitwidth // 8}"
    message = f"a kernel returns numbers, none, or a tuple of numbers, not {returned}"
    raise TypeError(message)


def dispatcher(function: Callable[..., Any], *, counted: bool) -> Any:
    """Return what numba compiles `function` with, if it is called by another kernel or by `compile_kernel`.

    References to arrays are `counted` where it allocates some.
    """
    return _dispatcher_class()(function, targetoptions={**_OPTIONS, "_nrt": counted})


@functools.cache
def _dispatcher_class() -> Any:
    """Return numba's class of compiled functions, changed to leave machine code to `compile_kernel`."""
    own = cpu_target.target_context
    rtsys.initialize(own)
    own.refresh()

    class Codegen(AOTCPUCodegen):  # type: ignore[misc]
        def _customize_tm_features(self) -> Any:
            return self._get_host_cpu_features()

    class Target(CPUTarget):  # type: ignore[misc]
        typing_context = cpu_target.typing_context
        target_context = own.subtarget(
            _internal_codegen=Codegen("koudai", cpu_name="host"),
            get_executable=lambda library, description, environment: object(),
        )

    class Dispatcher(CPUDispatcher):  # type: ignore[misc]
        targetdescr = Target("cpu")

        def add_overload(self, made: Any) -> None:
            self.overloads[tuple(made.signature.args)] = made

    return Dispatcher
