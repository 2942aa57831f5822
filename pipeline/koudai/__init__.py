"""koudai (口袋): measures how much a vague category can hold.

The verbs are functions of ``koudai.api``: ``from koudai import api``, then ``api.train(…)``, ``api.score(…)``,
``api.audit(…)``. They stand there and not here since ``koudai.audit`` and ``koudai.render`` are packages. Here are
the types they take and give, and what loads a model, a report or a taxonomy. Each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from koudai import api as api
    from koudai.api.models import load_model as load_model
    from koudai.api.pipelines import from_sklearn as from_sklearn
    from koudai.api.trained_model import TrainedModel as TrainedModel
    from koudai.audit.frame import AuditFrame as AuditFrame
    from koudai.audit.inputs.audit_input import AuditInput as AuditInput
    from koudai.audit.report import AuditReport as AuditReport
    from koudai.audit.report import load_report as load_report
    from koudai.config.audit import AuditConfig as AuditConfig
    from koudai.config.places import bundled as bundled
    from koudai.config.train import TrainConfig as TrainConfig
    from koudai.corpus.corpus import Corpus as Corpus
    from koudai.corpus.reading.readers import read_posts as read_posts
    from koudai.corpus.reading.reading import Reading as Reading
    from koudai.errors import KoudaiError as KoudaiError
    from koudai.model.bundle.bundle import load_bundle as load_bundle
    from koudai.model.decision import ScoredBatch as ScoredBatch
    from koudai.model.fitting.estimators import NBSVM as NBSVM
    from koudai.model.fitting.estimators import DualLinearSVC as DualLinearSVC
    from koudai.model.fitting.estimators import DualLogisticRegression as DualLogisticRegression
    from koudai.model.model import Model as Model
    from koudai.model.vectoriser.features import JiebaTfidfVectorizer as JiebaTfidfVectorizer
    from koudai.scoring.totals import Totals as Totals
    from koudai.taxonomy import Taxonomy as Taxonomy
    from koudai.taxonomy import load_taxonomy as load_taxonomy
    from koudai.text.characters.normalize import Normalizer as Normalizer
    from koudai.text.jieba.segment import Segmenter as Segmenter

_HOME = {
    "AuditConfig": "koudai.config.audit",
    "AuditFrame": "koudai.audit.frame",
    "AuditInput": "koudai.audit.inputs.audit_input",
    "AuditReport": "koudai.audit.report",
    "Corpus": "koudai.corpus.corpus",
    "DualLinearSVC": "koudai.model.fitting.estimators",
    "DualLogisticRegression": "koudai.model.fitting.estimators",
    "NBSVM": "koudai.model.fitting.estimators",
    "JiebaTfidfVectorizer": "koudai.model.vectoriser.features",
    "KoudaiError": "koudai.errors",
    "Model": "koudai.model.model",
    "Normalizer": "koudai.text.characters.normalize",
    "Reading": "koudai.corpus.reading.reading",
    "ScoredBatch": "koudai.model.decision",
    "Segmenter": "koudai.text.jieba.segment",
    "Taxonomy": "koudai.taxonomy",
    "Totals": "koudai.scoring.totals",
    "TrainConfig": "koudai.config.train",
    "TrainedModel": "koudai.api.trained_model",
    "from_sklearn": "koudai.api.pipelines",
    "bundled": "koudai.config.places",
    "load_bundle": "koudai.model.bundle.bundle",
    "load_model": "koudai.api.models",
    "load_report": "koudai.audit.report",
    "load_taxonomy": "koudai.taxonomy",
    "read_posts": "koudai.corpus.reading.readers",
}
__all__ = sorted([*_HOME, "api"])
__version__ = "0.1.0"


if not TYPE_CHECKING:  # a type checker sees the names above, and complains of others

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]

    def __getattr__(name: str) -> Any:
        if name == "api":
            return importlib.import_module("koudai.api")
        if name in _HOME:
            return getattr(importlib.import_module(_HOME[name]), name)
        message = f"module 'koudai' has no attribute {name!r}"
        raise AttributeError(message)
