"""How many posts of the known corpora carry a trace of their way here: ``python -m tests.benchmarks.hazards``.

Prints a table of counts by corpus, of all that lie in ``$KOUDAI_DATA``, and for posts with ``<`` or ``&`` how often
Python's `html.parser` gives less of the text than the step ``html``. No text is shown.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser

import pyarrow.parquet as pq

from koudai.api.surroundings import data_folders
from koudai.config.places import configs_folder
from koudai.corpus.sources import find_file, find_source
from koudai.errors import KoudaiError
from koudai.text.characters.hazards import HAZARDS, hazard_flags
from koudai.text.characters.markup import without_markup
from koudai.text.characters.traces import TRACES
from koudai.text.utf8 import of_texts
from tests.conftest import ROOT


class Parsed(HTMLParser):
    """The text of a post as the standard library parses it: data and the ``alt`` of images."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(text)
        self.close()

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an image says."""
        self.parts += [value or "" for name, value in attrs if tag == "img" and name == "alt"]


def main() -> None:
    """Print the table."""
    rows = [["corpus", "posts", *(f"`{name}`" for name in TRACES)], ["---"] * (len(TRACES) + 2)]
    total, counts, odd, shorter = 0, dict.fromkeys(TRACES, 0), 0, 0
    for path in sorted((ROOT / "configs" / "corpora").glob("*.toml")):
        source = find_source(path.stem, configs=configs_folder(ROOT / "configs" / "audit" / "x.toml"))
        try:
            file = find_file(source, folders=data_folders(None), config=ROOT)
        except KoudaiError:
            continue
        if file.suffix != ".parquet":
            continue
        texts = [text or "" for text in pq.read_table(file, columns=["text"])["text"].to_pylist()]
        flags = hazard_flags(of_texts(texts))
        found = {name: int((flags >> HAZARDS.index(name) & 1).sum()) for name in TRACES}
        rows.append([source.name, f"{len(texts):,}", *(f"{n:,}" for n in found.values())])
        total += len(texts)
        counts = {name: counts[name] + n for name, n in found.items()}
        for text in (text for text in texts if "<" in text or "&" in text):
            odd += 1
            shorter += len("".join(Parsed(text).parts)) < len(without_markup(text).replace("\n", "")) - text.count("\n")
    rows.append(["all", f"{total:,}", *(f"{n:,}" for n in counts.values())])
    sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in rows))
    sys.stdout.write(f"html.parser gives less than the step html of {shorter} of {odd} posts with < or &\n")


if __name__ == "__main__":
    main()
