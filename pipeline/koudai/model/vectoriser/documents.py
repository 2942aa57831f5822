"""Documents: inputs of scikit-learn's text vectorisers, and Arrow strings, read as UTF-8 bytes.

Promises: input that scikit-learn accepts is read as scikit-learn reads it, and input that it refuses raises the same
error; Arrow strings are not converted to Python strings unless a preprocessor needs them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from koudai.text.characters.normalize import lowercase
from koudai.text.utf8 import Utf8, of_arrow, of_texts

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer


def read(documents: Any, like: TfidfVectorizer) -> Utf8:
    """Return preprocessed documents as bytes: decoded, and lower-cased, stripped of accents or preprocessed as set.

    Parameters
    ----------
    documents
        An iterable of strings (bytes, file names, files: as `like` says), or Arrow strings.
    like
        A vectoriser of scikit-learn with the settings to read them.

    Raises
    ------
    ValueError
        If `documents` is one string, if one of them is NaN, or if Arrow strings are not UTF-8.
    AttributeError
        If one of them is not a string.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> read(["Koudai"], TfidfVectorizer()).texts()
    ['koudai']
    """
    if isinstance(documents, str):
        message = "Iterable over raw text documents expected, string object received."
        raise ValueError(message)
    plain = like.input == "content" and like.preprocessor is None and not like.strip_accents
    arrow = _strings(documents)
    posts = None
    if plain and arrow is not None and not arrow.null_count:
        arrow.validate(full=True)
        posts = of_arrow(arrow)
    texts: list[Any] = []
    if posts is None:
        texts = documents.to_pylist() if hasattr(documents, "to_pylist") else list(documents)
    if plain and posts is None:
        with contextlib.suppress(AttributeError):  # raised unless all are strings
            posts = of_texts(texts)
    if posts is not None:
        return lowercase(posts, newest=True) if like.lowercase else posts
    preprocess = like.build_preprocessor()
    made = [preprocess(like.decode(text)) for text in texts]
    return of_texts([bytes(one).decode() if isinstance(one, bytes | bytearray) else one for one in made])


def _strings(documents: Any) -> Any:
    """Return documents that are Arrow strings, in pandas or not, as an Arrow array; None for others."""
    import pyarrow as pa

    of_pandas = getattr(getattr(documents, "dtype", None), "storage", None) == "pyarrow"
    if of_pandas and hasattr(documents, "__arrow_c_stream__"):
        documents = pa.chunked_array(documents)
    if not isinstance(documents, pa.Array | pa.ChunkedArray):
        return None
    kind = documents.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return documents
    text = kind.value_type if pa.types.is_dictionary(kind) else kind
    known = pa.types.is_string(text) or pa.types.is_large_string(text) or pa.types.is_string_view(text)
    return documents.cast(pa.large_string()) if known else None
