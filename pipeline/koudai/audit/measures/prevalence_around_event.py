"""Prevalence around an event: how much of a category there is before, during and after it, beside other windows."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.events import Event
from koudai.audit.measures import measure
from koudai.audit.sample.domain_figures import (
    COMPARISONS,
    LESS,
    SHARES,
    SampledCategory,
    adjusted,
    difference_figures,
    sampled_categories,
    share_figures,
)

PARTS = {
    "before": phrase(zh="事件前", en="before"),
    "during": phrase(zh="事件中", en="during"),
    "after": phrase(zh="事件后", en="after"),
}
COMPARED = ((1, 0), (2, 1), (2, 0))


def _names() -> dict[str, tuple[str, str]]:
    parts = list(PARTS)
    return {f"{parts[one]}{LESS}{parts[other]}": (parts[one], parts[other]) for one, other in COMPARED}


@measure(
    "prevalence_around_event",
    needs=("scores", "event", "sample"),
    zh="事件前后占比变了吗？",
    en="Did an event change how much there is?",
    place=79,
    declares=Declaration(
        statistics=(
            *SHARES,
            *COMPARISONS,
            named(
                "window",
                zh="与前后之差",
                en="less what is around",
                unit="difference",
                interval="design-based",
            ),
            named(
                "p_windows",
                zh="在各窗口中的位次（p 值）",
                en="p among windows",
                unit="probability",
                why=phrase(zh="本身就是检验的结果。", en="It is the result of a test itself."),
            ),
        ),
        charts=(
            Chart(
                "prevalence-around-event",
                kind="bars",
                name=phrase(zh="事件前、中、后的实际占比", en="Prevalence before, during and after the event"),
                explanation=phrase(
                    zh="由同一份样本估计。是否有别，看“占比之差”。",
                    en="From one sample. Whether they differ is what “difference” says.",
                ),
                statistics=("prevalence",),
                place=85,
                groups=tuple(PARTS),
                order="given",
                axis=phrase(zh="实际占比", en="Prevalence"),
            ),
            Chart(
                "windows-around-event",
                kind="series",
                name=phrase(zh="同样长短的各个窗口", en="Windows as long as the event"),
                explanation=phrase(
                    zh="每个窗口的占比减去其前后的占比；事件若不突出，就与平常的波动无异（p = {p_windows}）。",
                    en="The share of each window less that around it; an event that does not stand out is no more than "
                    "what happens at other times (p = {p_windows}).",
                ),
                statistics=("window",),
                place=86,
                of=phrase(zh="窗口", en="Window"),
                axis=phrase(zh="与前后之差", en="Less what is around"),
            ),
        ),
        groups={
            **PARTS,
            **{
                name: phrase(zh=f"{PARTS[one].zh}{LESS}{PARTS[other].zh}", en=name)
                for name, (one, other) in _names().items()
            },
        },
    ),
)
def prevalence_around_event(given: AuditInput) -> AuditFrame:
    """Share of the posts from before, during and after an event that people put into a category (0 to 1).

    Estimated from one sample as in `prevalence_by_group`: "prevalence" with as much of the model as helps,
    "labels_alone" without; n is the number of labels there. "difference" is that of two of the three, with p-values
    adjusted for all of them and all categories (Holm). Before and after are all posts with a date that are not from the
    event, or those of so many days as `around` says.

    What rises during an event may be rising anyway, or rise and fall all the time. So other windows as long as the
    event, side by side before and after it, are taken for events in turn: "window" is the share of each less that of
    what is around it, posts from the event left out. "p_windows" is the share of windows, the event among them, that
    stand out as much as the event does, by their p-values: with 19 others it cannot be below .05. n is the number of
    windows. Windows are not independent of one another where what happens lasts longer than one, and the test takes it
    that any of them might have been the event. A window without a label is listed without a value.
    "without": posts that have no date, or are from none of the three.

    Source: Cochran 1977, section 5A.14. Source: Angelopoulos, Duchi & Zrnic 2023. Source: Zou & Donner 2008. Source:
    Abadie, Diamond & Hainmueller 2010, "Synthetic control methods for comparative case studies" (placebo tests).

    中文
    事件之前、之中、之后的帖子里，人工认为属于某类别的各占多少（0 到 1），由同一份样本估计，方法与“哪里的占比更高？”
    相同：“实际占比”在模型有用时借助模型，“只用标注”不借助；n 是落在该段的标注条数。“占比之差”是三段两两之差，p 值对
    全部类别的全部比较作了 Holm 校正。事件前后指日期可读而不在事件中的全部帖子，或 around 所说天数以内的帖子。事件中
    占比上升，也许本来就在上升，或者一向时升时降，所以把事件前后同样长短、首尾相接的窗口轮流当作事件：“与前后之差”（
    window）是每个窗口的占比减去其前后的占比，事件中的帖子不计在内；“在各窗口中的位次”（p_windows）是全部窗口（含事
    件）中，按 p 值看至少与事件同样突出的占多少，n 是窗口数，另有 19 个窗口时最小也只能是 .05。如果一件事持续得比窗
    口长，各窗口就不是彼此独立的；这个检验还假定任何一个窗口都同样可能是事件。没有标注的窗口照样列出，只是没有数值。
    “无法归入的帖子”没有可读的日期，或者不在这三段之内。
    """
    figures: list[Figure] = []
    if given.sample is not None and given.event is not None:
        for of in sampled_categories(given, given.sample):
            figures += _figures(of, given.event)
    return AuditFrame("prevalence_around_event", adjusted(figures))


def _figures(of: SampledCategory, event: Event) -> list[Figure]:
    place = event.parts()
    shares = of.shares(place, len(PARTS))
    figures = share_figures(of, place, list(PARTS), shares)
    labelled = of.labelled(place, len(PARTS))
    for group, pair in zip(_names(), COMPARED, strict=True):
        figures += difference_figures(of, group, shares, pair, int(labelled[list(pair)].sum()))
    if without := int((place < 0).sum()):
        figures.append(Figure(of.key, ALL, "without", float(without), without))
    return figures + _windows(of, event)


def _windows(of: SampledCategory, event: Event) -> list[Figure]:
    """Return how the event and each window beside it differ from what is around them, and how the event stands out."""
    figures, p, own = [], [], None
    for days in event.windows():
        place = event.window(days)
        shares = of.shares(place, 2)
        found = None if shares is None else shares.contrast(np.array([1.0, -1.0]))
        n = int((place[of.labels.post] == 0).sum())
        if found is None or not n:
            figures.append(Figure(of.key, event.told(days), "window", None, n))
            continue
        figures.append(Figure(of.key, event.told(days), "window", found.value, n, found.low, found.high))
        if found.p is not None and days[0] == event.first:
            own = found.p
        if found.p is not None:
            p.append(found.p)
    value = None if own is None or len(p) == 1 else sum(one <= own for one in p) / len(p)
    return [*figures, Figure(of.key, ALL, "p_windows", value, len(p))]
