"""Used words: the user's words and the stop words of a model, as one member of its bundle.

Promises: a model that has none has no such member; what is read back is checked before anything is built. The digest of
the dictionary in ``model.json`` is that of jieba's words with the user's, so other words are found out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from koudai.errors import ConfigError, ModelFormatError
from koudai.model.bundle.members import USED_WORDS, json_member
from koudai.storage.durable import to_json
from koudai.text.jieba.lexicon import UserWord, user_words

if TYPE_CHECKING:
    from koudai.model.model import Model


def words_members(model: Model) -> dict[str, bytes]:
    """Return the user's words and stop words of a model as a member of a bundle, ``{}`` if it has none."""
    words = [list(word) for word in model.segmenter.user_words]
    stop_words = [word for block in model.blocks for word in block.stop_words]
    return {USED_WORDS: to_json({"user_words": words, "stop_words": stop_words})} if words or stop_words else {}


def used_words(members: dict[str, bytes], folder: Path) -> tuple[tuple[UserWord, ...], tuple[str, ...]]:
    """Return the user's words and the stop words that a bundle's members hold.

    Raises
    ------
    ModelFormatError
        If they are no words.

    Examples
    --------
    >>> used_words({"words.json": '{"user_words": [["口袋罪", 5]], "stop_words": ["的"]}'.encode()}, Path("bundle"))
    ((UserWord(word='口袋罪', freq=5),), ('的',))
    """
    if USED_WORDS not in members:
        return (), ()
    found = json_member(members, USED_WORDS, folder)
    try:
        words = [UserWord(word, freq) for word, freq in found["user_words"]]
        stop_words = tuple(found["stop_words"])
        strings = all(isinstance(word, str) for word in (*stop_words, *(one.word for one in words)))
        counts = all(type(one.freq) in (int, type(None)) for one in words)
        if set(found) == {"user_words", "stop_words"} and strings and counts:
            return user_words(words), stop_words
        got: object = ", ".join(sorted(found))
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        got = error.what if isinstance(error, ConfigError) else repr(error)
    raise ModelFormatError(
        what=f"{USED_WORDS} does not hold words", where=folder, got=got, happened="nothing was built"
    )
