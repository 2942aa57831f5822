#!/usr/bin/env bash
# nltk 3.10.4: MASI has no distance for two annotators who both leave a post without a label.
#
# Expected: two empty sets are the same set, distance 0 (Passonneau 2006: 1 less Jaccard times monotonicity, and equal
# sets have both 1); or an α in which such posts count as agreement.
# Seen: masi_distance and jaccard_distance of two empty frozensets end in a ZeroDivisionError. α takes every set beside
# itself too, so that one post which one annotator left without a label ends the α of a whole table. An empty set beside a
# label has distance 1.
# It matters because most posts of a sample are in no category: where several labels are allowed, "none" is what
# annotators agree on most, and whoever leaves such posts out reports another α.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check nltk==3.10.4
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import jaccard_distance, masi_distance

NONE, RUMOUR = frozenset(), frozenset({"谣言"})


def outcome(call):
    try:
        return round(call(), 3)
    except ZeroDivisionError:
        return "ZeroDivisionError"


def alpha(*pairs):
    rows = [(who, post, one) for post, pair in enumerate(pairs) for who, one in zip("甲乙", pair)]
    return outcome(AnnotationTask(rows, distance=masi_distance).alpha)


print("nltk", version("nltk"))
same = [outcome(lambda way=way: way(NONE, NONE)) for way in (masi_distance, jaccard_distance)]
beside = outcome(lambda: masi_distance(NONE, RUMOUR))
labelled = [(RUMOUR, RUMOUR), (RUMOUR, frozenset({"牟利"})), (RUMOUR, frozenset({"谣言", "牟利"}))]
print("both empty:", same, "one empty:", beside)
print("α of three posts:", alpha(*labelled), "and with one more that one left empty:", alpha(*labelled, (NONE, RUMOUR)))
assert same == ["ZeroDivisionError", "ZeroDivisionError"] and beside == 1
assert isinstance(alpha(*labelled), float) and alpha(*labelled, (NONE, RUMOUR)) == "ZeroDivisionError"
PYTHON
