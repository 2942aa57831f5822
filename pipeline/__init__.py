"""koudai (口袋): measures how much a vague category can hold. The public names, each loaded when first used."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "AuditFrame": "pipeline.audit.frame",
    "AuditInput": "pipeline.audit.inputs",
    "AuditReport": "pipeline.audit.report",
    "Corpus": "pipeline.corpus.corpus",
    "JiebaTfidfVectorizer": "pipeline.model.features",
    "KoudaiError": "pipeline.errors",
    "Model": "pipeline.model.model",
    "Normalizer": "pipeline.text.normalize",
    "ScoredBatch": "pipeline.model.decision",
    "Segmenter": "pipeline.text.segment",
    "Taxonomy": "pipeline.taxonomy",
    "bundled": "pipeline.places",
    "load_bundle": "pipeline.model.bundle",
    "load_report": "pipeline.audit.report",
    "load_taxonomy": "pipeline.taxonomy",
    "read_posts": "pipeline.corpus.readers",
}
__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    message = f"module 'pipeline' has no attribute {name!r}"
    raise AttributeError(message)
