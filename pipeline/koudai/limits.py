"""How large things may be before koudai refuses, quarantines or cuts them: every limit, once, with its unit.

Promises: no limit lives anywhere else; the table in ``docs/reference/limits.md`` is made from this file and compared by
a test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """One limit: its `value`, the `unit` it counts, and what happens `beyond` it.

    Examples
    --------
    >>> Limit(5, "seconds that a scheduler has to answer", "the job does not begin").value
    5
    """

    value: int
    unit: str
    beyond: str


_NO_USER_WORD = "the user dictionary is refused"

POST_BYTES = Limit(1 << 20, "bytes of UTF-8 per post", "the row is quarantined as too-long")
LINE_BYTES = Limit(8 << 20, "bytes per line of CSV or JSONL", "the row is quarantined as too-long")
RECORD_LINES = Limit(1000, "lines per CSV record", "reading stops: an unclosed quote is swallowing the file")
ID_CHARACTERS = Limit(512, "characters per post id", "the row is quarantined as bad-id")
PARQUET_UNZIPPED_BYTES = Limit(256 << 20, "bytes of a gzipped Parquet file, unzipped", "the file is refused")
PARQUET_PAGE_BYTES = Limit(
    128 << 20, "bytes of a page of a Parquet column that is read, unpacked", "the file is refused"
)
WORKBOOK_BYTES = Limit(512 << 20, "bytes of an Excel workbook, unzipped", "the file is refused")
SPREADSHEET_DIGITS = Limit(15, "digits of an id that is typed as a number in a workbook", "the file is refused")
CELL_CHARACTERS = Limit(32_767, "characters of a cell of a workbook", "the cell of a sheet to be labelled is cut")
STORE_SECONDS = Limit(3, "seconds without a word from a store, three times", "the input cannot be read")
STORE_PUT_SECONDS = Limit(
    30, "seconds that a store has to answer about a job's file, three times", "the job stops; what is done is kept"
)
JSON_DEPTH = Limit(32, "levels of nesting in a JSON line", "the row is quarantined as bad-json")
ORIGINAL_BYTES = Limit(64 << 20, "bytes per original of a fetched corpus", "the download is stopped")
PICKLE_OPCODES = Limit(2_000_000, "opcodes of a pickled table", "the original is refused")
NORMALISED_GROWTH = Limit(4, "times the original length", "the normalised text is cut and flagged truncated")
COMBINING_RUN = Limit(30, "combining marks in a row", "the rest of the run is dropped and flagged stacked-marks")
LEARNT_NGRAMS = Limit((1 << 31) - 1, "characters, words or different n-grams to learn from", "nothing is learnt")
VECTOR_PAIRS = Limit(1 << 27, "pairs of terms that occur together more often than by chance", "no vectors are learnt")
QUARANTINE_EXCERPT = Limit(200, "characters of a quarantined row that are kept", "the excerpt is cut")
NGRAMS = Limit((1 << 24) - 2, "n-grams per block, those they begin with included", "the model is refused")
CUT_BYTES = Limit((2 << 30) - 64, "bytes of UTF-8 per post that is cut into words", "none of the posts given is cut")
DICTIONARY_STEPS = Limit(1 << 24, "places for jieba's words and a user's, shared beginnings once", _NO_USER_WORD)
USER_WORD_CHARACTERS = Limit(1000, "characters per word of a user dictionary", _NO_USER_WORD)
USER_WORD_COUNT = Limit(10**15, "occurrences a user dictionary gives to a word", _NO_USER_WORD)
USER_LINE_BYTES = Limit(8000, "bytes per line of a user dictionary", _NO_USER_WORD)
UNCOMPILED_BYTES = Limit(
    100_000, "bytes of posts, and one for each term of the model, for which nothing is compiled", "kernels are compiled"
)
UNCOMPILED_RUNS = Limit(5, "runs without compiling", "kernels are compiled, which takes as long as these took longer")
UNUSED_CACHE_DAYS = Limit(30, "days that koudai's arrays or compiled code lie unused", "removed when newer are kept")
SHINGLE_POSTS = Limit(128, "posts that share a rare 5-gram", "near-duplicates of later ones are looked for among these")
POST_COMPARISONS = Limit(128, "posts that one is compared with", "its near-duplicates among the others may be missed")
CONTRADICTIONS_LISTED = Limit(20, "contradictory near-duplicates shown by `check`", "the others are only counted")
SHARD_POSTS = Limit(1_000_000, "posts per shard", "a larger `shard_size` is refused")
EVIDENCE_TERMS = Limit(100, "terms of evidence per tag", "a larger `evidence` is refused")
WORKERS = Limit(256, "threads per job", "more `workers` are refused")
WORKER_DEATHS = Limit(3, "deaths of workers, one after the other, under the same posts alone", "fewer are tried alone")
SHARD_KILLERS = Limit(20, "posts of a shard that each kill their worker", "the job stops; what is done is kept")
SCHEDULER_SECONDS = Limit(5, "seconds that a scheduler has to answer", "the job does not begin")
MASTER_SECONDS = Limit(30, "seconds that a Spark master has to register koudai", "the job does not begin")
WORKERLESS_SECONDS = Limit(300, "seconds that a cluster is without workers", "the job stops; what is done is kept")
BUNDLE_MEMBER_BYTES = Limit(512 << 20, "bytes per member of a bundle", "the bundle is refused")
BUNDLE_BYTES = Limit(2 << 30, "bytes per bundle", "the bundle is refused")
BUNDLE_JSON_BYTES = Limit(4 << 20, "bytes per JSON member of a bundle", "the bundle is refused")
CURVE_POINTS = Limit(512, "points per calibration curve", "neighbours are joined; a bundle with more is refused")
SLICE_TOPICS = Limit(20, "topics that figures are given for one by one", "the rarest are measured together")
ANNOTATORS = Limit(200, "annotators of one table", "the annotations are refused")
OTHER_LABELS = Limit(200, "different labels of one column", "the labels are refused: that is no taxonomy")
AUDIT_CATEGORIES = Limit(200, "categories of an audit", "nothing is measured: no page holds them")
TAXONOMY_DEPTH = Limit(32, "parents above one another", "the taxonomy is refused")
REPORT_BYTES = Limit(5 << 20, "bytes per page", "fewer posts are quoted, and the page says so")
SEARCH_TRIALS = Limit(2000, "trials per search", "the config is refused")
SEARCH_MATRIX_BYTES = Limit(
    1 << 30, "bytes of features that a search keeps", "the oldest are counted again when needed"
)
MLFLOW_PARAMETER = Limit(6000, "characters per MLflow parameter", "the value is attached as a file, its hash logged")


def limits() -> dict[str, Limit]:
    """Return every limit by its name, in the order of this file.

    Examples
    --------
    >>> limits()["JSON_DEPTH"]
    Limit(value=32, unit='levels of nesting in a JSON line', beyond='the row is quarantined as bad-json')
    """
    return {name: value for name, value in globals().items() if isinstance(value, Limit)}
