#!/usr/bin/env bash
# weibo-spider 0.3.0: every start writes the header into the CSV file again, as a row among the posts.
#
# Expected: a file that is there already, with its header, gets posts only.
# Seen: the writer appends its header whenever it is made, which is once a run. A file of two runs has two headers; read
# by pandas the second is a post whose id is 微博id and whose text is 微博正文, and counts become texts.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check weibo-spider==0.3.0 pandas==3.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from types import SimpleNamespace

import pandas
from weibo_spider.writer.csv_writer import CsvWriter

for number in (1, 2):
    writer = CsvWriter("posts.csv", 1)
    row = {name: number for _, name in writer.result_headers} | {"id": f"Nx{number}", "content": "小区停水"}
    writer.write_weibo([SimpleNamespace(**row)])
posts = pandas.read_csv("posts.csv")
print("weibo-spider", version("weibo-spider"), "pandas", pandas.__version__)
print("ids:  ", posts["微博id"].tolist())
print("likes:", posts["点赞数"].tolist())
assert posts["微博id"].tolist() == ["Nx1", "微博id", "Nx2"]
assert posts["点赞数"].tolist() == ["1", "点赞数", "2"]
PYTHON
