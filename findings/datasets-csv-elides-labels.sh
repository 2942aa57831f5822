#!/usr/bin/env bash
# datasets 5.2.0 with pandas 3.1.1: to_csv writes lists as numpy prints them, and long ones with their middle left out.
#
# Expected: lists of labels are written as JSON, or refused, since CSV has no lists.
# Seen: ['谣言' '牟利'], with blanks and no commas: Python reads it as one text 谣言牟利, and no JSON reader reads it. A list
# of more than a thousand items (the ids of a thread, say) is written with "..." in its place: of 1,500 items six are left,
# and nothing is said.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check datasets==5.2.0 pandas==3.1.1
cd "$folder"
HF_HOME="$folder/cache" HF_HUB_OFFLINE=1 venv/bin/python - <<'PYTHON'
import ast
import csv

import pandas
from datasets import Dataset, __version__, disable_progress_bars

disable_progress_bars()
Dataset.from_dict({"labels": [["谣言", "牟利"], [f"回复{i}" for i in range(1500)]]}).to_csv("labels.csv")
with open("labels.csv", encoding="utf-8", newline="") as file:
    two, many = [row["labels"] for row in csv.DictReader(file)]
print("datasets", __version__, "pandas", pandas.__version__)
print("two labels: ", two, "-> read as", ast.literal_eval(two))
print("1,500 items:", many)
assert two == "['谣言' '牟利']" and ast.literal_eval(two) == ["谣言牟利"]
assert many.count("回复") == 6 and "..." in many
PYTHON
