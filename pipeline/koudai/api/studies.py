"""The verb that lays down a study: new_study.

Promises: writes a folder of its own or nothing. Prints nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from koudai.api.projects import NAME
from koudai.api.surroundings import AnyPath
from koudai.errors import UsageError

_FEWEST = 8


def new_study(
    folder: AnyPath,
    *,
    taxonomy: str = "cac-2023",
    categories: Sequence[str] = (),
    posts: AnyPath | None = None,
    model: AnyPath | None = None,
    n: int = 400,
) -> tuple[Path, ...]:
    """Lay down the folder of a study: config with a plan, codebook, Makefile, and a README in each language.

    It goes from posts to page by itself, but for the labels, which people give.

    Parameters
    ----------
    folder
        A new or empty folder; its name is that of the study.
    taxonomy
        Its name.
    categories
        Keys that are planned; by default those that have no parent.
    posts, model
        The file of posts and the bundle; by default ``posts.csv`` and ``model`` in the folder.
    n
        Posts to draw; a quarter of them is labelled twice, and an eighth adjudicated.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    UsageError
        If the name is none of a run, `n` is too small, or a category is not the taxonomy's.
    ConfigError
        If there is no such taxonomy.
    OutputExists, StorageError
        If the folder holds something, or cannot be written to.

    Examples
    --------
    >>> from koudai import api
    >>> [path.name for path in api.new_study("rumours", categories=["rumour"])]
    ['study.toml', 'codebook.md', 'Makefile', 'README.md', 'README.zh-CN.md']
    """
    from koudai.audit.sample.study import CONFIG, Study
    from koudai.config.places import configs_folder, find_taxonomy
    from koudai.storage.bucket import require_on_disk
    from koudai.storage.durable import write_folder

    target = require_on_disk(folder)
    name = target.resolve().name
    if not NAME.fullmatch(name):
        raise UsageError(
            what="this cannot be the name of a study",
            got=name,
            expected="letters, digits, dots, dashes and underscores, at most 64",
            happened="nothing was written",
        )
    if n < _FEWEST:
        raise UsageError(
            what="so few posts are no sample",
            got=f"`n` = {n:,}",
            expected=f"{_FEWEST} posts or more",
            happened="nothing was written",
        )
    of = find_taxonomy(taxonomy, configs=configs_folder(target / CONFIG))
    unknown = [key for key in categories if key not in of.keys]
    if unknown:
        raise UsageError(
            what=f"the taxonomy has no category {unknown[0]}",
            expected=", ".join(of.keys),
            happened="nothing was written",
        )
    study = Study(
        name,
        of,
        tuple(categories) or tuple(one.key for one in of.category if not of.ancestors(one.key)),
        posts=_from(target, posts, "posts.csv"),
        model=_from(target, model, "model"),
        n=n,
        double=n // 4,
        gold=n // 8,
    )
    write_folder(target, {file: text.encode() for file, text in study.files.items()})
    return tuple(target / file for file in study.files)


def _from(folder: Path, path: AnyPath | None, otherwise: str) -> str:
    """Return a path as it is from a folder on."""
    return otherwise if path is None else Path(os.path.relpath(Path(path).resolve(), folder.resolve())).as_posix()
