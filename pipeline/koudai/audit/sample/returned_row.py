"""One row of a sample as it comes back, and whether it is the row that was drawn.

Promises: a row is known by its sample and its number in it; an id that a spreadsheet rounded, cut or rewrote is the
same id, any other is not; a text that stands beside the number of another row is found out, so that labels of a sheet
of which only some columns were sorted are never taken for those of other posts. A text that somebody changed is no text
of another row, and passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from koudai.audit.sample.manifest import Manifest, text_mark
from koudai.text.characters.hazards import guarded

FIELDS = ("sample", "row", "post_id")
"""What each row of a sheet says of itself."""
TEXT = "text"
_NUMBER = re.compile(r"'?([0-9]+(?:\.[0-9]*)?(?:[eE]\+?[0-9]+)?)")
_KEPT_DIGITS = 15


@dataclass(frozen=True)
class ReturnedRow:
    """One row of one annotator: where it stands, what it says of itself, and its labels by category.

    Examples
    --------
    >>> ReturnedRow("anna.csv:2", {"sample": "s1", "row": "1", "post_id": "p7"}, {"rumour": "是"}).number
    0
    """

    where: str
    fields: Mapping[str, object]
    labels: dict[str, str]

    @property
    def number(self) -> int:
        """The row of the sample, counted from 0; -1 if it says none."""
        written = self.said("row").removesuffix(".0")
        return int(written) - 1 if written.isdecimal() else -1

    def said(self, field: str) -> str:
        """Return what it says of itself, ``""`` if nothing."""
        value = self.fields.get(field)
        return "" if value is None else str(value).strip()

    def problem(self, manifest: Manifest) -> str | None:
        """Return why it is no row of the sample, in words that follow a count, or None."""
        of = self.said("sample")
        if of != manifest.name and (manifest.first is None or of != manifest.first.name):
            return "of another sample" if self.said("sample") else "that do not say of which sample they are"
        if not manifest.belongs(self.number, of):
            return "not in the sample"
        drawn, told = manifest.rows[self.number][0], str(self.fields.get("post_id") or "")
        if told not in ("", drawn, guarded(drawn)) and not same_id(told, drawn):
            return "with another id than was drawn"
        mark = text_mark(self.said(TEXT))
        if mark and manifest.texts and mark != manifest.texts[self.number] and mark in manifest.texts:
            return "with the text of another row"
        return None


def same_id(told: str, drawn: str) -> bool:
    """Return whether an id is what a spreadsheet makes of another: without blanks round it, without leading zeros, in
    scientific notation, or with fifteen digits.

    Examples
    --------
    >>> same_id("4.80029E+15", "4800290123456789"), same_id("7", "007"), same_id("8", "007")
    (True, True, False)
    """
    if told.strip() == drawn.strip():
        return True
    found, meant = _NUMBER.fullmatch(told.strip()), _NUMBER.fullmatch(drawn.strip())
    if not found or not meant:
        return False
    try:
        shown, whole = Decimal(found[1]), Decimal(meant[1])
    except InvalidOperation:
        return False
    if abs(shown.adjusted() - whole.adjusted()) > 1:
        return False
    digits = shown.as_tuple().digits
    scientific = "e" in found[1].lower()
    if not scientific and len(digits) <= _KEPT_DIGITS:
        return shown == whole
    kept = len(digits) if scientific else _KEPT_DIGITS
    last = Decimal((0, (1,), shown.adjusted() - min(kept, _KEPT_DIGITS) + 1))
    return abs(shown - whole) <= last
