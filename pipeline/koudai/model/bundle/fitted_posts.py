"""Fitted posts: salted hashes by which a bundle recognises the posts it was fitted on, and near-duplicates of them.

Promises: one sorted array of hashes of all posts together, so that which belong to one post cannot be seen; no text, id
or order of posts. The salt comes from config, seed and digests of the corpora: the same run keeps the same hashes, and
two runs keep hashes that cannot be joined. It stands in the bundle, so whoever has bundle and post can ask whether the
post was fitted on, as an audit does; nobody can list the posts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ModelFormatError
from koudai.model.bundle.members import FITTED, json_member, npy_bytes, npy_member, read_members
from koudai.storage.durable import to_json
from koudai.text.utf8 import Utf8, as_utf8

HASHES_MEMBER = "fitted_hashes.npy"
_KEYS = {"salt", "posts"}
_SALT = 16


@dataclass(frozen=True, eq=False)
class FittedPosts:
    """Salted hashes of the posts that a model was fitted on.

    Parameters
    ----------
    salt
        16 bytes.
    posts
        How many posts were fitted on.
    hashes : ndarray of uint64, shape (n_hashes,)
        Sorted, each once: of these posts, and of others in their near-duplicate groups.

    Examples
    --------
    >>> fitted = FittedPosts.of(["今天下雨，路上堵车"], salt=salt_of(b"config"), posts=1)
    >>> fitted.seen(["今天下雨 路上堵车！", "明天放晴"]).tolist()
    [True, False]
    """

    salt: bytes
    posts: int
    hashes: NDArray[np.uint64]

    @staticmethod
    def of(texts: Utf8 | Iterable[str], *, salt: bytes, posts: int) -> FittedPosts:
        """Return the hashes of raw posts: those fitted on and others in their near-duplicate groups."""
        from koudai.corpus.near_duplicates.sketches import all_hashes

        return FittedPosts(salt, posts, all_hashes(as_utf8(texts), key=salt))

    def seen(self, texts: Utf8 | Iterable[str]) -> NDArray[np.bool_]:
        """Return which raw posts were fitted on, or are near-duplicates of such; shape (n_posts,)."""
        from koudai.corpus.near_duplicates.sketches import recognised

        return recognised(as_utf8(texts), self.hashes, key=self.salt)

    def members(self) -> dict[str, bytes]:
        """Return them as members of a bundle."""
        told = {"salt": self.salt.hex(), "posts": self.posts}
        return {FITTED: to_json(told), HASHES_MEMBER: npy_bytes(self.hashes, "<u8")}


def salt_of(*parts: bytes) -> bytes:
    """Return the salt that belongs to a run, given all that it depends on.

    Examples
    --------
    >>> salt_of(b"config", b"corpus") == salt_of(b"config", b"corpus"), len(salt_of(b"config"))
    (True, 16)
    """
    digest = hashlib.blake2b(digest_size=_SALT, person=b"koudai-fitted")
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()


def read_fitted_posts(folder: Path) -> FittedPosts | None:
    """Return the hashes that a bundle keeps, None if it keeps none; checks every hash of a member, builds no model.

    Raises
    ------
    ModelFormatError
        If they are no sorted hashes with a salt.
    ModelError
        If the bundle is damaged.

    Examples
    --------
    >>> try:
    ...     read_fitted_posts(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.got)
    no such folder
    """
    _, members = read_members(folder)
    return fitted_posts_of(members, folder)


def fitted_posts_of(members: dict[str, bytes], folder: Path) -> FittedPosts | None:
    """Return the hashes among the members of a bundle, None if there are none; raises as `read_fitted_posts`."""
    if FITTED not in members and HASHES_MEMBER not in members:
        return None
    told, hashes = json_member(members, FITTED, folder), npy_member(members, HASHES_MEMBER, "<u8", folder)
    try:
        salt, posts = bytes.fromhex(told["salt"]), int(told["posts"])
        right = set(told) == _KEYS and len(salt) == _SALT and posts >= 0
    except (KeyError, TypeError, ValueError):
        right = False
    if not right or hashes.ndim != 1 or (hashes[1:] <= hashes[:-1]).any():
        raise ModelFormatError(
            what="what the bundle keeps of the posts it was fitted on does not fit together",
            where=folder,
            expected=f"a salt of {_SALT} bytes, the number of posts, and sorted hashes",
            happened="nothing was built",
            todo="bring the bundle again",
        )
    return FittedPosts(salt, posts, hashes)
