"""The time of an audit with every input there is, measure by measure: ``python -m tests.benchmarks.audit --help``.

Posts are drawn from the corpora at hand, else from the bundled ones, with replacement, and two of three are given a
number, so many are near-duplicates; outcomes, dates, groups, annotations and the other taxonomy are made up: they are
there to take time. Labels say which characters a post holds. Seconds are those of the processor over all threads,
halved: what two cores that do nothing else would take at best. Reading the scores and drawing the page are not in it.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.audit_input import AuditInput, Labelled, LabelledSample
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT, Outcomes, Periods
from koudai.audit.inputs.others import Other
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.quotes import quote_posts
from koudai.config.audit import MultiplicitySection
from koudai.config.load import load_config
from koudai.config.places import bundled
from koudai.config.train import TrainConfig
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.progress import Silent
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.benchmarks.posts import default_corpora, load

CORES = 2
NAMES = {REMOVED: "removed", KEPT: "kept", SILENT: "author"}
_TOGETHER = 5000


def demo_model(folder: Path) -> Model:
    """Return the model of the demo, trained into `folder`."""
    path = bundled("configs") / "train" / "demo.toml"
    return train_model(
        prepare(load_config(TrainConfig, path), path, progress=Silent()), folder, progress=Silent()
    ).model


def made_up(model: Model, *, posts: int, labelled: int, refits: int, seed: int, corpora: list[Path]) -> AuditInput:
    """Return every input of an audit of `posts` scored posts, with `labelled` posts beside them."""
    random = np.random.default_rng(seed)
    found = [load(path, most=None, seed=seed) for path in corpora]
    pool = [text for one in found for text in one.texts]
    texts = [f"{pool[i]}{k if k % 3 else ''}" for k, i in enumerate(random.integers(0, len(pool), posts))]
    proba, alleged, abstained = _scored(model, texts)
    parts = [one.part(0, -(-labelled // len(found))) for one in found]
    own = [text for one in parts for text in one.texts]
    keys = model.categories
    labels = np.concatenate([one.labels for one in parts])
    labels = labels[:, np.arange(len(keys)) % labels.shape[1]]
    its_proba, its_alleged, _ = _scored(model, own)
    fate = random.choice(np.array([REMOVED, KEPT, SILENT], np.int8), posts)
    months = np.datetime64("2022-01", "M") + random.integers(0, 24, posts)
    topics = np.array([f"topic {i}" for i in range(12)], dtype=object)[random.integers(0, 12, posts)]
    stratum = np.unique(alleged.any(axis=1), return_inverse=True)[1].astype(np.int64)
    drawn = np.concatenate(
        [random.permutation(np.flatnonzero(stratum == s))[: posts // 100] for s in range(stratum.max() + 1)]
    )
    people = min(2000, posts)
    return AuditInput(
        taxonomy=model.taxonomy,
        categories=keys,
        seed=seed,
        ids=[f"p{i}" for i in range(posts)],
        proba=proba,
        alleged=alleged,
        abstained=abstained,
        quarantined=0,
        texts=texts,
        labelled=Labelled(
            ids=[f"l{i}" for i in range(len(own))],
            texts=own,
            labels=labels.astype(np.int8),
            proba=its_proba,
            alleged=its_alleged,
            source=np.array([one.name for one in parts for _ in one.texts], dtype=object),
            group=near_duplicate_groups(own),
            date=np.datetime64("2022-01", "s") + random.integers(0, 6 * 10**7, len(own)),
        ),
        model=model,
        casebook=load_casebook(bundled("data/casebook") / "cases.jsonl", taxonomy=model.taxonomy),
        outcome=Outcomes(
            value=np.array([NAMES[int(one)] for one in fate], dtype=object),
            fate=fate,
            silent={"author": "the author's own act"},
        ),
        period=Periods("quarter", months.astype("datetime64[s]")),
        groups=topics,
        annotations=Annotations(
            annotators=("A1", "A2", "A3"),
            values=("no", "yes"),
            ids=[f"p{i}" for i in range(people)],
            group=topics[:people],
            coded={key: random.integers(-1, 2, (people, 3)).astype(np.int32) for key in keys},
        ),
        others=(Other("other", tuple("abcdefgh"), np.eye(8, dtype=bool)[random.integers(0, 8, posts)], fate >= 0),),
        sample=LabelledSample(keys, stratum, drawn, (random.random((1, len(drawn), len(keys))) < 0.1).astype(np.int8)),
        multiplicity=MultiplicitySection(refits=refits),
    )


def _scored(model: Model, texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    batches = [
        score(model, [""] * len(texts[i : i + _TOGETHER]), texts[i : i + _TOGETHER])
        for i in range(0, len(texts), _TOGETHER)
    ]
    columns = [batches[0].keys.index(key) for key in model.categories]
    return (
        np.concatenate([one.proba for one in batches]),
        np.concatenate([one.alleged[:, columns] for one in batches]),
        np.concatenate([one.abstained for one in batches]),
    )


def timed(given: AuditInput, names: list[str], *, told: bool = False) -> list[tuple[str, float, float]]:
    """Return for each measure, and for the drawing of quoted posts, its name, seconds of processor by cores, and
    seconds by the clock; each is told as it ends.
    """
    rows = []
    for name in [*names, "quoted posts"]:
        wall, cpu = time.perf_counter(), _cpu()
        if name in MEASURES:
            MEASURES[name].taken(replace(given))
        else:
            quote_posts(given, per_category=9, redact=True)
        rows.append((name, (_cpu() - cpu) / CORES, time.perf_counter() - wall))
        if told:
            _say([name, f"{rows[-1][1]:.1f}", f"{rows[-1][2]:.1f}"])
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.audit", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--folder", type=Path, required=True, help="a new folder for the model")
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="Parquet with text and source_label")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--labelled", type=int, default=10_000)
    parser.add_argument("--refits", type=int, default=100)
    parser.add_argument("--classifier", default="", help="of the refits, with its defaults; the demo's unless named")
    parser.add_argument("--measures", nargs="+", default=[], help="all unless named")
    parser.add_argument("--seed", type=int, default=20230310)
    options = parser.parse_args(arguments)
    given = made_up(
        demo_model(options.folder),
        posts=options.posts,
        labelled=options.labelled,
        refits=options.refits,
        seed=options.seed,
        corpora=options.corpus or default_corpora(),
    )
    if options.classifier and given.model is not None:
        config = {**given.model.config, "model": {"classifier": options.classifier}}
        given = replace(given, model=replace(given.model, config=config))
    for cells in (["measure", "processor seconds / 2", "seconds"], ["---"] * 3):
        _say(cells)
    rows = timed(given, options.measures or measures_in_order(), told=True)
    _say(["all", f"{sum(row[1] for row in rows):.1f}", f"{sum(row[2] for row in rows):.1f}"])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _say(cells: list[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
