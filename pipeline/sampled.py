"""The section of an audit config that names a labelled sample: its manifest, and the files that came back.

Promises: a filled section, read back, is the same section. Opens no file.
"""

from __future__ import annotations

from pydantic import Field

from pipeline.source import Section


class SampleSection(Section):
    """A sample of `koudai sample` with its labels: CSV files, one for each annotator, or exports of Label Studio."""

    manifest: str
    labels: tuple[str, ...] = Field(min_length=1)
