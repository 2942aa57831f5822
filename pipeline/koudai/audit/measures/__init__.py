"""Measures: each asks one question of the scored posts. A new one is one new file; nothing else is edited.

A file registers a function `(AuditInput) -> AuditFrame` under its name, with the inputs it needs, its title and what it
declares of its figures; if it judges the model, it is given no labelled post that the model was fitted on. The
function's docstring is what the page shows under "how to read this": the formula, the range, which direction is which,
what to do with it, and ``Source:``; after a line ``中文`` comes the same in Chinese. Measures of other packages are
found through their entry points ``koudai.measures``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from koudai.audit.declaration import Declaration
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.errors import UsageError
from koudai.registry import Registry
from koudai.taxonomy import Bilingual

Take = Callable[[AuditInput], AuditFrame]
"""What a measure is: a function of the scored posts."""


@dataclass(frozen=True)
class Measure:
    """A registered measure.

    Parameters
    ----------
    name
        What configs and reports call it.
    take
        The function, as it was written. `taken` checks what it returns.
    needs
        Names of the inputs it cannot do without.
    title
        The question it answers.
    place
        Where it stands on the page; smaller is earlier.
    declares
        What it declares of its figures.
    steps
        How many steps of progress it reports for an input; None if it reports none.

    Examples
    --------
    >>> MEASURES["overlap"].needs, MEASURES["overlap"].declaration.of("jaccard").unit
    (('scores',), 'coefficient')
    """

    name: str
    take: Take
    needs: tuple[str, ...]
    title: Bilingual
    place: int
    declares: Declaration
    steps: Callable[[AuditInput], int] | None = None

    @property
    def how_to_read(self) -> Bilingual:
        """The docstring of `take` in both languages; raises `ValueError` if it lacks one of them."""
        english, chinese = self._languages()
        return Bilingual(zh=chinese, en=english)

    @property
    def declaration(self) -> Declaration:
        """What it declares, with its title and, if it is in both languages, its docstring: what a report carries."""
        how_to_read = self.how_to_read if all(self._languages()) else None
        return replace(self.declares, title=self.title, how_to_read=how_to_read)

    def _languages(self) -> tuple[str, str]:
        english, _, chinese = inspect.cleandoc(self.take.__doc__ or "").partition("\n中文\n")
        return english.strip(), _unwrapped(chinese.strip())

    def seeing(self, given: AuditInput) -> AuditInput:
        """Return what it may look at: of one that judges the model, no labelled post that the model was fitted on."""
        return given.unseen() if self.declares.judges_model else given

    def taken(self, given: AuditInput) -> AuditFrame:
        """Take the measure of what it may look at. Linear algebra is left to one thread meanwhile: products are small,
        and threads that wait for the next one take processor time.

        Returns
        -------
        AuditFrame
            What the function returned, each figure with the kind of its interval.

        Raises
        ------
        UsageError
            If the frame has another name, or a statistic or an interval that the measure does not declare.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):
            frame = self.take(self.seeing(given))
        if frame.measure != self.name:
            raise UsageError(what=f"measure {self.name!r} gives a frame of another name", got=frame.measure)
        return AuditFrame(self.name, tuple(self._checked(figure) for figure in frame.figures))

    def _checked(self, figure: Figure) -> Figure:
        found = self.declares.of(figure.statistic)
        if found is None:
            raise UsageError(
                what=f"measure {self.name!r} gives a statistic that it does not declare",
                got=figure.statistic,
                expected=", ".join(one.key for one in self.declares.statistics),
                happened="no report was made",
                todo="declare the statistic, with its names and its unit, where the measure is registered",
            )
        if figure.low is None and figure.high is None:
            return figure
        as_declared = (
            *(None, found.interval, found.sampled),
            *(("wilson",) if found.interval == "wilson, effective n" else ()),
        )
        if found.interval is None or figure.interval not in as_declared:
            raise UsageError(
                what=f"measure {self.name!r} gives {found.key!r} an interval that it does not declare",
                got=figure.interval or "an interval",
                expected=found.interval or "none",
                happened="no report was made",
                todo="declare the kind of interval where the measure is registered",
            )
        return replace(figure, interval=figure.interval or found.interval)


MEASURES: Registry[Measure] = Registry("measure", package="koudai.audit.measures", entry_points="koudai.measures")


def _unwrapped(chinese: str) -> str:
    """Join wrapped lines: with a blank where an ideograph meets a Latin or Greek letter or a digit, else with none."""
    ideograph, letter = "[\u4e00-\u9fff]", "[A-Za-z0-9%α-ωΑ-Ω₀-₉]"
    apart = re.sub(rf"(?<={ideograph})\n(?={letter})|(?<={letter})\n(?={ideograph})", " ", chinese)
    return re.sub(r"(?<=[^ -~])\n(?=\S)|(?<=\S)\n(?=[^ -~])", "", apart)


def measure(
    name: str,
    *,
    needs: tuple[str, ...],
    zh: str,
    en: str,
    place: int,
    declares: Declaration,
    steps: Callable[[AuditInput], int] | None = None,
) -> Callable[[Take], Take]:
    """Return a decorator that registers a measure.

    Parameters
    ----------
    name
        What configs, reports and users call it.
    needs
        Of `koudai.audit.inputs.audit_input.INPUTS`: what it cannot do without.
    zh, en
        Its title: the question it answers.
    place
        Where it stands on the page; smaller is earlier.
    declares
        Its statistics, and where its figures are shown.
    steps
        How many times it calls ``given.advance(1)``; None if it does not.

    Raises
    ------
    ValueError
        If a statistic that is a measurement has no interval and does not say why.
    """
    unexplained = [one.key for one in declares.statistics if one.unexplained]
    if unexplained:
        message = f"measurements without an interval that do not say why: {', '.join(unexplained)}"
        raise ValueError(message)

    def register(take: Take) -> Take:
        title = Bilingual(zh=zh, en=en)
        MEASURES.register(name)(Measure(name, take, needs, title, place, declares, steps))
        return take

    return register


def measures_in_order() -> list[str]:
    """Return the names of all measures in the order of the page.

    Examples
    --------
    >>> measures_in_order()[:2]
    ['coverage', 'agreement']
    """
    return sorted(MEASURES, key=lambda name: (MEASURES[name].place, name))
