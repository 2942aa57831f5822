"""Compilation: a decorator for functions that numba compiles, with a cache, a notice, and a switch.

Promises: machine code is cached for later processes, if it can be, with its sha256, and compiled again if that is not
right or a source has changed (``sources.py``); a folder that `koudai warm` wrote is read first (``KOUDAI_CACHE``);
what is cached is loaded without numba, and is no pickle; ``KOUDAI_NO_JIT=1`` (or numba's own ``NUMBA_DISABLE_JIT=1``)
runs the same functions as plain Python with equal results, slowly; with ``NUMBA_BOUNDSCHECK=1`` indices are checked,
which is slow too, and raise `IndexError` outside their arrays. To be imported by kernels alone, since it reads the
switch at import.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from koudai.errors import KoudaiError, UsageError
from koudai.storage import durable
from koudai.storage.durable import sha256_bytes
from koudai.text.compiled.cache import (
    alone,
    brought_folder,
    cache_folder,
    private_folder,
    verified,
    warn_unusable,
    with_sha256,
)
from koudai.text.compiled.sources import compiled_sources

if TYPE_CHECKING:
    from koudai.text.compiled.arguments import Key

F = TypeVar("F", bound=Callable[..., Any])
SWITCH = "KOUDAI_NO_JIT"
_SUFFIX = ".kernel"


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
    kernel: Any = Kernel(function, counted=counted)
    marked: F = kernel
    return marked


class Kernel:
    """A function that runs as machine code: from the cache if it is there, else compiled and kept there."""

    def __init__(self, function: Callable[..., Any], *, counted: bool) -> None:
        functools.update_wrapper(self, function)
        self.py_func, self.name = function, f"{function.__module__}.{function.__qualname__}"
        self.loaded: dict[Key, Callable[[list[Any]], Any]] = {}
        self._counted, self._lock = counted, threading.RLock()

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        key, words = _flattened()(arguments)
        call = self.loaded.get(key)
        return (self._load(key, arguments) if call is None else call)(words)

    @functools.cached_property
    def dispatcher(self) -> Any:
        """What numba compiles it with."""
        from koudai.text.compiled import compiling

        return compiling.dispatcher(self.py_func, counted=self._counted)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes this for in a kernel that calls it."""
        return self.dispatcher._numba_type_

    def _load(self, key: Key, arguments: tuple[Any, ...]) -> Callable[[list[Any]], Any]:
        with self._lock, errors_named():
            if key not in self.loaded:
                name = f"{self.name}-{sha256_bytes(repr(key).encode())[:16]}{_SUFFIX}"
                content = _content_of(name)
                if content is None:
                    with alone(self.name):
                        content = _content_of(name) or self._compiled(arguments, name)
                self.loaded[key] = _call(content, key)
            return self.loaded[key]

    def _compiled(self, arguments: tuple[Any, ...], name: str) -> bytes:
        """Compile for arguments like these, keep what comes of it, and return it."""
        with _noticed(self.name):
            from koudai.text.compiled import compiling

            made = compiling.compile_kernel(self.dispatcher, arguments)
        content = (
            " ".join(["tuple" if made.as_tuple else "alone", *made.returns, made.symbol]).encode() + b"\n" + made.code
        )
        if (folder := _folder()) is not None:
            with contextlib.suppress(OSError, KoudaiError):
                durable.write_bytes(folder / name, with_sha256(content))
        return content


def _content_of(name: str) -> bytes | None:
    """Return what is kept under a name, in ``$KOUDAI_CACHE`` or the user's own folder."""
    brought = brought_folder(kernels_folder())
    content = None if brought is None else verified(brought / name)
    if content is None and (folder := _folder()) is not None:
        content = verified(folder / name)
    return content


def any_kept() -> bool:
    """Return whether machine code of any kernel is kept."""
    folders = (brought_folder(kernels_folder()), _folder())
    return any(folder is not None and any(folder.glob(f"*{_SUFFIX}")) for folder in folders)


def uncompiled_runs() -> int:
    """Return how often this was asked before on this machine, while nothing was kept; 0 where nothing can be kept."""
    if (folder := _folder()) is None:
        return 0
    with (folder / "runs").open("ab") as file:
        file.write(b".")
        return file.tell() - 1


@functools.cache
def _flattened() -> Any:
    from koudai.text.compiled.arguments import flattened

    return flattened


