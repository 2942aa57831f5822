"""Contacts: what the one table of forms finds in real corpora, by kind, with excerpts for somebody to read.

``python -m tests.benchmarks.contacts --help``; ``docs/concepts/contacts.md`` says what was read and how much of it was
no contact.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from koudai.text.characters.contacts.masking import contacts

AROUND = 12


def main(arguments: list[str] | None = None) -> None:
    """Print a line of counts for each corpus and, if asked, each different contact with the text around it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of Parquet files with a column text")
    parser.add_argument("--show", nargs="*", default=[], help="kinds whose contacts are printed")
    asked = parser.parse_args(arguments)
    for path in sorted(asked.folder.glob("*.parquet")):
        texts = [text or "" for text in pq.read_table(path, columns=["text"])["text"].to_pylist()]
        counts: Counter[str] = Counter()
        seen: dict[tuple[str, str], str] = {}
        for text in texts:
            for kind, start, stop in contacts(text):
                counts[kind] += 1
                around = text[max(0, start - AROUND) : start], text[start:stop], text[stop : stop + AROUND]
                seen.setdefault((kind, text[start:stop]), "{}⟦{}⟧{}".format(*around))
        found = " ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))
        sys.stdout.write(f"{path.stem}: n = {len(texts):,} {found}\n")
        for (kind, _), excerpt in sorted(seen.items()):
            if kind in asked.show:
                sys.stdout.write(f"  {kind}: {excerpt!r}\n")


if __name__ == "__main__":
    main()
