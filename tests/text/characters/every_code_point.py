"""What the reading of posts makes of every code point, as digests to compare between Pythons; needs no package.

Run as a module it prints the digests as JSON: the same program under another Python has to print the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable

from koudai.text.characters import hazards
from koudai.text.characters.assigned import NAME, lower, nfd, nfkc
from koudai.text.characters.contacts.folding import all_digits, fold

BLOCK = 1024
PLANES = (0, 1, 2, 3, 14)
"""Planes with assigned characters. In the others nothing has a property: each is read as one text."""
AROUND = ("{}", "e{}\u0301\u0323", "ΑΣ{}Σ", "\u1112{}\u11a8")
"""What a character is tried in: alone, before marks in the wrong order, beside sigmas, between letters of Hangul."""


def made(function: Callable[[str], object], *around: str) -> str:
    """Return the digest of what `function` gives for every code point in each surrounding."""
    digest = hashlib.sha256()
    for plane in range(17):
        size = BLOCK if plane in PLANES else 1 << 16
        for start in range(plane << 16, (plane + 1) << 16, size):
            block = [chr(code) for code in range(start, start + size)]
            for place in around if plane in PLANES else ("{}",):
                text = ("\n" if plane in PLANES else "").join([place.format(one) for one in block])
                digest.update(str(function(text)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def places(pattern: str) -> Callable[[str], object]:
    """Return a function that says where a pattern of one character is found."""
    compiled = re.compile(pattern)
    return lambda text: [found.start() for found in compiled.finditer(text)]


def digests() -> dict[str, str]:
    """Return a digest for everything of a post's reading that depends on Unicode."""
    return {
        "nfkc": made(nfkc, *AROUND),
        "nfd": made(nfd, "{}"),
        "lower": made(lower, *AROUND[1:3]),
        "names": made(places(NAME), "{}"),
        "words": made(places(hazards._WORD.pattern), "{}"),
        "folded": made(lambda text: fold(text).text, "{}"),
        "digits": repr(sorted(all_digits())),
        "marks": repr(hazards.marks()),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(digests()))
