"""A corpus of two originals of a few posts, written for these tests, and a server that has them."""

from __future__ import annotations

import hashlib

from tests.corpus.fetching import server as answers
from tests.corpus.fetching.server import Server

ORIGINALS = {
    "one/first part.csv": "id,who,words,sort\n7,甲,今早的雾真大,x\n8,乙,@楼下小卖部 有豆浆吗,y\n".encode(),
    "one/“末”.csv": "id,who,words,sort\n9,丙,桥头的灯修好了,x\n".encode(),
}
COMMIT = "0123456789" * 4
TOY = f"""
name = "toy"
title = "Posts of a toy corpus"
origin = "some-one/toys at {COMMIT}"
licence = "For play only"
citation = "Toys, 2026"
file = "toy.parquet"
rows = 3
unknown = "written for these tests"

[columns]
label = "sort"

[silent]
x = "says nothing"
y = "says nothing"

[sha256]
{"".join(f'"{path}" = "{hashlib.sha256(data).hexdigest()}"' + chr(10) for path, data in ORIGINALS.items())}
[fetch]
repository = "some-one/toys"
commit = "{COMMIT}"
parser = "csv"
checked = "written for these tests"

[fetch.columns]
text = "words"
sort = "sort"
"""
ROWS = [
    {"post_id": "toy-000000", "text": "今早的雾真大", "sort": "x"},
    {"post_id": "toy-000001", "text": "@用户 有豆浆吗", "sort": "y"},
    {"post_id": "toy-000002", "text": "桥头的灯修好了", "sort": "x"},
]


def place(path: str) -> str:
    """Return where on the server the original at `path` is."""
    return f"/some-one/toys/{COMMIT}/{path}"


def stock(server: Server) -> None:
    """Let `server` have the originals."""
    server.answers.update({place(path): answers.good(data) for path, data in ORIGINALS.items()})
