"""When kernels are compiled, and the verb that carries them: warm.

Promises: a few posts are scored without compiling, by plain Python, as long as that is the shorter way. `warm`
compiles what is missing in the user's own cache folder, and copies it with jieba's dictionary into a new folder, or
writes nothing. What is copied holds for koudai, Python, numba, llvmlite and processor as they are here;
elsewhere it is not used, and kernels are compiled as without it. Prints nothing but the notices of compiling. Where
there are two cores, a second process compiles from the other end; whoever scores or trains first gets its help, too.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from koudai.api.surroundings import AnyPath

MODULES = (
    "koudai.text.characters.normalize:_kernels",
    "koudai.text.characters.normalize:_rewriting_kernels",
    "koudai.text.characters.contacts.hiding:_kernels",
    "koudai.text.characters.hazards:_kernels",
    "koudai.text.jieba.segment:_kernels",
    "koudai.model.ngrams.counting:_kernels",
    "koudai.model.evidence:_kernels",
    "koudai.corpus.reading.rows:_kernels",
    "koudai.corpus.reading.separated:_kernels",
    "koudai.corpus.near_duplicates.groups:_kernels",
    "koudai.model.ngrams.learning:_kernels",
    "koudai.model.ngrams.frequent_words:_kernels",
    "koudai.model.ngrams.tfidf:_kernels",
    "koudai.model.fitting.dual:_kernels",
    "koudai.model.fitting.vectors:_kernels",
    "koudai.training.folds:_kernels",
    "koudai.training.evaluate:_kernels",
)
"""Who compiles kernels: those of scoring first, then those of training alone."""
_OF_ALL, _OF_SCORING = 6, 9
"""How many of them every job needs, and how many those that ask for evidence or read lines."""
_PLAIN = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
"""What files are called whose size says how much is in them, or which say it themselves."""


@dataclass(frozen=True)
class WarmedFolder:
    """A folder of compiled kernels and the dictionary.

    Attributes
    ----------
    folder
        What ``$KOUDAI_CACHE`` is to name.
    digest
        The sha256 that names kernels of these sources and compilers, shortened to 32 digits.
    files, bytes
        How much it is.

    Examples
    --------
    >>> WarmedFolder(Path("kernels"), digest="0a", files=2, bytes=10).files
    2
    """

    folder: Path
    digest: str
    files: int
    bytes: int


def warm(folder: AnyPath, *, training: bool = False) -> WarmedFolder:
    """Compile the kernels of scoring, and write them with jieba's dictionary into a folder that can be carried along.

    Parameters
    ----------
    folder
        New or empty. Everybody can read it and nobody but you can write to it: who could would run code as whoever uses
        it.
    training
        Whether the kernels that only training and audits need are compiled and written, too.

    Raises
    ------
    OutputExists, StorageError
        If the folder holds something, or cannot be written to.
    UsageError
        If compiling is switched off, or the user's own cache folder cannot be used.

    Examples
    --------
    >>> from koudai import api
    >>> made = api.warm("kernels")  # doctest: +SKIP
    """
    from koudai.errors import UsageError
    from koudai.storage.bucket import require_on_disk
    from koudai.storage.filled_folder import filled_folder
    from koudai.text.compiled import jit
    from koudai.text.compiled.cache import cache_folder, refuse_others
    from koudai.text.jieba import dictionary

    target = require_on_disk(folder)
    if jit.switched_off():
        raise UsageError(
            what="there is nothing to warm: compiling is switched off",
            got=f"{jit.SWITCH} or NUMBA_DISABLE_JIT in the environment",
            todo=f"unset {jit.SWITCH} and NUMBA_DISABLE_JIT",
        )
    with filled_folder(target):
        with compiled_beside(training=training):
            _compile(MODULES if training else MODULES[:_OF_SCORING])
        dictionary.load()
        names = (jit.kernels_folder(), dictionary.folder_name())
        for name in names:
            try:
                refuse_others(cache_folder() / name)
            except OSError as error:
                raise UsageError(
                    what="kernels are copied from your own cache folder, which cannot be used",
                    where=str(cache_folder() / name),
                    got=error.strerror or str(error),
                    todo="set XDG_CACHE_HOME to a folder of your own, and unset KOUDAI_CACHE",
                ) from error
            _copy(cache_folder() / name, target / name)
        target.chmod(0o755)
    files = [path for path in target.rglob("*") if path.is_file()]
    return WarmedFolder(target, names[0].partition("-")[2], len(files), sum(path.stat().st_size for path in files))


def spare_compiling(model: AnyPath, posts: Sequence[AnyPath]) -> bool:
    """Switch compiling off in this process if no kernel is kept and plain Python is done sooner; return whether it is.

    For a process that scores these posts and ends, before it imports kernels: at most `UNCOMPILED_BYTES`, and
    `UNCOMPILED_RUNS` times, until compiling would have taken no longer.

    Parameters
    ----------
    model
        A bundle.
    posts
        Files on a disk: CSV, TSV, JSON, JSON lines or Parquet, not compressed. For others, kernels are compiled.

    Examples
    --------
    >>> spare_compiling("model", ["s3://bucket/posts.csv"])
    False
    """
    from koudai.limits import UNCOMPILED_BYTES, UNCOMPILED_RUNS
    from koudai.text.compiled import jit

    if jit.switched_off() or any(name.endswith("_kernels") for name in sys.modules):
        return False
    with contextlib.suppress(Exception):  # what is wrong with a file is said where it is read
        if jit.any_kept() or size_to_score(Path(model), [Path(one) for one in posts]) > UNCOMPILED_BYTES.value:
            return False
        if jit.uncompiled_runs() >= UNCOMPILED_RUNS.value:
            return False
        os.environ[jit.SWITCH] = "1"
        sys.stderr.write("koudai: so little is scored by plain Python; a larger run compiles, once on this machine\n")
        return True
    return False


def size_to_score(model: Path, posts: Sequence[Path]) -> float:
    """Return the bytes of posts, and one more for each term of the model; infinity if that takes long to be found out.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     plain, zipped = (Path(name) / one for one in ("posts.csv", "posts.csv.gz"))
    ...     plain.write_bytes(b"post_id,text"), zipped.write_bytes(b"")
    ...     size_to_score(Path(name), [plain]), size_to_score(Path(name), [zipped])
    (12, 0)
    (12, inf)
    """
    from koudai.limits import UNCOMPILED_BYTES

    size = sum(path.stat().st_size // 8 for path in model.glob("block*_ends.npy"))
    for path in posts:
        size += path.stat().st_size
        if size > UNCOMPILED_BYTES.value or path.suffix not in _PLAIN or not path.is_file():
            return float("inf")
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            file = pq.ParquetFile(path)
            told = file.metadata
            unpacked = sum(told.row_group(place).total_byte_size for place in range(told.num_row_groups))
            if max(told.num_rows, unpacked) > UNCOMPILED_BYTES.value:
                return float("inf")
            size += file.read().nbytes
    return size


@contextlib.contextmanager
def compiled_beside(*, training: bool = False) -> Iterator[None]:
    """Let another process compile kernels, too, while the block runs, if none are kept yet and there are two cores.

    It begins with those that are needed last. No kernel is compiled twice: who comes second waits for it. If the other
    process cannot be started or dies, this one compiles all.

    Parameters
    ----------
    training
        Whether those of training are needed.
    """
    from koudai.cores import cores
    from koudai.text.compiled import jit

    other = None
    with contextlib.suppress(Exception):  # what is wrong with the compiler is said where it is needed
        if not jit.switched_off() and cores() > 1 and not jit.any_kept():
            code = f"from koudai.api import warming; warming.compile_backwards(training={training})"
            other = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    try:
        yield
    finally:
        if other is not None:
            other.terminate()
            other.wait()


def compile_backwards(*, training: bool = False) -> None:
    """Compile what scoring needs, or training as well, and what is needed last first."""
    _compile([*MODULES[:_OF_ALL], *(MODULES[_OF_SCORING:] if training else ())][::-1])


def _compile(places: Sequence[str]) -> None:
    for place in places:
        module, _, name = place.partition(":")
        getattr(importlib.import_module(module), name)()


def _copy(source: Path, target: Path) -> None:
    """Copy a folder, readable for everybody and writable for this user alone whatever the umask says."""
    from koudai.storage import durable

    target.mkdir()
    target.chmod(0o755)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            _copy(path, target / path.name)
        else:
            durable.write_bytes(target / path.name, path.read_bytes(), mode=0o644)
