"""Compilation: a decorator for functions that numba compiles, with a cache, a notice, and a switch.

Promises: machine code is cached for later processes, if it can be, with its sha256, and compiled again if that is not
right or a source has changed (``sources.py``); a folder that `koudai warm` wrote is read first (``KOUDAI_CACHE``);
``KOUDAI_NO_JIT=1`` (or numba's own ``NUMBA_DISABLE_JIT=1``) runs the
same functions as plain Python with equal results, slowly, and does not import numba; with ``NUMBA_BOUNDSCHECK=1``
indices are checked, which is slow too, and raise `IndexError` outside their arrays. To be imported by kernels alone,
since it reads the switch at import.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from koudai.errors import KoudaiError, UsageError
from koudai.storage.durable import sha256_bytes
from koudai.text.compiled.cache import (
    brought_folder,
    cache_folder,
    private_folder,
    verified,
    warn_unusable,
    with_sha256,
)
from koudai.text.compiled.sources import compiled_sources

F = TypeVar("F", bound=Callable[..., Any])
SWITCH = "KOUDAI_NO_JIT"


def switched_off(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether `environ` (by default that of the process) switches compilation off.

    Examples
    --------
    >>> switched_off({"KOUDAI_NO_JIT": "1"})
    True
    >>> switched_off({})
    False
    """
    environ = os.environ if environ is None else environ
    return any(environ.get(name, "0") not in ("", "0") for name in (SWITCH, "NUMBA_DISABLE_JIT"))


def compiled(function: F) -> F:
    """Mark `function` to be compiled at its first call, without the GIL, bounds checks and counts of references.

    It must neither allocate arrays nor return one: numba would count references to each array at every call, by
    instructions that take as long as several looks into memory.
    """
    return _marked(function, counted=False)


def allocating(function: F) -> F:
    """Mark a `function` that allocates arrays, or calls one that does, to be compiled, otherwise as `compiled` does."""
    return _marked(function, counted=True)


def _marked(function: F, *, counted: bool) -> F:
    if switched_off():
        return function
    with errors_named():
        import numba

        kernel = numba.njit(nogil=True, boundscheck=False, _nrt=counted)(function)
        _keep(kernel)
    marked: F = kernel
    return marked


def kernels_folder() -> str:
    """Return the name of the folder of machine code, in the user's cache folder and in ``$KOUDAI_CACHE``.

    Examples
    --------
    >>> kernels_folder()[:8]
    'kernels-'
    """
    return f"kernels-{_digest()[:32]}"


@functools.cache
def _folder() -> Path | None:
    """Return the folder for machine code, or None, with a warning, if there is none that can be used.

    It is named by the digest of all kernels, since numba itself would load code compiled with older versions of what a
    kernel imports. Its name does not depend on where koudai is installed: copies share it.
    """
    folder = cache_folder() / kernels_folder()
    try:
        private_folder(folder)
    except OSError as error:
        warn_unusable(folder, error)
        return None
    return folder


@functools.cache
def _digest() -> str:
    """Return the sha256 of the sources that compiled code depends on, the versions of the compilers, and the switch for
    bounds checks. (numba itself keeps code apart by processor.)
    """
    import llvmlite
    import numba

    compiler = f"{sys.version} {numba.__version__} {llvmlite.__version__} {os.environ.get('NUMBA_BOUNDSCHECK', '')}"
    return sha256_bytes(b"\0".join([compiler.encode(), *compiled_sources(Path(__file__).parents[3])]))


def _keep(kernel: Any) -> None:
    """Let numba look for `kernel` in ``$KOUDAI_CACHE``, then in the user's folder, and keep it in the latter."""
    brought = brought_folder(kernels_folder())
    cache = _cache(kernel.py_func, _folder()) if brought is None else _Two(kernel.py_func, brought)
    if cache is not None:
        kernel._cache = cache


def _cache(function: Any, folder: Path | None, *, written: bool = True) -> Any:
    """Return numba's cache of a function in `folder`; None if there is no folder, or it cannot be written."""
    with contextlib.suppress(RuntimeError):  # numba's word for nowhere
        cache = None if folder is None else _forgiving(folder, written)(function)
        if cache is not None and folder in Path(cache.cache_path).parents:
            return cache
    return None


class _Two:
    """Machine code of a function in a folder that is only read, and what is missing there in the user's own."""

    def __init__(self, function: Any, brought: Path) -> None:
        self._function, self._brought = function, _cache(function, brought, written=False)

    @functools.cached_property
    def _own(self) -> Any:
        return _cache(self._function, _folder())

    def load_overload(self, *arguments: Any) -> Any:
        found = None if self._brought is None else self._brought.load_overload(*arguments)
        return self._own.load_overload(*arguments) if found is None and self._own is not None else found

    def save_overload(self, *arguments: Any) -> None:
        if self._own is not None:
            self._own.save_overload(*arguments)


