"""The verb that freezes the plan of a study: plan.

Promises: writes one file beside the config, and nothing where labels are there already. Prints nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from koudai.api.surroundings import AnyPath, now

if TYPE_CHECKING:
    from koudai.audit.planned import FrozenPlan


def plan(config: AnyPath, *, created_at: str | None = None) -> FrozenPlan:
    """Freeze the [plan] of an audit config with the manifest of its sample, before anybody labels.

    Parameters
    ----------
    config
        An audit config with [plan] and [sample]; ``CONFIG.plan.json`` is written beside it.
    created_at
        Date and time that the plan carries; by default now.

    Returns
    -------
    FrozenPlan
        Its `hash` is what to register.

    Raises
    ------
    ConfigError
        If there is no plan or no sample, the plan names what there is not, or a post of the sample is labelled.
    OutputExists
        If another plan of this config is frozen.
    ReadError, ScoresMismatch, LabelError
        If the manifest or a sheet cannot be read.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> from pathlib import Path
    >>> from koudai import api
    >>> _ = api.sample("job", n=3, out="sheet.csv")
    >>> text = Path("audit.toml").read_text().replace("'coverage'", "'coverage', 'prevalence'") + '''
    ... [sample]
    ... manifest = "sheet.csv.manifest.json"
    ... labels = ["labelled.csv"]
    ... [[plan.comparison]]
    ... measure = "prevalence"
    ... '''
    >>> _ = Path("study.toml").write_text(text)
    >>> len(api.plan("study.toml").hash), Path("study.plan.json").exists()
    (64, True)
    """
    from koudai.audit.plan import freeze_plan
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config

    loaded, file = read_config(AuditConfig, Path(config))
    return freeze_plan(loaded, file, frozen_at=created_at or now())
