#!/usr/bin/env bash
# DuckDB 2.0.1: ids of two types in JSON lines get quotes into their text, in CSV and in Parquet.
#
# Expected: a column with numbers and strings becomes VARCHAR, "0012345" staying the seven characters it is; or an error.
# Seen: read_json gives the column the type JSON. Written to CSV or Parquet, or cast to VARCHAR, the string keeps its JSON
# quotes: nine characters. Where all ids are strings the same id has seven. A join of two such files by id, as texts, misses it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check duckdb==2.0.1 pyarrow==25.0.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import duckdb
import pyarrow.parquet as pq

with open("texts.jsonl", "w") as file:
    file.write('{"id": "4901234567890123"}\n{"id": "0012345"}\n')
with open("mixed.jsonl", "w") as file:
    file.write('{"id": 4901234567890123}\n{"id": "0012345"}\n')
print("duckdb", duckdb.__version__)
found = {}
for name in ("texts", "mixed"):
    duckdb.sql(f"copy (select id from read_json('{name}.jsonl')) to '{name}.parquet'")
    found[name] = pq.read_table(f"{name}.parquet")["id"].to_pylist()
    print(f"{name}:", found[name])
join = "select count(*) from 'texts.parquet' t join 'mixed.parquet' m on t.id = m.id::varchar"
joined = duckdb.sql(join).fetchall()[0][0]
print("ids that both files share, by a join:", joined, "of 2")
assert found["texts"] == ["4901234567890123", "0012345"]
assert found["mixed"] == ["4901234567890123", '"0012345"']
assert joined == 1
PYTHON
