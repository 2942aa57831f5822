"""Pages of Parquet files: as their headers say, whatever the layout, and damage named (P5, I12)."""

from __future__ import annotations

import contextlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.corpus.reading.parquet_pages import Page, Pages

TEXTS = ["好" * (n % 50) for n in range(3000)]
TABLE = pa.table({"post_id": range(3000), "text": TEXTS, "nested": [{"a": n, "b": [n] * 3} for n in range(3000)]})


def written(table: pa.Table = TABLE, **layout: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **layout)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("size", [100, 1 << 20])
def test_P5_pages_hold_all_values_and_take_what_the_file_says_of_their_column(
    version: str, compression: str, *, dictionary: bool, size: int
) -> None:
    layout = {"data_page_version": version, "compression": compression, "use_dictionary": dictionary}
    data = written(row_group_size=1100, data_page_size=size, write_batch_size=10, write_page_index=True, **layout)
    told, pages = pq.ParquetFile(pa.BufferReader(data)).metadata, Pages(pa.BufferReader(data))
    for group in range(told.num_row_groups):
        chunks = [told.row_group(group).column(at) for at in range(told.num_columns)]
        for name in TABLE.schema.names:
            parts = [chunk for chunk in chunks if chunk.path_in_schema.split(".")[0] == name]
            found = pages.of(group, name)
            assert sum(page.values for page in found) == sum(part.num_values for part in parts)
            headers = sum(part.total_uncompressed_size for part in parts) - sum(page.bytes for page in found)
            if compression == "none":
                assert 0 < headers < 100 * len(found)
            assert sum(not page.values for page in found) == len(parts) * dictionary
            assert len(found) > len(parts) * (1 + dictionary) or size > 100
        assert pages.of(group, "absent") == []


def test_a_header_of_many_bytes_is_read_to_its_end() -> None:
    """The smallest and the largest value of a page stand in its header."""
    texts = pa.table({"text": ["长" * 1300, "早" * 1300]})
    data = written(texts, use_dictionary=False, compression="none")
    (page,) = Pages(pa.BufferReader(data)).of(0, "text")
    levels = 6
    assert page == Page(2 * (4 + 3 * 1300) + levels, 2)
    assert pq.ParquetFile(pa.BufferReader(data)).metadata.row_group(0).total_byte_size - page.bytes > 2 * 3 * 1300


def test_I12_what_makes_no_sense_is_damage() -> None:
    data = written(row_group_size=1100, use_dictionary=False)
    start = pq.ParquetFile(pa.BufferReader(data)).metadata.row_group(1).column(1).data_page_offset
    for junk in (b"", b"\x1c" * 64, b"\xff" * 64, b"\x19\xf8\xff\xff\xff\x7f", b"\x15\x00\x00"):
        pages = Pages(pa.BufferReader(data[:start] + junk + data[start + len(junk) :]))
        with pytest.raises(pa.ArrowInvalid, match="header of a page") if junk else contextlib.nullcontext():
            assert pages.of(1, "text")
    with pytest.raises(pa.ArrowInvalid, match="the end of the file cannot be read"):
        Pages(pa.BufferReader(data[:-60] + b"\xff" * 20 + data[-40:]))


def test_an_encrypted_column_has_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(pa.BufferReader(written()))
    assert pages.of(0, "text")
    pages._groups[0][1][1][8] = {1: {}}
    assert pages.of(0, "text") == []
