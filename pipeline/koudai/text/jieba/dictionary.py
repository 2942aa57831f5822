"""The dictionary as arrays: jieba's and a user's words, built once and kept in the user's cache folder.

Promises: the arrays depend on jieba's ``dict.txt``, its modules of the hidden Markov model and the user's words alone.
The cache holds plain ``.npy`` files under the digest of all these; arrays are built again if a file differs from its
sha256 or others can write to the folder; if the folder cannot be written to, there is one warning and no cache. Nothing
is unpickled or unmarshalled, and jieba's own cache is never opened.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import io
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from koudai.errors import KoudaiError
from koudai.storage import durable
from koudai.strict_json import strict_object
from koudai.text.compiled.cache import (
    brought_folder,
    cache_folder,
    mark_used,
    private_folder,
    refuse_others,
    warn_unusable,
)
from koudai.text.jieba.lexicon import Lexicon, UserWord
from koudai.text.jieba.tables import Tables
from koudai.text.jieba.trie import Chain, build

LAYOUT = 2
"""Version of the arrays' layout, part of the name of the cache folder."""
_LOCK = threading.Lock()
_PARTS = ("start", "trans", "emit")
_MANIFEST = "manifest.json"


def dictionary_digest(words: tuple[UserWord, ...] = ()) -> str:
    """Return the hexadecimal sha256 of jieba's dictionary, with `words` that of both."""
    own = durable.sha256_file(jieba_folder() / "dict.txt")
    return durable.sha256_bytes(durable.to_json([own, [list(word) for word in words]])) if words else own


def load(words: tuple[UserWord, ...] = (), *, cache: Path | None = None) -> Tables:
    """Return the dictionary with the user's `words`, from the cache folder, or built (some seconds) and cached.

    Parameters
    ----------
    words
        As `lexicon.user_words` returns them.
    cache
        The cache folder; `cache_folder` by default.

    Raises
    ------
    ConfigError
        If the user's words are too many.
    """
    with _LOCK:
        return _load(words, cache_folder() if cache is None else cache)


@functools.lru_cache(maxsize=4)
def _load(words: tuple[UserWord, ...], cache: Path) -> Tables:
    name = folder_name(words)
    folder, brought = cache / name, brought_folder(name)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if brought is not None:
            return _read(brought)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        refuse_others(folder)
        found = _read(folder)
        mark_used(folder)
        return found
    tables = build(lexicon(words), chain=_chain())
    try:
        _write(folder, tables)
    except (OSError, KoudaiError) as error:
        warn_unusable(folder, error)
    return tables


def folder_name(words: tuple[UserWord, ...] = ()) -> str:
    """Return the name of the folder of a dictionary, in the user's cache folder and in ``$KOUDAI_CACHE``."""
    return f"dictionary-{_key(words)[:32]}"


def lexicon(words: tuple[UserWord, ...] = ()) -> Lexicon:
    """Return jieba's words and counts, changed by the user's `words` in their order."""
    changed = Lexicon((jieba_folder() / "dict.txt").read_bytes())
    for word in words:
        changed.add(word)
    return changed


def jieba_folder() -> Path:
    """Return the folder of the installed jieba, without importing it."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:  # jieba is a dependency: only a broken installation gets here
        message = "jieba is not installed"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent


def _chain() -> Chain:
    return Chain(*(_literal(path) for path in _chain_paths()))


def _literal(path: Path) -> dict[str, Any]:
    """Parse the dict that a module of jieba assigns to ``P``, as JSON after a change of quotes; runs no code."""
    return strict_object(path.read_text(encoding="utf-8").partition("P=")[2].replace("'", '"'), numbers=True)


def _chain_paths() -> list[Path]:
    return [jieba_folder() / "finalseg" / f"prob_{part}.py" for part in _PARTS]


def _key(words: tuple[UserWord, ...]) -> str:
    parts = [LAYOUT, dictionary_digest(words), *(durable.sha256_file(path) for path in _chain_paths())]
    return durable.sha256_bytes(durable.to_json(parts))


def _read(folder: Path) -> Tables:
    """Return the cached arrays in `folder`; raises `OSError` or `ValueError` if they are incomplete or damaged."""
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    arrays = {}
    for name in Tables._fields:
        data = (folder / f"{name}.npy").read_bytes()
        if hashlib.sha256(data).hexdigest() != manifest[name]:
            message = f"{name} is damaged"
            raise ValueError(message)
        arrays[name] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return Tables(**arrays)


def _write(folder: Path, tables: Tables) -> None:
    """Cache the arrays in `folder`, the manifest last; concurrent processes write the same bytes."""
    private_folder(folder)
    manifest = {}
    for name, array in tables._asdict().items():
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        manifest[name] = hashlib.sha256(file.getvalue()).hexdigest()
        durable.write_bytes(folder / f"{name}.npy", file.getvalue(), mode=0o600)
    durable.write_bytes(folder / _MANIFEST, durable.to_json(manifest), mode=0o600)
