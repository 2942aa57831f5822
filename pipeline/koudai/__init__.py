"""koudai (口袋): measures how much a vague category can hold. The public names, each loaded when first used."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "AuditFrame": "koudai.audit.frame",
    "AuditInput": "koudai.audit.inputs.audit_input",
    "AuditReport": "koudai.audit.report",
    "Corpus": "koudai.corpus.corpus",
    "JiebaTfidfVectorizer": "koudai.model.vectoriser.features",
    "KoudaiError": "koudai.errors",
    "Model": "koudai.model.model",
    "Normalizer": "koudai.text.characters.normalize",
    "ScoredBatch": "koudai.model.decision",
    "Segmenter": "koudai.text.jieba.segment",
    "Taxonomy": "koudai.taxonomy",
    "bundled": "koudai.config.places",
    "load_bundle": "koudai.model.bundle.bundle",
    "load_report": "koudai.audit.report",
    "load_taxonomy": "koudai.taxonomy",
    "read_posts": "koudai.corpus.reading.readers",
}
__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    message = f"module 'koudai' has no attribute {name!r}"
    raise AttributeError(message)
