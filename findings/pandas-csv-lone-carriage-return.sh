#!/usr/bin/env bash
# pandas 3.1.1 under Python 3.11 and 3.12: a post with a lone carriage return becomes two posts on the way through CSV.
#
# Expected: what to_csv writes, read_csv reads back as the same rows.
# Seen: a text with a line feed is put in quotes, one with a carriage return alone is not; read_csv takes that as the end
# of a row. Two posts come back as three, the second half of the text as an id.
# It matters because texts copied from old editors and some apps hold lone carriage returns, and nothing is said.
# Python 3.13 quotes them (its csv module changed), so the file depends on the Python that wrote it.
set -euo pipefail
python="$(command -v python3.11 || command -v python3.12)" || { echo "needs python3.11 or python3.12" >&2; exit 2; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pandas==3.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys

import pandas

posts = pandas.DataFrame({"post_id": ["1", "2"], "text": ["停水通知\r请接水", "豆腐\n三块五"]})
posts.to_csv("posts.csv", index=False)
back = pandas.read_csv("posts.csv", dtype=str)
print("pandas", pandas.__version__, "Python", sys.version.split()[0])
print("written:", repr(open("posts.csv", newline="", encoding="utf-8").read()))
print("rows:   ", len(posts), "->", len(back), "ids:", back["post_id"].tolist())
assert len(back) == 3 and back["post_id"].tolist() == ["1", "请接水", "2"]
PYTHON
