"""The verbs about samples that people label: of scored posts, and of labels.

Promises: no sample is overwritten. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.surroundings import AnyPath, data_folders
from koudai.errors import OutputExists, UsageError
from koudai.progress import Progress, Silent

if TYPE_CHECKING:
    from koudai.audit.sample.design import DrawnSample
    from koudai.audit.sample.expectation import ExpectedWidth
    from koudai.config.audit import AuditConfig


def sample(
    scores: AnyPath,
    *,
    n: int = 400,
    out: AnyPath | None = None,
    categories: Sequence[str] = (),
    seed: int = 20230310,
    sheet: SheetSettings | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a probability sample of posts to be labelled, stratified by tag and score.

    Parameters
    ----------
    scores
        Folder of a finished job, or an audit config with the table of another model.
    n
        Posts to draw.
    out
        A file that is not there yet; its manifest is written beside it. By default nothing is written.
    categories
        That labels are asked for; by default all that have scores.
    seed
        Of the draw.
    sheet
        The form of the file, and whether texts are redacted.
    progress
        Progress callback.

    Returns
    -------
    DrawnSample
        The manifest with the texts of its rows.

    Raises
    ------
    UsageError
        If so many posts cannot be drawn, or a category is not known.
    OutputExists
        If there is a sample already.
    JobUnfinished, ShardDamaged, ReadError
        If the scores cannot be read.

    Examples
    --------
    >>> from koudai import api
    >>> len(api.sample("job", n=3).texts)
    3
    """
    from koudai.audit.sample.design import LabelledAgain, draw_sample
    from koudai.audit.sample.scored_posts import scored_posts
    from koudai.audit.sample.sheet import require_new_sample, write_sample
    from koudai.storage.bucket import require_on_disk

    sheet, progress = sheet or SheetSettings(), progress or Silent()
    if out is not None:
        require_new_sample(require_on_disk(out))
    drawn = draw_sample(
        scored_posts(require_on_disk(scores, "scores"), progress=progress),
        n,
        categories=tuple(categories),
        seed=seed,
        redact=sheet.redact,
        again=LabelledAgain(sheet.double, sheet.gold),
        progress=progress,
    )
    if out is not None:
        write_sample(drawn, Path(out), form=sheet.form)
    return drawn


