"""Word counts: jieba's dictionary, changed by the words that a user adds, deletes or has split.

Promises: counts, their total and the order of effects are jieba's (``gen_pfdict``, ``load_userdict``, ``add_word``,
``del_word``, ``suggest_freq``), but belong to one object and change nothing in jieba. A line that is not ``word [freq]
[tag]`` is an error with its file and line; a word that no post can hold is told by a warning. Knows nothing of arrays.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from math import log
from pathlib import Path
from typing import NamedTuple

from koudai.errors import ConfigError, printable
from koudai.limits import USER_LINE_BYTES, USER_WORD_CHARACTERS, USER_WORD_COUNT

HAN = "\u4e00-\u9fd5"
"""The characters that jieba's hidden Markov model segments, as a range of a regular expression."""
LATIN = r"0-9A-Za-z.%+#&_\-"
"""The other characters of jieba's words."""

_NUMBER, _FREQUENCY, _TAG = re.compile(r"[0-9.+-]+"), re.compile(r"[0-9]{1,16}"), re.compile(r"[a-z]+")
_INSIDE = re.compile(f"[{HAN}{LATIN}]+")
_NAMED = 5
"""Words that a warning names, at most."""
_LINE = re.compile(r"(?P<word>\S+)(?: (?P<freq>[0-9]{1,16}))?(?: [a-z]+)?")
_WORDS = re.compile(f"[{HAN}{LATIN}]+|\r\n|.", re.DOTALL)
_EXPECTED = "word [freq] [tag], one space between: a word without spaces, a whole number, lower-case letters"


class UserWordWarning(UserWarning):
    """Words or lines of a user dictionary, or stop words, have no effect."""


class UserWord(NamedTuple):
    """One word that a user adds, as jieba's ``add_word`` takes it.

    Attributes
    ----------
    word
        The word.
    freq
        Its count; None for the count of jieba's ``suggest_freq``, at which the word is kept in one piece. 0 deletes the
        word, as ``del_word`` does, and keeps the hidden Markov model from producing it.

    Examples
    --------
    >>> UserWord("口袋罪").freq is None
    True
    """

    word: str
    freq: int | None = None


class Lexicon:
    r"""Counts of words and of their prefixes (0 for a prefix that is no word), as jieba's ``FREQ``.

    Parameters
    ----------
    dictionary
        The content of jieba's ``dict.txt``.

    Attributes
    ----------
    freq : dict of str to int
    total : int
        Sum of all counts ever added.
    split : set of str
        Words that the hidden Markov model may not produce (jieba's ``Force_Split_Words``).

    Examples
    --------
    >>> lexicon = Lexicon("口袋 30 n\n犯罪 20 v\n".encode())
    >>> lexicon.add(UserWord("口袋罪", 5))
    >>> lexicon.freq["口袋罪"], lexicon.freq["口"], lexicon.total
    (5, 0, 55)
    """

    def __init__(self, dictionary: bytes) -> None:
        self.freq: dict[str, int] = {}
        self.total = 0
        self.split: set[str] = set()
        for line in dictionary.decode().splitlines():
            word, freq, *_ = line.split(" ")
            self.freq[word] = int(freq)
            self.total += int(freq)
            self._add_prefixes(word)

    def add(self, entry: UserWord) -> None:
        """Add, change or delete one word."""
        word, freq = entry
        if freq is None:
            freq = self._suggest_freq(word)
        self.freq[word] = freq
        self.total += freq
        self._add_prefixes(word)
        if freq == 0:
            self.split.add(word)

    def _add_prefixes(self, word: str) -> None:
        for end in range(len(word) - 1, 0, -1):
            self.freq.setdefault(word[:end], 0)

    def _suggest_freq(self, word: str) -> int:
        """Return the count at which `word` is more probable than the words it consists of."""
        total = float(self.total)
        freq: float = 1
        for part in self._cut(word):
            freq *= self.freq.get(part, 1) / total
        return max(int(freq * self.total) + 1, self.freq.get(word, 1))

    def _cut(self, text: str) -> Iterator[str]:
        """Yield the words of `text` as jieba segments it without its hidden Markov model."""
        for block in _WORDS.findall(text):
            letters = ""
            for word in self._most_probable(block):
                if len(word) == 1 and word.isascii() and word.isalnum():
                    letters += word
                    continue
                if letters:
                    yield letters
                letters = ""
                yield word
            if letters:
                yield letters

    def _most_probable(self, block: str) -> Iterator[str]:
        """Yield the words of the most probable path; of equal ones, the one with the longer first word."""
        log_total = log(self.total)
        best: dict[int, tuple[float, int]] = {len(block): (0.0, 0)}
        for start in range(len(block) - 1, -1, -1):
            ends = [end for end in self._ends(block, start) if self.freq[block[start:end]]] or [start + 1]
            best[start] = max(
                (log(self.freq.get(block[start:end]) or 1) - log_total + best[end][0], end) for end in ends
            )
        start = 0
        while start < len(block):
            end = best[start][1]
            yield block[start:end]
            start = end

    def _ends(self, block: str, start: int) -> Iterator[int]:
        for end in range(start + 1, len(block) + 1):
            if block[start:end] not in self.freq:
                return
            yield end