@functools.cache
def _forgiving(folder: Path, written: bool) -> Any:
    """Return numba's cache class, changed to use `folder` wherever the sources are, to treat damaged entries as missing
    ones, and to ignore a full disk; if it is not `written`, also to change nothing there.

    Each file ends in its sha256, which is verified first: numba's loader ends the process on code that is damaged. What
    numba reads ends before it.
    """
    from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
    from numba.core.runtime import rtsys

    in_folder, *_ = CompileResultCacheImpl._locator_classes

    class Locator(in_folder):  # type: ignore[misc, valid-type]
        def __init__(self, function: Any, file: str) -> None:
            super().__init__(function, file)
            self._cache_path = str(folder / function.__module__)

        def ensure_cache_path(self) -> None:
            if written:
                super().ensure_cache_path()

        @classmethod
        def from_function(cls, function: Any, file: str) -> Any:
            return super(in_folder, cls).from_function(function, file)

    class Impl(CompileResultCacheImpl):  # type: ignore[misc]
        _locator_classes = (Locator,)

    class Verified(IndexDataCacheFile):  # type: ignore[misc]
        @contextlib.contextmanager
        def _open_for_write(self, path: str) -> Iterator[io.BytesIO]:
            with super()._open_for_write(path) as file:
                content = io.BytesIO()
                yield content
                file.write(with_sha256(content.getvalue()))

        def _load_index(self) -> Any:
            return {} if verified(Path(self._index_path)) is None else super()._load_index()

        def _load_data(self, name: str) -> Any:
            if verified(Path(self._data_path(name))) is None:
                raise FileNotFoundError(name)
            return super()._load_data(name)

    class Forgiving(FunctionCache):  # type: ignore[misc]
        _impl_class = Impl

        def __init__(self, function: Any) -> None:
            super().__init__(function)
            stamp, name = self._impl.locator.get_source_stamp(), self._impl.filename_base
            self._cache_file = Verified(cache_path=self._cache_path, filename_base=name, source_stamp=stamp)

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                rtsys.initialize(target_context)  # all of what numba prepares for compiling that loading takes
                return self._load_overload(sig, target_context)
            except Exception:  # whatever comes of bytes that are not whole
                with contextlib.suppress(OSError):
                    if written:
                        self.flush()
                return None

        def save_overload(self, *arguments: Any) -> None:
            with contextlib.suppress(OSError):
                super().save_overload(*arguments)

    return Forgiving


@contextlib.contextmanager
def announced(what: str) -> Iterator[None]:
    """Report on stderr that `what` is compiled, and how long it took, if a function is compiled within the block.

    Raises
    ------
    UsageError
        If numba cannot compile it.

    Examples
    --------
    >>> with announced("an example"):
    ...     print("nothing was compiled, so nothing is said")
    nothing was compiled, so nothing is said
    """
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
                    often = "once on this machine" if _folder() else "anew in every process"
                    sys.stderr.write(f"koudai: compiling {what}, {often} …")
                    sys.stderr.flush()

            def on_end(self, event: object) -> None:
                pass

        try:
            with event.install_listener("numba:compile", Announcer()):
                yield
        finally:
            if started:
                sys.stderr.write(f" {time.perf_counter() - started[0]:.1f} s\n")


@contextlib.contextmanager
def errors_named() -> Iterator[None]:
    """Turn whatever numba raises inside the block into a `UsageError` that names the switch.

    Examples
    --------
    >>> try:
    ...     with errors_named():
    ...         raise RuntimeError("no compiler")
    ... except UsageError as error:
    ...     print(error.got)
    RuntimeError: no compiler
    """
    try:
        yield
    except (KoudaiError, MemoryError, Warning):
        raise
    except Exception as error:
        raise UsageError(
            what="numba cannot compile koudai's kernels on this machine",
            got=f"{type(error).__name__}: {str(error)[:300]}",
            todo=f"set {SWITCH}=1 to run them as plain Python (equal results, slowly), or reinstall numba and llvmlite",
        ) from error


def _prefetch() -> Any:
    """Return a function that prefetches ``array[index]`` into the processor's cache."""
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
    """Return a function that reads eight bytes from ``array[index]`` on, at any alignment, as one uint64."""
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


def _copier(width: int) -> Any:
    """Return a function that copies `width` bytes from ``data[at]`` to ``out[place]`` in one instruction."""
    if switched_off():

        def copied(out: Any, place: Any, data: Any, at: Any) -> None:
            out[int(place) : int(place) + width] = data[int(at) : int(at) + width]

        return copied
    with errors_named():
        from llvmlite import ir
        from numba import types
        from numba.extending import intrinsic

    def copy(typing: Any, out: Any, place: Any, data: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def address(array: int) -> Any:
                begin = context.make_array(signature.args[array])(context, builder, arguments[array]).data
                return builder.bitcast(builder.gep(begin, [arguments[array + 1]]), ir.IntType(8 * width).as_pointer())

            loaded = builder.load(address(2), align=1)
            builder.store(loaded, address(0), align=1)
            return context.get_dummy_value()

        return types.void(out, place, data, at), generate

    return intrinsic(copy)


copy4, copy16 = _copier(4), _copier(16)
