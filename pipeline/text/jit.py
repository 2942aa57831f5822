"""Compilation: marks the functions that numba compiles, says once that it does, and can be switched off.

Promises: what is compiled is kept by numba for the next process, where it can write; ``KOUDAI_NO_JIT=1`` (or numba's
own ``NUMBA_DISABLE_JIT=1``) runs the same functions as plain Python with equal results, slowly, and does not import
numba. Import this module only where kernels are: it decides at import whether they are compiled.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pipeline.durable import sha256_bytes
from pipeline.errors import KoudaiError, UsageError
from pipeline.text.cache import cache_folder, private_folder

F = TypeVar("F", bound=Callable[..., Any])
SWITCH = "KOUDAI_NO_JIT"


def switched_off(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether `environ` (that of the process) asks for plain Python."""
    environ = os.environ if environ is None else environ
    return any(environ.get(name, "0") not in ("", "0") for name in (SWITCH, "NUMBA_DISABLE_JIT"))


def compiled(function: F) -> F:
    """Mark `function` to be compiled at its first call, without the GIL and without bounds checks."""
    if switched_off():
        return function
    with errors_named():
        import numba

        options = {"nogil": True, "boundscheck": False}
        with _kept_in(numba.config):
            try:
                kernel: F = numba.njit(cache=True, **options)(function)
            except RuntimeError:  # no folder to keep it in can be written
                kernel = numba.njit(**options)(function)
    return kernel


@contextlib.contextmanager
def _kept_in(config: Any) -> Iterator[None]:
    """Let numba keep what it compiles in koudai's cache folder, under the digest of all kernels: numba itself would use
    what it compiled from an older version of a kernel that another file calls.
    """
    before = config.CACHE_DIR
    if not before:
        folder = cache_folder() / f"kernels-{_digest()[:32]}"
        with contextlib.suppress(OSError):
            private_folder(folder)
            config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


@functools.cache
def _digest() -> str:
    """Return the sha256 of the sources of all kernels."""
    sources = sorted(Path(__file__).parents[1].rglob("*_kernels.py"))
    return sha256_bytes(b"".join(path.read_bytes() for path in [Path(__file__), *sources]))


@contextlib.contextmanager
def announced(what: str) -> Iterator[None]:
    """Say on stderr that `what` is compiled, and for how long, if a function is compiled within the block."""
    if switched_off():
        yield
        return
    with errors_named():
        from numba.core import event

        started: list[float] = []

        class Announcer(event.Listener):  # type: ignore[misc]
            def on_start(self, event: object) -> None:
                if not started:
                    started.append(time.perf_counter())
                    sys.stderr.write(f"koudai: compiling {what}, once on this machine …")
                    sys.stderr.flush()

            def on_end(self, event: object) -> None:
                pass

        with event.install_listener("numba:compile", Announcer()):
            yield
    if started:
        sys.stderr.write(f" {time.perf_counter() - started[0]:.1f} s\n")


@contextlib.contextmanager
def errors_named() -> Iterator[None]:
    """Turn whatever numba raises inside the block into a `UsageError` that names the switch."""
    try:
        yield
    except KoudaiError:
        raise
    except Exception as error:
        raise UsageError(
            what="numba cannot compile koudai's kernels on this machine",
            got=f"{type(error).__name__}: {str(error)[:300]}",
            todo=f"set {SWITCH}=1 to run them as plain Python (equal results, slowly), or reinstall numba and llvmlite",
        ) from error


def _prefetch() -> Any:
    """Return a function that asks for ``array[index]`` to be brought into the cache, without waiting for it."""
    if switched_off():
        return lambda array, index: None
    with errors_named():
        from llvmlite import ir
        from numba import types
        from numba.extending import intrinsic

    def prefetch(typing: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
            address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
            builder.call(function, [address, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, index), generate

    return intrinsic(prefetch)


prefetch = _prefetch()


def _load() -> Any:
    """Return a function that reads the eight bytes from ``array[index]`` on as one number, wherever they begin."""
    if switched_off():
        import numpy as np

        return lambda array, index: np.uint64(int.from_bytes(array[int(index) : int(index) + 8].tobytes(), "little"))
    with errors_named():
        from llvmlite import ir
        from numba import types
        from numba.extending import intrinsic

    def load(typing: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
            return builder.load(address, align=1)

        return types.uint64(array, index), generate

    return intrinsic(load)


load = _load()
