"""The verbs as functions: what the command line, the demo and the notebook call, and what a program of yours can call.

Promises: each function does all that its verb does, and returns what there is to look at; a figure that was just
computed is never read back from disk; nothing is printed. A model or a report may be given by its path or as it was
loaded; a config as a TOML file, a dict or an object, whose relative paths start beside the file or in the working
directory. Loads nothing heavy until a function is called.

Examples
--------
>>> from koudai import api
>>> trained = api.train("small.toml", out="mine")
>>> trained.predict(["各位观众晚上好，AI主播为您播报"]).columns[0]
'post_id'
>>> api.score(trained, "posts.csv", out="jobs").read
3
>>> report = api.audit("audit.toml", model=trained, scores="jobs", out="reports")
>>> list(report.frames)
['coverage']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from koudai.api.audits import AuditSettings, PageSettings, audit, check_audit, compare_audits, render, show
from koudai.api.comparisons import compare
from koudai.api.corpora import KnownCorpus, corpora, fetch, fetchable
from koudai.api.models import (
    check,
    explain,
    inspect,
    load_model,
    promote,
    track,
    train,
    validated_on,
)
from koudai.api.plans import plan
from koudai.api.policies import WrittenPolicies, policy
from koudai.api.projects import BegunProject, LabelChoice, init
from koudai.api.samples import FlaggedDraw, SheetSettings, continue_sample, plan_sample, sample, sample_flagged
from koudai.api.scores import as_trained, in_layout, score, stream, verify
from koudai.api.studies import new_study
from koudai.api.surroundings import Overwrite
from koudai.api.trained_model import TrainedModel
from koudai.api.warming import WarmedFolder, warm

if TYPE_CHECKING:
    from koudai.config.source import Columns
    from koudai.corpus.reading.reading import Reading
    from koudai.model.bundle.inspection import Inspection
    from koudai.model.explanation import Explanation
    from koudai.scoring.engines import EngineChoice
    from koudai.scoring.plan import ScoreSettings
    from koudai.scoring.stream import Sink

_TYPES = {
    "Columns": "koudai.config.source",
    "EngineChoice": "koudai.scoring.engines",
    "Explanation": "koudai.model.explanation",
    "Inspection": "koudai.model.bundle.inspection",
    "Reading": "koudai.corpus.reading.reading",
    "ScoreSettings": "koudai.scoring.plan",
    "Sink": "koudai.scoring.stream",
}
__all__ = [
    "AuditSettings",
    "BegunProject",
    "Columns",
    "EngineChoice",
    "Explanation",
    "FlaggedDraw",
    "Inspection",
    "KnownCorpus",
    "LabelChoice",
    "Overwrite",
    "PageSettings",
    "Reading",
    "ScoreSettings",
    "SheetSettings",
    "Sink",
    "TrainedModel",
    "WarmedFolder",
    "WrittenPolicies",
    "as_trained",
    "audit",
    "check",
    "check_audit",
    "compare",
    "compare_audits",
    "continue_sample",
    "corpora",
    "explain",
    "fetch",
    "fetchable",
    "in_layout",
    "init",
    "inspect",
    "load_model",
    "new_study",
    "plan_sample",
    "policy",
    "plan",
    "promote",
    "render",
    "sample",
    "sample_flagged",
    "score",
    "show",
    "stream",
    "track",
    "train",
    "validated_on",
    "verify",
    "warm",
]


if not TYPE_CHECKING:  # a type checker sees the names above, and complains of others

    def __dir__() -> list[str]:
        return list(__all__)

    def __getattr__(name: str) -> Any:
        if name in _TYPES:
            import importlib

            return getattr(importlib.import_module(_TYPES[name]), name)
        message = f"module 'koudai.api' has no attribute {name!r}"
        raise AttributeError(message)
