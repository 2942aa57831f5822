"""What is audited: a table has one thing in each column."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import ConfigError

RUN = {"name": "a", "taxonomy": "cac-2023"}


def parsed(**sections: Any) -> AuditConfig:
    return parse_config(AuditConfig, {"run": RUN, **sections}, where="here")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "table.file"),
        ({"file": "f", "text": "t", "posts": {"file": "p"}}, "not in both"),
        ({"file": "f", "text": "post_id"}, "two things in the column 'post_id'"),
        ({"file": "f", "columns": {"rumour": "p", "clout_chasing": "p"}}, "two things in the column 'p'"),
        ({"file": "f", "threshold": 50}, "threshold"),
        ({"file": "f", "threshold": {"rumour": -0.1}}, "threshold"),
        ({"file": "f", "quarantined": 2}, "quarantined"),
        ({"file": "f", "treshold": 0.5}, "did you mean 'threshold'"),
        ({"file": "f", "posts": {"file": "p", "txt": "t"}}, "did you mean 'text'"),
    ],
)
def test_a_table_has_one_thing_in_each_column(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(table={"name": "m", **section})
