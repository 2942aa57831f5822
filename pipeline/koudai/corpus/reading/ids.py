"""Ids as tools leave them: with blanks round them or guarded from a spreadsheet, which goes, and rounded by one, which
is told.

Promises: an id in scientific notation, as spreadsheets and columns of floating-point numbers write long ones, is known
for what it is, and so is a long one with a decimal point; so are many ids of more than fifteen digits of which nothing
but zeros is left behind the fifteenth, or the seventeenth of nineteen and more. One id that ends in zeros says nothing.
An id is guarded that is a formula of nothing but itself (``="475"``), or digits behind an apostrophe or a grave accent.
Any other id stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.text.arrow import as_numpy

if TYPE_CHECKING:
    import pyarrow as pa

BLANKS = " \t\u00a0\u3000"
"""What is left out round an id of CSV and TSV."""
ROUNDED = (
    "a spreadsheet or a column of floating-point numbers wrote the ids in scientific notation or with fifteen to "
    "seventeen digits: the others are lost"
)
"""What happened to ids that are rounded."""
RECOVER = "take the ids from the original, or do without them by `number_rows`"
"""What to do about ids that are rounded."""
_SCIENTIFIC = re.compile(r"[1-9](?:\.[0-9]+[eE]\+?|[eE]\+)(?:1[1-9]|[2-9][0-9])")
_WITH_POINT = re.compile(r"([0-9]{16,})\.0+")
_EXACT = 2**53
_KEPT_DIGITS = 15
_DIGITS_OF_DOUBLES, _OF_DIGITS = 17, 19
TRIMMED_ID, GUARDED_ID = "trimmed-id", "guarded-id"
"""Notices: blanks or tabs stood round an id; an id was written so that spreadsheets keep its digits."""
_GUARDED = """^(?:="([^"]+)"|['`]([0-9]+))$"""
_QUOTED = re.compile(_GUARDED)
_QUOTES, _ACCENT, _ASCII_END = (ord('"'), ord("'")), ord("`"), 128
_FEW, _MOST = 3, 0.9


def is_rounded(post_id: str) -> bool:
    """Return whether an id is a large number in scientific notation, or has a decimal point and more digits than a
    floating-point number holds.

    Examples
    --------
    >>> is_rounded("4.75E+15"), is_rounded("4.75e15"), is_rounded("4750000000000001234.0")
    (True, True, True)
    >>> is_rounded("1e5"), is_rounded("4750000000000001"), is_rounded("4750000000000001.0")
    (False, False, False)
    """
    if _SCIENTIFIC.fullmatch(post_id):
        return True
    found = _WITH_POINT.fullmatch(post_id)
    return found is not None and int(found[1]) > _EXACT


def ends_in_zeros(post_id: str) -> bool:
    """Return whether an id has more than fifteen digits, and nothing but zeros behind the fifteenth, as spreadsheets
    leave it, or behind the seventeenth of nineteen and more, as JavaScript does.

    Examples
    --------
    >>> ends_in_zeros("4750000001948080"), ends_in_zeros("4750000001948077")
    (True, False)
    >>> ends_in_zeros("7300000001948077100"), ends_in_zeros("730000000194807710")
    (True, False)
    """
    kept = _DIGITS_OF_DOUBLES if len(post_id) >= _OF_DIGITS else _KEPT_DIGITS
    return _is_long(post_id) and not post_id[kept:].strip("0")


def are_rounded(ids: Sequence[str]) -> bool:
    """Return whether so many of the long ids among `ids` end in zeros that it is no accident: three at least, and nine
    of ten.

    Examples
    --------
    >>> are_rounded(["4750000001948080", "4750000001948090", "4750000001948100", "7"])
    True
    """
    long = [one for one in ids if _is_long(one)]
    return len(long) >= _FEW and sum(map(ends_in_zeros, long)) >= _MOST * len(long)


def _is_long(post_id: str) -> bool:
    return len(post_id) > _KEPT_DIGITS and post_id.isascii() and post_id.isdigit()


def bare_id(written: str) -> tuple[str, tuple[str, ...]]:
    r"""Return an id without what is left out round it, and the notices of that.

    Examples
    --------
    >>> bare_id("7\t"), bare_id('="4750000000000001"'), bare_id("'a'")
    (('7', ('trimmed-id',)), ('4750000000000001', ('guarded-id',)), ("'a'", ()))
    """
    trimmed = written.strip(BLANKS)
    found = _QUOTED.match(trimmed)
    bare = (found[1] or found[2]).strip(BLANKS) if found else trimmed
    return bare, (TRIMMED_ID,) * (trimmed != written) + (GUARDED_ID,) * (found is not None)


def bare_ids(ids: pa.LargeStringArray) -> tuple[pa.LargeStringArray, dict[str, NDArray[np.bool_]]]:
    r"""Return ids without what is left out round them, and by notice which ids have changed by that.

    Examples
    --------
    >>> import pyarrow as pa
    >>> ids, changed = bare_ids(pa.array(["7\t", "8", "'9"], pa.large_string()))
    >>> ids.to_pylist(), {notice: which.tolist() for notice, which in changed.items()}
    (['7', '8', '9'], {'trimmed-id': [True, False, False], 'guarded-id': [False, False, True]})
    """
    import pyarrow.compute as pc

    data = _bytes_of(ids)
    accents = bool((data == _ACCENT).any())
    if not len(data) or (data.min() > max(_QUOTES) and data.max() < _ASCII_END and not accents):
        return ids, {}
    bare = pc.utf8_trim(ids, characters=BLANKS)
    changed = {TRIMMED_ID: as_numpy(pc.not_equal(pc.binary_length(bare), pc.binary_length(ids)))}
    if accents or np.isin(data, _QUOTES).any():
        changed[GUARDED_ID] = as_numpy(pc.match_substring_regex(bare, _GUARDED))
        bare = pc.utf8_trim(pc.replace_substring_regex(bare, _GUARDED, r"\1\2"), characters=BLANKS)
    return bare, changed


def may_be_rounded(ids: pa.LargeStringArray) -> NDArray[np.bool_]:
    """Return which ids hold a plus sign or a decimal point, as those do that `is_rounded` holds of.

    Examples
    --------
    >>> import pyarrow as pa
    >>> may_be_rounded(pa.array(["4.75E+15", "8"], pa.large_string())).tolist()
    [True, False]
    """
    import pyarrow.compute as pc

    data = _bytes_of(ids)
    if not ((data == ord("+")) | (data == ord("."))).any():
        return np.zeros(len(ids), dtype=bool)
    found: NDArray[np.bool_] = as_numpy(pc.match_substring_regex(ids, "[0-9](?:[eE][+]|[.][0-9])"))
    return found


def _bytes_of(ids: pa.LargeStringArray) -> NDArray[np.uint8]:
    """Return the bytes that ids are cut from, and perhaps others."""
    data = ids.buffers()[2]
    return np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
