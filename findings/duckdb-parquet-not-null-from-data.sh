#!/usr/bin/env bash
# DuckDB 2.0.1 with pyarrow 25.0.1: two exports of one table definition have two schemas, and a dataset of them lies.
#
# Expected: COPY of tables with the same column types writes files with the same schema; none of the columns was declared
# NOT NULL.
# Seen: DuckDB marks a column "required" where its statistics know of no NULL, so the schema depends on the rows. pyarrow
# refuses to concatenate or to append such files. Its dataset reads them, but takes the first file's word: a column
# typed "not null" then holds a null, and writing that very table back fails. With the files in the other order it works.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check duckdb==2.0.1 pyarrow==25.0.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

for month, second in (("may", "'乙'"), ("june", "null")):
    duckdb.sql(f"create table {month} (post_id varchar, text varchar)")
    duckdb.sql(f"insert into {month} values ('1', '甲'), ('2', {second})")
    duckdb.sql(f"copy {month} to '{month}.parquet'")
may, june = pq.read_table("may.parquet"), pq.read_table("june.parquet")
print("duckdb", duckdb.__version__, "pyarrow", pa.__version__)
print("may: ", may.schema.field("text"), "| june:", june.schema.field("text"))
assert not may.schema.field("text").nullable and june.schema.field("text").nullable


def outcome(do):
    try:
        do()
    except (pa.ArrowInvalid, ValueError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return "fine"


def whole(*names):
    return pq.ParquetDataset([f"{name}.parquet" for name in names]).read()


concatenated = outcome(lambda: pa.concat_tables([may, june]))
first, other = whole("may", "june"), whole("june", "may")
written = [outcome(lambda table=table: pq.write_table(table, "both.parquet")) for table in (first, other)]
print("concatenated:", concatenated.rstrip(": "))
print("a dataset of may and june:", first.schema.field("text"), "with", first["text"].null_count, "null")
print("written back, may first: ", written[0])
print("written back, june first:", written[1])
assert concatenated.startswith("ArrowInvalid")
assert not first.schema.field("text").nullable and first["text"].null_count == 1
assert written[0] != "fine" and written[1] == "fine"
PYTHON
