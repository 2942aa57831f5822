"""How often each interval holds the truth: ``python -m tests.benchmarks.coverage [WORLD ...] [--samples N]``.

Every world of ``tests/benchmarks/worlds`` (or those named) is drawn, 1,000 samples a cell or as many as are asked for,
one process for each core, and its section of ``docs/intervals.md`` is written anew; the others stay as they are. The
same samples give the same section. Ends with 1 if a cell with a bar is surely outside of it.
"""

from __future__ import annotations

import argparse
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from koudai.cores import cores
from tests.benchmarks.world import Cell, Found, World, measured, misses, monte_carlo, percent, worlds

PAGE = Path(__file__).resolve().parents[2] / "docs" / "intervals.md"
SAMPLES = 1000
HEAD = """# How often the intervals hold the truth

Made by `python -m tests.benchmarks.coverage`. Each statistic that has an interval is drawn from simulated worlds whose
truth is known, and this is the share of 95 % intervals that held it, in per cent: of koudai's own function (in brackets
the Monte-Carlo interval of the coverage), and of the alternative that one would take without a thought. *Given* is the
share of samples in which there was an interval at all; where there is none, the audit says why. The bar is 93 to 97 %
in every cell with 100 posts or more, or 100 clusters, in which five clusters' worth of hits are to be expected; what is
surely beyond it is bold. What each kind of interval is, and what it takes for
granted: [What an interval is](concepts/intervals.md). Every statistic that a measure declares with an interval is in a
world (a test asks for it), but for `range over runs`: that is the least and the greatest of several runs, of which one
run more lies inside in (k − 1)/(k + 1) of all cases, whatever is measured; there is no truth that it would hold. Worlds
of the kind `p-value` are of tests where there is nothing to find: what is held is that nothing was found, in 95 % of
samples or more.

Cells in parentheses have no bar, as too little is to be expected in them for any interval to tell: fewer than 100 posts
or clusters; fewer than five hits (of precision, recall and F1: posts tagged rightly; of the difference of two shares:
groups on which two models differ); of AUC, average precision and the Brier score fewer than 15 posts of the category,
of F1 ten; of the difference of two models fewer than 15 posts that they tag otherwise (of `performance`, as its section
says); a sample with fewer than 400 labels, where these figures rest on a few labels of each stratum. Cells of
power are of comparisons that should find something, and what they hold is 0.

Shares are drawn anew for every sample, within a factor of 1.5 of that of the cell: the coverage of a count swings with
the share, and no interval whatever holds 93 to 97 % at each single share (Brown, Cai & DasGupta 2001).

本页由 `python -m tests.benchmarks.coverage` 生成：每个带区间的统计量都在真值已知的模拟世界里反复抽样，表中是 95% 区
间包含真值的百分比，先列 koudai 所用的区间，再列不加思索时会用的区间。标准是：帖子或簇不少于 100、预期命中不少于 5 簇
时，每一格都在 93% 到 97% 之间，确实超出的用粗体；加括号的格子预期数据太少，什么区间都说明不了问题，只列出，不作要
求：帖子或簇不足 100，命中不足 5（精确率、召回率和 F1 指标对的帖子，两个比例之差指两边判断不同的簇），AUC、平均精度
和 Brier 分数的正例不足 15、F1 的不足 10，两个模型标记不同的帖子不足 15，收回的样本不足 400 条标注。given 是给出区间的
样本所占比例，不给区间时审计会写明原因。
"""


def section(world: World, found: list[Found]) -> str:
    """Return the section of a world."""
    rows = [_row(cell, one) for cell, one in zip(world.cells, found, strict=True)]
    header = ["cell", "n", "samples", "given", "held", world.naive]
    table = [header, ["---"] * len(header), *rows]
    return "\n".join(
        [
            f"## {world.name}",
            "",
            f"Kind: `{world.kind}`, of {', '.join(f'`{one}`' for one in world.of)}. {world.about}",
            "",
            *("| " + " | ".join(row) + " |" for row in table),
            "",
        ]
    )


def _row(cell: Cell, found: Found) -> list[str]:
    low, high = monte_carlo(found.held, found.given)
    held = percent(found.held, found.given)
    if low is not None and high is not None:
        held += f" [{100 * low:.1f}, {100 * high:.1f}]"
    if cell.bar is not None and misses(found, cell.bar):
        held = f"**{held}**"
    return [
        cell.name if cell.bar is not None else f"({cell.name})",
        f"{cell.n:,}",
        f"{found.samples:,}",
        percent(found.given, found.samples),
        held,
        percent(found.naive_held, found.naive_given),
    ]


def page(made: dict[str, str]) -> str:
    """Return the page with the sections in `made`, and as it is otherwise; sections of worlds that are gone go."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    kept = {part.partition("\n")[0].removeprefix("## "): part.rstrip() + "\n" for part in parts if part[:3] == "## "}
    return "\n".join([HEAD, *(made.get(name, kept.get(name, "")) for name in worlds() if name in {**kept, **made})])


def main(arguments: list[str]) -> int:
    """Measure the worlds that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="WORLD")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    told = parser.parse_args(arguments)
    every = worlds()
    unknown = [name for name in told.worlds if not any(name in one for one in every)]
    if unknown:
        parser.error(f"no world is called {unknown[0]!r}; there are {', '.join(every)}")
    wanted = [one for name, one in every.items() if not told.worlds or any(part in name for part in told.worlds)]
    beyond = 0
    with ProcessPoolExecutor(cores()) as pool:
        waiting = {
            one.name: [pool.submit(measured_by_name, one.name, at, told.samples) for at in range(len(one.cells))]
            for one in wanted
        }
        for world in wanted:
            found = [one.result() for one in waiting[world.name]]
            made = section(world, found)
            sys.stdout.write(made + "\n")
            sys.stdout.flush()
            PAGE.write_text(page({world.name: made}), encoding="utf-8")
            beyond += sum(
                cell.bar is not None and misses(one, cell.bar) for cell, one in zip(world.cells, found, strict=True)
            )
    return int(beyond > 0)


def measured_by_name(name: str, at: int, samples: int) -> Found:
    """Measure cell `at` of the world called `name`, in a process of its own."""
    world = worlds()[name]
    return measured(world, world.cells[at], samples)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
