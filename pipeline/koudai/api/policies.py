"""The verb that writes categories as policy documents, in several wordings, for whoever reads rules.

Promises: nothing is overwritten unless that is asked for; no model is called. Prints nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from koudai.api.surroundings import AnyPath

if TYPE_CHECKING:
    from koudai.audit.policies import Policy
    from koudai.taxonomy import Taxonomy


@dataclass(frozen=True)
class WrittenPolicies:
    """What `policy` wrote.

    Parameters
    ----------
    folder
        Where the documents are.
    listed
        The file that lists them, with the answers that say no and yes.
    documents
        All of them.

    Examples
    --------
    >>> WrittenPolicies(Path("policies"), Path("policies/documents.csv"), ()).listed.name
    'documents.csv'
    """

    folder: Path
    listed: Path
    documents: tuple[Policy, ...]


def policy(
    taxonomy: Taxonomy | AnyPath,
    *,
    out: AnyPath,
    categories: Sequence[str] = (),
    paraphrases: AnyPath | None = None,
    overwrite: bool = False,
) -> WrittenPolicies:
    """Write each category as a policy document: with the full text, with the regulator's words (in paraphrase) alone,
    with the name alone, with all of it withheld, and under paraphrases; in two forms, in Chinese and in English.

    What a model, or people, then answer goes into ``[[wording]]`` of an audit config, and says how much of a tag is the
    wording of the rule. No model is called.

    Parameters
    ----------
    taxonomy
        As loaded, its name, or a TOML file.
    out
        A new or empty folder.
    categories
        Keys of those that are written; all of them by default.
    paraphrases
        A TOML file with a ``[[paraphrase]]`` for each: ``name``, ``category``, and ``zh``, ``en`` or both.
    overwrite
        Whether policies that are there give way.

    Returns
    -------
    WrittenPolicies
        What was written.

    Raises
    ------
    ConfigError
        If taxonomy or paraphrases cannot be read, or a category is not the taxonomy's.
    OutputExists, StorageError
        If the folder holds something else, or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = policy("cac-2023", out=Path(folder) / "policies", categories=["rumour"])
    ...     print(len(found.documents), (found.folder / "full" / "rumour.goal.zh.md").is_file())
    16 True
    """
    from koudai.audit.policies import policies, write_policies
    from koudai.config.paraphrases import load_paraphrases
    from koudai.config.places import configs_folder, find_taxonomy
    from koudai.taxonomy import Taxonomy, load_taxonomy

    if not isinstance(taxonomy, Taxonomy):
        name = os.fspath(taxonomy)
        taxonomy = (
            load_taxonomy(name)
            if name.endswith(".toml")
            else find_taxonomy(name, configs=configs_folder(Path("policy.toml")))
        )
    said = None if paraphrases is None else load_paraphrases(Path(paraphrases), taxonomy=taxonomy)
    found = tuple(policies(taxonomy, categories=tuple(categories), paraphrases=said))
    return WrittenPolicies(Path(out), write_policies(found, Path(out), overwrite=overwrite), found)
