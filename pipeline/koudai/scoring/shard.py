"""One shard: its blocks, its files, and whether they match its receipt.

Promises: a shard counts only with a valid receipt; its bytes depend on its rows and the model alone, not on how the
rows were cut into blocks nor on the order in which blocks were scored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from koudai.errors import ShardDamaged
from koudai.scoring.block import ScoredBlock, totals_of
from koudai.scoring.totals import Receipt
from koudai.storage.bucket import JobPath, StorePath
from koudai.storage.durable import folder_names, sha256_bytes, sha256_file, storage_errors, write_bytes
from koudai.storage.signed import read_signed, write_signed

PARTS = {"shards": ".parquet", "receipts": ".json", "quarantine": ".jsonl"}
"""The folders of a job that hold one file for each shard, and how its name ends."""
_AT_ONCE = 16
_FEW_VALUES = ["alleged.list.element", "reason", "hazards.list.element"]


def shard_path(folder: JobPath, number: int) -> JobPath:
    """Return the path of a shard in the folder of its job.

    Examples
    --------
    >>> from pathlib import Path
    >>> shard_path(Path("job"), 12).as_posix()
    'job/shards/000012.parquet'
    """
    return folder / "shards" / f"{number:06d}.parquet"


def receipt_path(folder: JobPath, number: int) -> JobPath:
    """Return the path of a shard's receipt."""
    return folder / "receipts" / f"{number:06d}.json"


def quarantine_path(folder: JobPath, number: int) -> JobPath:
    """Return the path of the quarantined rows of a shard; there is no file if there are none."""
    return folder / "quarantine" / f"{number:06d}.jsonl"


def read_receipt(folder: JobPath, number: int, *, digest: Callable[[JobPath], str] = sha256_file) -> Receipt | None:
    """Return a shard's receipt if shard and quarantine match its hashes, else None.

    Parameters
    ----------
    folder, number
        Of the job, and of the shard in it.
    digest
        Returns the sha256 of a file; raises FileNotFoundError if there is none.

    Raises
    ------
    StorageError
        If the bucket does not answer: what cannot be asked for is not missing.
    """
    try:
        receipt = Receipt.of_json(read_signed(receipt_path(folder, number)))
        whole = digest(shard_path(folder, number)) == receipt.shard
        whole = whole and _if_there(digest, quarantine_path(folder, number)) == receipt.quarantine
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    except OSError:
        if isinstance(folder, StorePath):
            with storage_errors(folder, happened="nothing was changed"):
                raise
        return None
    return receipt if whole else None


def _if_there(digest: Callable[[JobPath], str], path: JobPath) -> str | None:
    try:
        return digest(path)
    except FileNotFoundError:
        return None


def read_receipts(folder: JobPath, shards: int, *, kept: bool = False) -> Iterator[Receipt | None]:
    """Yield what `read_receipt` returns of each shard, in order.

    A bucket is listed first, and then asked for several objects at once, and for none that it does not have.

    Parameters
    ----------
    folder, shards
        Of the job, and how many it has.
    kept
        Whether the sha256 that a bucket keeps of an object stands for that of its bytes, which are then not read.
    """
    if not isinstance(folder, StorePath):
        yield from (read_receipt(folder, number) for number in range(shards))
        return
    with storage_errors(folder, happened="nothing was changed"):
        there = {str(folder / part / name) for part in PARTS for name in folder_names(folder / part)}

    def digest(path: JobPath) -> str:
        if str(path) not in there:
            raise FileNotFoundError(path)
        return path.sha256() if kept and isinstance(path, StorePath) else sha256_file(path)

    def read(number: int) -> Receipt | None:
        return read_receipt(folder, number, digest=digest) if str(receipt_path(folder, number)) in there else None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(read, range(shards))


class Shard:
    """A shard under construction: collects its blocks in any order, from any thread.

    Parameters
    ----------
    number
        Of the shard in its job.
    rows
        Rows it will have.
    """

    def __init__(self, number: int, rows: int) -> None:
        self.number = number
        self._missing = rows
        self._blocks: dict[int, ScoredBlock] = {}
        self._lock = threading.Lock()

    def add(self, place: int, block: ScoredBlock) -> list[ScoredBlock] | None:
        """Add the block with index `place`; return all blocks in order if no row is missing any more, else None."""
        with self._lock:
            self._blocks[place] = block
            self._missing -= block.rows
            return None if self._missing else [self._blocks[at] for at in sorted(self._blocks)]


def commit(folder: JobPath, number: int, blocks: list[ScoredBlock]) -> Receipt:
    """Write a shard, its quarantine and its receipt, in this order; return the receipt.

    Raises
    ------
    StorageError
        If the disk fails; a shard without receipt counts as missing.
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
            got=f"{table.num_rows} scored and {len(aside)} quarantined",
            happened="the shard has no receipt, so it counts as missing",
        )
    receipt = Receipt(sha256_bytes(data), sha256_bytes(told) if aside else None, totals)
    write_signed(receipt_path(folder, number), receipt.to_json())
    return receipt