def continue_sample(
    scores: AnyPath,
    labels: Sequence[AnyPath],
    *,
    n: int = 400,
    out: AnyPath | None = None,
    seed: int = 20230310,
    form: str | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a second wave of a sample, where the labels of the first say that they tell most.

    Parameters
    ----------
    scores
        That the first wave was drawn from.
    labels
        Labelled sheets or exports of the first wave. Its manifest lies beside the first of them: that of a sheet of
        this name, or the only one there.
    n
        Posts to draw.
    out
        A file that is not there yet, for the sheet of the second wave; the manifest beside it is of both.
    seed
        Of the draw.
    form
        Of `SheetSettings`.
    progress
        Progress callback.

    Returns
    -------
    DrawnSample
        Of both waves: the manifest, and the texts of all rows, those of the second wave last.

    Raises
    ------
    UsageError
        If it was continued already, so many posts are not left, or it is not plain which manifest is meant.
    ScoresMismatch
        If it was drawn from other scores, or the labels are of another sample.
    LabelError
        If the first wave is not labelled.
    OutputExists
        If there is a sample already.
    JobUnfinished, ShardDamaged, ReadError
        If the scores or the labels cannot be read.

    Examples
    --------
    >>> from koudai import api
    >>> try:
    ...     api.continue_sample("job", [])
    ... except UsageError as error:
    ...     print(error.what)
    no labels of a first wave are named
    """
    from koudai.audit.sample.answers import read_labels
    from koudai.audit.sample.scored_posts import scored_posts
    from koudai.audit.sample.second_wave import draw_second_wave, manifest_of, require_not_continued
    from koudai.audit.sample.sheet import require_new_sample, write_sample
    from koudai.storage.bucket import require_on_disk

    settings, progress = SheetSettings(form=form), progress or Silent()
    paths = [require_on_disk(path, "labels") for path in labels]
    first = manifest_of(paths)
    target = None if out is None else require_on_disk(out)
    if target is not None:
        require_new_sample(target)
    require_not_continued(first, {path.parent for path in (*paths, *([] if target is None else [target]))})
    posts = scored_posts(require_on_disk(scores, "scores"), progress=progress)
    drawn = draw_second_wave(posts, first, read_labels(paths, first), n=n, seed=seed, progress=progress)
    if target is not None:
        write_sample(drawn, target, form=settings.form)
    return drawn


def plan_sample(
    scores: AnyPath,
    *,
    categories: Sequence[str] = (),
    difference: float = 0.05,
    out: AnyPath | None = None,
    progress: Progress | None = None,
) -> tuple[ExpectedWidth, ...]:
    """Tell from the scores alone how wide intervals of prevalence will be, by number of labels.

    Parameters
    ----------
    scores
        As for `sample`.
    categories
        That are looked at; by default all that have scores.
    difference
        Of the shares of two halves of the posts, each with half of the labels, whose power is told.
    out
        Where a chart goes, as SVG; a file that is not there yet. By default none is drawn.
    progress
        Progress callback.

    Returns
    -------
    tuple of ExpectedWidth
        Of each category, and of each number of labels from 50 to 5,000 that can be drawn.

    Raises
    ------
    UsageError
        If a category is not known, `difference` is no share, `out` is no SVG, or there are too few posts.
    OutputExists
        If there is such a file already.
    JobUnfinished, ShardDamaged, ReadError
        If the scores cannot be read.

    Examples
    --------
    >>> from koudai import api
    >>> try:
    ...     api.plan_sample("job", difference=2.0)
    ... except UsageError as error:
    ...     print(error.what)
    this is no difference of two shares
    """
    from koudai.audit.sample.expectation import expected_widths
    from koudai.audit.sample.score_sums import score_sums
    from koudai.audit.sample.scored_posts import scored_posts
    from koudai.render.expectation import expectation_svg
    from koudai.storage.bucket import require_on_disk
    from koudai.storage.durable import write_bytes

    progress = progress or Silent()
    target = None if out is None else require_on_disk(out)
    if target is not None and target.suffix.lower() != ".svg":
        raise UsageError(what="a chart is drawn as SVG", where=target, expected="a name that ends in .svg")
    if target is not None and target.exists():
        raise OutputExists(what="there is such a file already", where=target, happened="nothing was written")
    posts = scored_posts(require_on_disk(scores, "scores"), progress=progress)
    found = expected_widths(score_sums(posts, tuple(categories), progress=progress), difference=difference)
    if target is not None:
        write_bytes(target, expectation_svg(found).encode())
    return found


@dataclass(frozen=True)
class FlaggedDraw:
    """Which labels are drawn to be looked at again.

    Parameters
    ----------
    category
        Whose labels they are; may be left out where the corpora label one alone.
    n
        Labels to draw.
    seed
        Of the draw.
    data
        Folder where corpora lie; comes before ``$KOUDAI_DATA`` and ``data``.

    Examples
    --------
    >>> FlaggedDraw("rumour", n=200).seed
    20230310
    """

    category: str | None = None
    n: int = 400
    seed: int = 20230310
    data: AnyPath | None = None


def sample_flagged(
    config: AnyPath | Mapping[str, Any] | AuditConfig,
    draw: FlaggedDraw | None = None,
    *,
    out: AnyPath | None = None,
    sheet: SheetSettings | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a probability sample of labels to be looked at again, those that words contradict and others.

    Parameters
    ----------
    config
        An audit config; its labelled corpora are read, and nothing else of it.
    draw
        The category, how many labels, the seed of the draw and the folder of corpora.
    out, sheet, progress
        As for `sample`.

    Returns
    -------
    DrawnSample
        The manifest with the texts of its rows.

    Raises
    ------
    UsageError
        If so many labels cannot be drawn, or nothing says of which category.
    OutputExists
        If there is a sample already.
    TooFewPosts
        If there are too few labels to say which of them words contradict.
    ConfigError, ReadError, LabelError
        If the config or a corpus cannot be used.

    Examples
    --------
    >>> from koudai import api
    >>> len(api.sample_flagged("labels.toml", api.FlaggedDraw("rumour", n=20)).texts)
    20
    """
    from koudai.audit.inputs.audited import audit_taxonomy
    from koudai.audit.inputs.labelled import labelled_corpora
    from koudai.audit.sample.flagged import category_of, draw_flagged
    from koudai.audit.sample.sheet import require_new_sample, write_sample
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config
    from koudai.corpus.corpus import Corpus
    from koudai.storage.bucket import require_on_disk

    draw, sheet, progress = draw or FlaggedDraw(), sheet or SheetSettings(), progress or Silent()
    if sheet.double or sheet.gold:
        raise UsageError(
            what="posts are labelled again in samples of scored posts alone",
            got=f"`double` = {sheet.double:,}, `gold` = {sheet.gold:,}",
            expected="neither, in a sample of labels",
            happened="nothing was written",
        )
    if out is not None:
        require_new_sample(require_on_disk(out))
    loaded, file = read_config(AuditConfig, config)
    taxonomy = audit_taxonomy(loaded, file)
    parts = labelled_corpora(loaded, file, data_folders(draw.data), taxonomy, progress=progress)
    corpus = Corpus.join([part.corpus for part in parts]) if parts else None
    category = category_of(corpus, taxonomy, draw.category)
    assert corpus is not None
    drawn = draw_flagged(
        corpus,
        draw.n,
        category=category,
        seed=draw.seed,
        fit_seed=loaded.run.seed,
        redact=sheet.redact,
        progress=progress,
    )
    drawn = replace(drawn, taxonomy=taxonomy)
    if out is not None:
        write_sample(drawn, Path(out), form=sheet.form)
    return drawn


@dataclass(frozen=True)
class SheetSettings:
    """The form of a sheet for annotators, and how many posts are labelled again.

    Parameters
    ----------
    form
        ``"csv"``, ``"xlsx"`` or ``"label-studio"``; by default as the name of the file ends: ``.xlsx`` a workbook,
        ``.json`` tasks of Label Studio, and else CSV.
    redact
        Whether account names and contact details are masked in the texts.
    double, gold
        Posts of the sample that go to a second annotator, and that are adjudicated; each has a sheet of its own beside
        it. Not of a sample of labels.

    Raises
    ------
    UsageError
        If there is no such form.

    Examples
    --------
    >>> SheetSettings(form="label-studio").redact
    True
    """

    form: str | None = None
    redact: bool = True
    double: int = 0
    gold: int = 0

    def __post_init__(self) -> None:
        from koudai.audit.sample.sheet import FORMS

        if self.form not in (None, *FORMS):
            raise UsageError(what="`form` does not take this", got=self.form, expected=" or ".join(FORMS))
