#!/usr/bin/env bash
# datasets 5.2.0 (Hugging Face): times in JSON lines are moved to UTC and lose their offset; texts of dates become times.
#
# Expected: a string in JSON stays a string unless a type was asked for, as with texts of any other kind.
# Seen: load_dataset("json") makes naive timestamps of a column whose strings all look like times. Five past midnight on
# New Year's Day in China ("2024-01-01 00:05:00+08:00") comes back as five past four in the afternoon of 31 December 2023,
# without an offset; beside it the same clock time written without an offset stays on 1 January. A column of post *texts*
# that are all dates becomes times too. to_json then writes epoch milliseconds.
# It matters because periods of an audit (day, month, year) then depend on how a crawler wrote its times.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check datasets==5.2.0
cd "$folder"
HF_HOME="$folder/cache" HF_HUB_OFFLINE=1 venv/bin/python - <<'PYTHON'
import json
from datetime import datetime

from datasets import __version__, disable_progress_bars, load_dataset

disable_progress_bars()
rows = [
    {"id": "1", "text": "2024-05-01", "created_at": "2024-01-01 00:05:00+08:00"},
    {"id": "2", "text": "2024-05-02", "created_at": "2024-01-01 00:05:00"},
]
with open("posts.jsonl", "w", encoding="utf-8") as file:
    file.writelines(json.dumps(row) + "\n" for row in rows)
posts = load_dataset("json", data_files="posts.jsonl", split="train")
posts.to_json("again.jsonl")
print("datasets", __version__)
print("features:", posts.features)
print("times:   ", posts["created_at"][:])
print("texts:   ", posts["text"][:])
again = [json.loads(line) for line in open("again.jsonl", encoding="utf-8")]
print("written: ", again)
assert posts["created_at"][:] == [datetime(2023, 12, 31, 16, 5), datetime(2024, 1, 1, 0, 5)]
assert posts["text"][:] == [datetime(2024, 5, 1), datetime(2024, 5, 2)]
assert again[0]["created_at"] == 1704038700000
PYTHON
