"""Entries of a report's inputs: the same keys for every role, then the counts of its own."""

from __future__ import annotations

from koudai.audit.inputs.entries import InputEntry


def test_counts_stand_beside_what_every_entry_has() -> None:
    plain = InputEntry("labels", "weibo", 3, "ab", "CC0").to_json()
    assert list(plain) == ["role", "name", "rows", "sha256", "licence"]
    counted = InputEntry("labels", "weibo", 3, "ab", "CC0", {"only_labels": 1}).to_json()
    assert counted == {**plain, "only_labels": 1}
