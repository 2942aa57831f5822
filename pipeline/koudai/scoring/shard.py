"""One shard: the blocks of rows that come together in it, the files it becomes, and whether they are whole.

Promises: a shard is on the disk with its receipt, or it is to be made again; its bytes depend on its rows and the
model alone, not on how the rows were cut into blocks nor on the order in which those came back.
"""

from __future__ import annotations

import threading
from pathlib import Path

from koudai.errors import ShardDamaged
from koudai.scoring.block import ScoredBlock, totals_of
from koudai.scoring.totals import Receipt
from koudai.storage.durable import read_signed, sha256_bytes, sha256_file, write_bytes, write_signed

_FEW_VALUES = ["alleged.list.element", "reason", "hazards.list.element"]


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of a shard: a function of its number alone."""
    return folder / "shards" / f"{number:06d}.parquet"


def receipt_path(folder: Path, number: int) -> Path:
    """Return the path of a shard's receipt."""
    return folder / "receipts" / f"{number:06d}.json"


def quarantine_path(folder: Path, number: int) -> Path:
    """Return the path of the rows that a shard set aside; there is none if it set none aside."""
    return folder / "quarantine" / f"{number:06d}.jsonl"


def read_receipt(folder: Path, number: int) -> Receipt | None:
    """Return a shard's receipt if it, the shard and its quarantine are there and have the hashes it says, else None."""
    try:
        receipt = Receipt.of_json(read_signed(receipt_path(folder, number)))
        whole = sha256_file(shard_path(folder, number)) == receipt.shard
        aside = quarantine_path(folder, number)
        whole = whole and (sha256_file(aside) if aside.exists() else None) == receipt.quarantine
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return receipt if whole else None


class Shard:
    """A shard in the making: its blocks come in any order and from any thread.

    Parameters
    ----------
    number
        Of the shard in its job.
    rows
        How many rows it will have.
    """

    def __init__(self, number: int, rows: int) -> None:
        self.number = number
        self._missing = rows
        self._blocks: dict[int, ScoredBlock] = {}
        self._lock = threading.Lock()

    def add(self, place: int, block: ScoredBlock) -> list[ScoredBlock] | None:
        """Take the block that stands at `place`; give all of them, in order, to whoever brings the last one."""
        with self._lock:
            self._blocks[place] = block
            self._missing -= block.rows
            return None if self._missing else [self._blocks[at] for at in sorted(self._blocks)]


def commit(folder: Path, number: int, blocks: list[ScoredBlock]) -> Receipt:
    """Write a shard, what it set aside, and its receipt, in this order; return the receipt.

    Raises
    ------
    StorageError
        If the disk refuses; without its receipt the shard is not there.
    ShardDamaged
        If fewer rows come out than went in.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables([block.table for block in blocks]).combine_chunks()
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd", use_dictionary=_FEW_VALUES)
    data = buffer.getvalue()
    write_bytes(shard_path(folder, number), data)
    aside = sorted((row for block in blocks for row in block.aside), key=lambda row: row.line)
    told = b"".join(row.to_line() for row in aside)
    if aside:
        write_bytes(quarantine_path(folder, number), told)
    totals = totals_of(blocks)
    read = totals.read
    if read != table.num_rows + len(aside):
        raise ShardDamaged(
            what="rows were lost",
            where=shard_path(folder, number),
            expected=f"{read} rows",
            got=f"{table.num_rows} scored and {len(aside)} set aside",
            happened="the shard has no receipt, so it counts as missing",
        )
    receipt = Receipt(sha256_bytes(data), sha256_bytes(told) if aside else None, totals)
    write_signed(receipt_path(folder, number), receipt.to_json())
    return receipt