def _call(content: bytes, key: Key) -> Callable[[list[Any]], Any]:
    """Return the function that calls machine code, kept as `Kernel` keeps it."""
    from koudai.text.compiled import arguments, loading

    head, _, code = content.partition(b"\n")
    form, *kinds, symbol = head.decode().split(" ")
    returns = arguments.Returned(tuple(kinds), as_tuple=form == "tuple")
    return loading.load_code(code, symbol, packed=arguments.format_of(key), returns=returns)


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

    It is named by the digest of all kernels, for what a kernel calls is compiled into it. Its name does not depend on
    where koudai is installed: copies share it.
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
    """Return the sha256 of the sources that compiled code depends on, the versions of the compilers, the processor, and
    the switch for bounds checks.
    """
    from importlib.util import find_spec

    import llvmlite.binding as llvm
    from llvmlite import __version__

    found = find_spec("numba")
    numba = Path(found.origin).with_name("_version.py") if found and found.origin else Path(__file__)
    processor = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    features = llvm.get_host_cpu_features().flatten() if features is None else features
    asked = [llvm.get_process_triple(), processor, features, os.environ.get("NUMBA_BOUNDSCHECK", "")]
    compiler = "\n".join([sys.version, __version__, *asked])
    version = numba.read_bytes() if numba.is_file() else b""
    return sha256_bytes(b"\0".join([compiler.encode(), version, *compiled_sources(Path(__file__).parents[3])]))


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
    notice = _Notice(what)
    with errors_named():
        _notices().append(notice)
        try:
            yield
        finally:
            _notices().remove(notice)
            notice.end()


class _Notice:
    """What is said when something is compiled, once, and when all of it is."""

    def __init__(self, what: str) -> None:
        self._what, self._begun = what, 0.0

    def begin(self) -> None:
        if not self._begun:
            self._begun = time.perf_counter()
            often = "once on this machine" if _folder() else "anew in every process"
            sys.stderr.write(f"koudai: compiling {self._what}, {often} …")
            sys.stderr.flush()

    def end(self) -> None:
        if self._begun:
            sys.stderr.write(f" {time.perf_counter() - self._begun:.1f} s\n")


@functools.cache
def _notices() -> list[_Notice]:
    """Return the notices of the blocks of `announced` that have begun and not ended; the same list at each call."""
    return []


@contextlib.contextmanager
def _noticed(name: str) -> Iterator[None]:
    """Say what is compiled within: what the outermost block of `announced` says, or the `name` of a kernel."""
    if _notices():
        _notices()[0].begin()
        yield
    else:
        with announced(name):
            _notices()[0].begin()
            yield


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


class Generated:
    """Instructions for kernels: `typed` becomes what numba calls an intrinsic when something is compiled with it; plain
    Python calls `plain` in its place.
    """

    def __init__(self, typed: Callable[..., Any], plain: Callable[..., Any]) -> None:
        self._typed, self._plain = typed, plain

    def __call__(self, *arguments: Any) -> Any:
        """Do it in plain Python."""
        return self._plain(*arguments)

    @functools.cached_property
    def _numba_type_(self) -> Any:
        with errors_named():
            from numba.core.registry import cpu_target
            from numba.extending import intrinsic

            made = intrinsic(self._typed)
            cpu_target.typing_context.refresh()
            return cpu_target.typing_context.resolve_value_type(made)


def _prefetch() -> Any:
    """Return a function that prefetches ``array[index]`` into the processor's cache."""

    def prefetch(typing: Any, array: Any, index: Any) -> Any:
        from llvmlite import ir
        from numba import types

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
            address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
            builder.call(function, [address, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, index), generate

    return Generated(prefetch, lambda array, index: None)


prefetch = _prefetch()


def _load() -> Any:
    """Return a function that reads eight bytes from ``array[index]`` on, at any alignment, as one uint64."""
    import numpy as np

    def plain(array: Any, index: Any) -> Any:
        return np.uint64(int.from_bytes(array[int(index) : int(index) + 8].tobytes(), "little"))

    def load(typing: Any, array: Any, index: Any) -> Any:
        from llvmlite import ir
        from numba import types

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
            return builder.load(address, align=1)

        return types.uint64(array, index), generate

    return Generated(load, plain)


load = _load()


def _copier(width: int) -> Any:
    """Return a function that copies `width` bytes from ``data[at]`` to ``out[place]`` in one instruction."""

    def plain(out: Any, place: Any, data: Any, at: Any) -> None:
        out[int(place) : int(place) + width] = data[int(at) : int(at) + width]

    def copy(typing: Any, out: Any, place: Any, data: Any, at: Any) -> Any:
        from llvmlite import ir
        from numba import types

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def address(array: int) -> Any:
                begin = context.make_array(signature.args[array])(context, builder, arguments[array]).data
                return builder.bitcast(builder.gep(begin, [arguments[array + 1]]), ir.IntType(8 * width).as_pointer())

            loaded = builder.load(address(2), align=1)
            builder.store(loaded, address(0), align=1)
            return context.get_dummy_value()

        return types.void(out, place, data, at), generate

    return Generated(copy, plain)


copy4, copy16 = _copier(4), _copier(16)
