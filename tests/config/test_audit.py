"""The whole config of an audit, filled and read back."""

from __future__ import annotations

from typing import Any

from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config

RUN = {"name": "a", "taxonomy": "cac-2023"}


def parsed(**sections: Any) -> AuditConfig:
    return parse_config(AuditConfig, {"run": RUN, **sections}, where="here")


def test_a_filled_config_read_back_is_the_same() -> None:
    whole = parsed(
        outcome={"column": "o", "removed": ["gone"], "kept": ["there"], "silent": {"author": "theirs"}},
        period={"column": "created_at", "every": "month"},
        group={"column": "topic"},
        annotations={"file": "f.csv", "annotator": "who", "label": "l", "category": "c"},
        other=[
            {"name": "b", "file": "f.csv", "column": "c"},
            {"name": "c", "scores": "job"},
            {"name": "d", "file": "f.csv", "columns": ["p", "q"], "threshold": 0.4},
        ],
        table={"name": "m", "file": "f", "threshold": {"rumour": 0.25}, "posts": {"file": "p"}},
    )
    assert parse_config(AuditConfig, whole.model_dump(mode="json"), where="again") == whole