def user_words(source: Path | Iterable[str | UserWord] | None, *, warn: bool = True) -> tuple[UserWord, ...]:
    """Return the words of a user dictionary, in order.

    Parameters
    ----------
    source
        A file of lines ``word [freq] [tag]`` in UTF-8, or such lines and `UserWord` entries, or None for none.
    warn
        Whether to warn of words without effect.

    Raises
    ------
    ConfigError
        At the first line or entry that is not of that form: names file and line, or the number of the entry.

    Warns
    -----
    UserWordWarning
        Of lines whose word has a blank inside, which are left out, and of words with characters that jieba never joins
        to others, such as the ``·`` of names: no post can hold these words. `UserWord` entries are not looked at.

    Examples
    --------
    >>> user_words(["口袋罪 5 n", UserWord("吃瓜")])
    (UserWord(word='口袋罪', freq=5), UserWord(word='吃瓜', freq=None))
    """
    if source is None:
        return ()
    if isinstance(source, str | bytes):
        raise ConfigError(what="a user dictionary is a Path or a list of lines", got=repr(source))
    entries: Iterator[tuple[int, str | UserWord]] = _read(source) if isinstance(source, Path) else enumerate(source, 1)
    words: list[UserWord] = []
    read, phrases = [], []
    for number, entry in entries:
        where = f"{source}:{number}" if isinstance(source, Path) else f"entry {number} of the user dictionary"
        if isinstance(entry, UserWord):
            words.append(_checked(entry, where=where))
        elif isinstance(entry, str) and _is_phrase(entry.strip()):
            phrases.append(f"{entry.strip()!r} ({where})")
        elif word := _parse(entry, where=where):
            words.append(word)
            read.append(word.word)
    if warn:
        warn_of_words(phrases, "line(s) are left out, as no word of jieba's has a blank inside")
        outside = [word for word in read if not _INSIDE.fullmatch(word)]
        warn_of_words(outside, "word(s) are never found, as jieba joins only ideographs, a to Z, 0 to 9 and .%+#&_-")
    return tuple(words)


def warn_of_words(words: list[str], why: str) -> None:
    """Warn with a `UserWordWarning` of some words, the first of them by name, if there are any.

    Examples
    --------
    >>> warn_of_words([], "word(s) are never found")
    """
    if words:
        named = ", ".join(map(printable, words[:_NAMED])) + (" …" if len(words) > _NAMED else "")
        warnings.warn(f"user dictionary: {len(words):,} {why}: {named}", UserWordWarning, stacklevel=3)


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file of words, without blanks at their ends, empty lines and marks of byte order.

    Raises
    ------
    ConfigError
        If the file cannot be read, a line is too long, or it is not UTF-8.
    """
    return [word for _, line in _read(path) if (word := line.strip())]


def _read(path: Path) -> Iterator[tuple[int, str]]:
    longest = USER_LINE_BYTES.value
    try:
        with path.open("rb") as file:
            number = 0
            while data := file.readline(longest + 1):
                number += 1
                where = f"{path}:{number}"
                if len(data) > longest:
                    got = f"a line of more than {longest:,} bytes"
                    raise _wrong(where, got)
                try:
                    yield number, data.decode().lstrip("\ufeff")
                except UnicodeDecodeError as error:
                    got = f"bytes that are not UTF-8: {data[:40]!r}"
                    raise _wrong(where, got) from error
    except OSError as error:
        raise ConfigError(
            what=f"the user dictionary cannot be read: {error.strerror or error}",
            where=path,
            expected="a file of lines: " + _EXPECTED,
        ) from error


def _is_phrase(line: str) -> bool:
    """Return whether a line of a user dictionary is of a word with blanks inside, none of its parts a number: jieba
    takes such a line, and never finds the word.
    """
    first, *parts = line.split(" ")
    if _LINE.fullmatch(line) or [first, *parts] != line.split():
        return False
    if parts and _FREQUENCY.fullmatch(parts[-1]):
        parts = parts[:-1]
    elif parts[1:] and _TAG.fullmatch(parts[-1]) and _FREQUENCY.fullmatch(parts[-2]):
        parts = parts[:-2]
    return bool(parts) and not any(_NUMBER.fullmatch(part) for part in parts)


def _parse(line: str, *, where: str) -> UserWord | None:
    """Return the word of a line, or None for an empty line."""
    if not isinstance(line, str):
        raise _wrong(where, repr(line)[:80])
    line = line.strip()
    if not line:
        return None
    match = _LINE.fullmatch(line)
    if match is None:
        raise _wrong(where, repr(line[:80]))
    return _checked(UserWord(match["word"], None if match["freq"] is None else int(match["freq"])), where=where)


def _checked(entry: UserWord, *, where: str) -> UserWord:
    word, freq = entry
    longest, most = USER_WORD_CHARACTERS.value, USER_WORD_COUNT.value
    if not 0 < len(word) <= longest:
        raise _wrong(where, f"a word of {len(word):,} characters", expected=f"1 to {longest:,} characters")
    if freq is not None and not 0 <= freq <= most:
        raise _wrong(where, f"freq {freq}", expected=f"a whole number from 0 to {most:,}")
    return entry


def _wrong(where: str, got: str, *, expected: str = _EXPECTED) -> ConfigError:
    return ConfigError(
        what="a word of the user dictionary cannot be used",
        where=where,
        expected=expected,
        got=got,
        happened="no word of this user dictionary is in use",
        todo="correct that line",
    )
