"""Which kind of config a file is: one of a training or one of an audit.

Promises: a file that has a section that only one of them has is of that kind; one that might be both is taken for a
training config. What is wrong with it is not said here.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_OF_AUDIT = (
    *("scores", "table", "casebook", "outcome", "period", "group", "cluster", "annotations", "other", "sample"),
    *("relabelled", "multiplicity"),
)
_OF_TRAINING = ("split", "text", "features", "decide", "evaluate", "search")
_OF_AUDIT_RUN = ("measures", "posts_per_category", "words", "redact", "announced", "superpopulation")


def is_audit(path: Path) -> bool:
    """Return whether a config is one of an audit, as far as its sections tell.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> [is_audit(bundled("configs") / kind / "demo.toml") for kind in ("train", "audit")]
    [False, True]
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    run, model = values.get("run", {}), values.get("model")
    if any(name in values for name in _OF_TRAINING) or isinstance(model, dict) or "categories" in run:
        return False
    corpora = values.get("corpus", [])
    splits = any("splits" in one for one in corpora if isinstance(one, dict)) if isinstance(corpora, list) else False
    return (
        splits
        or isinstance(model, str)
        or any(name in values for name in _OF_AUDIT)
        or any(name in run for name in _OF_AUDIT_RUN)
    )
