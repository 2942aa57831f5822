"""Reading: what cannot be asked for is refused before a file is opened, and what is written down is read back."""

from __future__ import annotations

import json

import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.reading import DEFAULT_READING, Reading
from koudai.errors import ConfigError, UsageError


def test_a_reading_is_what_was_written_down() -> None:
    columns = Columns(id="编号", text="内容", label="sort", split="side", date="day", keep=("topic", "n"))
    reading = Reading(columns=columns, keep=("topic", "url"), encoding="gb18030", bad_bytes="quarantine")
    assert Reading.of_json(json.loads(json.dumps(reading.to_json()))) == reading
    assert Reading.of_json(DEFAULT_READING.to_json()) == DEFAULT_READING == Reading()


def test_every_column_is_read_once_in_order() -> None:
    reading = Reading(
        columns=Columns(text="content", label="topic", keep=("topic", "n")), keep=("n", "text", "post_id")
    )
    assert reading.fields == ["topic", "n"]
    assert reading.names == ["post_id", "content", "topic", "n"]
    assert reading.read == ["post_id", "content", "topic", "n", "text"]


@pytest.mark.parametrize("value", ["ignore", "", "REFUSE"])
def test_what_cannot_be_done_with_bad_bytes_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="`bad_bytes` does not take this") as caught:
        Reading(bad_bytes=value)
    assert caught.value.expected == "refuse or quarantine"
    assert "--" not in caught.value.message()


@pytest.mark.parametrize("name", ["uid", "作者", "screen_name"])
def test_R6_a_column_of_accounts_cannot_be_asked_for(name: str) -> None:
    for act in (
        lambda: Reading(keep=(name,)),
        lambda: Reading(columns=Columns(id=name)),
        lambda: Reading(columns=Columns(keep=("topic", name))),
    ):
        with pytest.raises(ConfigError, match=f"never read: {name}"):
            act()
