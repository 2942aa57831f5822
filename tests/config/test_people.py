"""Who else read the posts: annotations are wide or long, another taxonomy is in one place."""

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
        ({"columns": ["a", "b"], "annotator": "who", "label": "l"}, "name either `columns`"),
        ({}, "name either `columns`"),
        ({"annotator": "who"}, "go together"),
        ({"columns": ["a"]}, "at least two"),
        ({"columns": ["a", "a"]}, "named twice"),
        ({"columns": ["a", "b"], "category": "c"}, "use `about`"),
        ({"annotator": "who", "label": "l", "category": "c", "about": "rumour"}, "exclude each other"),
    ],
)
def test_annotations_are_wide_or_long(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(annotations={"file": "f.csv", **section})


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "name either `file`"),
        ({"file": "f", "column": "c", "scores": "s"}, "name either `file`"),
        ({"file": "f"}, "go together"),
        ({"scores": "s", "column": "c"}, "go together"),
        ({"scores": "s", "columns": ["c"]}, "go together"),
        ({"file": "f", "column": "c", "columns": ["d"]}, "go together"),
        ({"file": "f", "columns": ["c", "c"]}, "named twice"),
        ({"file": "f", "columns": ["c", "post_id"]}, "named twice"),
        ({"file": "f", "columns": ["c"], "threshold": 50}, "threshold"),
        ({"file": "f", "column": "c", "unmatched": 2}, "unmatched"),
        ({"file": "f", "column": "c", "nmae": "x"}, "did you mean 'name'"),
    ],
)
def test_another_taxonomy_is_in_one_place(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(other=[{"name": "b", **section}])
