#!/usr/bin/env bash
# datasets 5.2.0 (Hugging Face): one number in a column of JSON lines, and the texts of that column are decoded too.
#
# Expected: a column that holds texts and, in one row, a number either is refused or keeps its texts as they are.
# Seen: load_dataset("json") gives the column the type Json and decodes every string that happens to be JSON. The id
# "0012345" becomes the number 12345, "1e5" becomes 100000.0, "3.0" becomes 3.0, and a post whose whole text is "null"
# becomes None. Nothing is said. Without the one number all of them stay texts.
# It matters because post ids come as numbers from one crawler and as texts from another, and joining them by id then
# fails or joins the wrong rows.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check datasets==5.2.0
cd "$folder"
HF_HOME="$folder/cache" HF_HUB_OFFLINE=1 venv/bin/python - <<'PYTHON'
import json

from datasets import __version__, disable_progress_bars, load_dataset

disable_progress_bars()
texts = ["0012345", "1e5", "3.0", "null", "听说明天停水"]


def read(name, ids):
    with open(name, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": one}, ensure_ascii=False) + "\n" for one in ids)
    return load_dataset("json", data_files=name, split="train")["id"][:]


alone, beside = read("texts.jsonl", texts), read("mixed.jsonl", [*texts, 4901234567890123])
print("datasets", __version__)
print("texts alone:          ", alone)
print("beside one number:    ", beside)
assert alone == texts
assert beside == [12345, 100000.0, 3.0, None, "听说明天停水", 4901234567890123]
PYTHON
