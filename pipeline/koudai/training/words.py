"""Words of a config: the user dictionary and the stop words that its features name, read before anything is counted.

Promises: a config comes back with the words themselves, so that the bundle needs no file of anybody's; words that no
normalised post can hold are told by name and change nothing. Does not segment.
"""

from __future__ import annotations

from pathlib import Path

from koudai.config.train import TrainConfig
from koudai.errors import LimitExceeded
from koudai.limits import BUNDLE_JSON_BYTES
from koudai.storage.durable import to_json
from koudai.text.characters.assigned import lower
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.lexicon import UserWord, lines_of, user_words, warn_of_words


def with_words(config: TrainConfig, path: Path) -> TrainConfig:
    """Return `config` with the words of the files that ``features.user_dict`` and ``features.stop_words`` name.

    Parameters
    ----------
    config, path
        The config, and the file it came from: relative paths start beside it.

    Raises
    ------
    ConfigError
        If a file cannot be read, or a line of the user dictionary is of another form.
    LimitExceeded
        If there are more words than a bundle has room for.

    Warns
    -----
    UserWordWarning
        Of words that no post can hold after normalisation and lower-casing.

    Examples
    --------
    >>> config = TrainConfig.model_validate(
    ...     {"run": {"name": "mine", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}],
    ...      "features": {"user_dict": ["口袋罪 5 n"], "stop_words": ["的"]}}
    ... )
    >>> with_words(config, Path("mine.toml")).features.user_dict
    ('口袋罪 5',)
    """
    features, beside = config.features, path.parent
    if features.user_dict is None and features.stop_words is None:
        return config
    given = features.user_dict
    words = user_words(beside / given if isinstance(given, str) else given)
    stop_words = features.stop_words
    if isinstance(stop_words, str):
        stop_words = tuple(lines_of(beside / stop_words))
    found = {"user_dict": tuple(map(_line, words)) if words else None, "stop_words": stop_words or None}
    if (size := len(to_json(found))) > BUNDLE_JSON_BYTES.value // 2:
        raise LimitExceeded(
            what="there are more user words and stop words than a bundle has room for",
            where="features.user_dict, features.stop_words",
            expected=f"at most {BUNDLE_JSON_BYTES.value // 2:,} bytes as JSON",
            got=f"{size:,} bytes",
            happened="nothing was trained",
            todo="keep the words that the posts hold",
        )
    normalizer = Normalizer(config.text.steps)
    every = [*(word.word for word in words), *(stop_words or ())]
    changed = [word for word in every if lower(normalizer(word)) != word]
    warn_of_words(changed, "word(s) are in no post, as normalisation and lower case change them")
    return config.model_copy(update={"features": features.model_copy(update=found)})


def _line(word: UserWord) -> str:
    return word.word if word.freq is None else f"{word.word} {word.freq}"
