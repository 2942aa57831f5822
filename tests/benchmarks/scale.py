"""The scale: ``koudai score`` as a whole, a Parquet of posts in, fsynced shards out, on all cores, at several sizes.

``python -m tests.benchmarks.scale --help``; ``docs/results/speed.md`` says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.model.model import Model
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.benchmarks import machine, process
from tests.benchmarks.measure import Spread
from tests.benchmarks.peers import BOTH, FEATURES, WORDS, with_features
from tests.benchmarks.posts import BUNDLED, ROOT, default_corpora, find, read_texts, write_sample
from tests.benchmarks.report import NONE, Bar, Report, number, spread
from tests.benchmarks.same_model import largest_difference, sklearn_pipeline
from tests.benchmarks.sklearn_job import jieba_words

HEADER = ["features", "way", "× scikit-learn", "posts/s", "seconds", "MB, largest process", "MB, together", "posts"]
CAMPAIGN = 1_400_000
"""Posts that the campaign is said to have deleted; from here on memory should no longer grow."""
KOUDAI, SKLEARN = "koudai score", "scikit-learn, joblib"
OTHER = "koudai score, the other checkout"
FASTER = 1.5
"""How many times as fast as the other checkout the largest file of words and characters is to be scored."""


@dataclass(frozen=True)
class Job:
    """One way of scoring one file: what runs it gives seconds and memory; `posts` are in the file."""

    features: str
    way: str
    posts: int
    run: Callable[[], process.Ran]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.scale", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained [default: rumour-weibo21, else demo]")
    parser.add_argument(
        "--only", choices=("words", "both"), help="features [default: words, then words and characters]"
    )
    parser.add_argument("--other", type=Path, help="another checkout; it trains by its config of the same name")
    parser.add_argument("--sizes", default=f"1000,50000,200000,{CAMPAIGN}", help="numbers of posts, with commas")
    parser.add_argument("--sklearn-posts", type=int, default=50_000, help="posts that scikit-learn scores")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where inputs and jobs are written: a disk, not memory")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    sizes = sorted({options.sklearn_posts, *(int(size) for size in options.sizes.split(","))})
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = scaled(
            options.corpus or default_corpora()[0],
            options.config or default_config(),
            {"words": (WORDS,), "both": (BOTH,)}.get(options.only, FEATURES),
            other=options.other,
            sizes=sizes,
            sklearn_posts=options.sklearn_posts,
            rounds=options.rounds,
            seed=options.seed,
            folder=Path(folder),
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="scale")


def scaled(
    corpus: Path,
    config: Path,
    kinds: tuple[str, ...],
    *,
    other: Path | None,
    sizes: list[int],
    sklearn_posts: int,
    rounds: int,
    seed: int,
    folder: Path,
) -> Report:
    """Score samples of each size, and one of them with scikit-learn, in turn, round after round.

    Parameters
    ----------
    corpus
        Posts are drawn from it with replacement.
    config
        What is trained, once with each of `kinds`.
    kinds
        Of `FEATURES`.
    other
        Another checkout, which trains by itself and scores the largest sample with words and characters.
    sizes, sklearn_posts
        Numbers of posts, ascending, and that of them which scikit-learn scores too.
    rounds, seed
        How often everything runs, and the seed of the samples.
    folder
        For everything that is read and written.
    """
    cores = machine.cores()
    where = machine.describe(cores)
    texts, _ = read_texts(corpus)
    for size in sizes:
        write_sample(folder / f"{size}.parquet", texts, size, seed=seed)
    models = {features: trained(config, features, folder) for features in kinds}
    jobs, agreement = [], []
    for features, model in models.items():
        agreement.append(_agreement(features, model, folder, sklearn_posts, cores))
        jobs += [_koudai(features, size, folder) for size in sizes]
        jobs.append(_sklearn(features, sklearn_posts, folder, cores))
        if other and features == BOTH:
            jobs.append(_of_other(other.resolve(), config, sizes[-1], folder))
    ran: dict[int, list[process.Ran]] = {place: [] for place in range(len(jobs))}
    for _ in range(rounds):
        for place, job in enumerate(jobs):
            ran[place].append(job.run())
    rows = [_row(job, ran[place], _reference(jobs, ran, job)) for place, job in enumerate(jobs)]
    data = {"seed": seed, "rounds": rounds, "corpus": corpus.stem, "config": config.stem, "agreement": agreement}
    report = Report(f"koudai score on {len(cores)} cores", HEADER, where, {**data, "rows": rows})
    for features in models:
        report.table += [[]] * bool(report.table) + [_cells(row) for row in rows if row["features"] == features]
    report.bars = [bar for features in models for bar in _bars(features, rows)]
    report.notes = [_note(corpus, config, models, texts, agreement)]
    return report


def default_config() -> Path:
    """Return what is trained unless something else is said."""
    return ROOT / "configs" / "train" / ("rumour-weibo21.toml" if find("weibo21.parquet") else "demo.toml")


def trained(config: Path, features: str, folder: Path) -> Model:
    """Train with one kind of features, into `bundle_of` them."""
    loaded = load_config(TrainConfig, config)
    counted = {"words": (1, 1), "chars": None} if features == WORDS else {"words": (1, 2), "chars": (1, 4)}
    loaded = loaded.model_copy(update={"features": loaded.features.model_copy(update=counted)})
    weibo21 = find("weibo21.parquet")
    folders = (weibo21.parent,) if weibo21 else ()
    return train_model(prepare(loaded, config, folders=folders), bundle_of(features, folder)).model


def _koudai(features: str, size: int, folder: Path) -> Job:
    def run() -> process.Ran:
        out = folder / "job"
        command = [process.PYTHON, "-m", "koudai", "score", bundle_of(features, folder), folder / f"{size}.parquet"]
        try:
            ran = process.run([*command, "--out", out])
            conserved(out, size)
        finally:
            shutil.rmtree(out, ignore_errors=True)
        return ran

    return Job(features, KOUDAI, size, run)


def _of_other(other: Path, config: Path, size: int, folder: Path) -> Job:
    """Train with another checkout, by its config of the same name, or one from elsewhere; return how it scores."""
    bundle, own = folder / "other", folder / "other.toml"
    text = (other / (config.relative_to(ROOT) if config.is_relative_to(ROOT) else config)).read_text(encoding="utf-8")
    own.write_text(with_features(text, BOTH), encoding="utf-8")
    process.run_verb(other, "train", own, "--set", "track.enabled=false", "--out", bundle)

    def run() -> process.Ran:
        out = folder / "job"
        try:
            ran = process.run_verb(other, "score", bundle, folder / f"{size}.parquet", "--out", out)
            conserved(out, size)
        finally:
            shutil.rmtree(out, ignore_errors=True)
        return ran

    run()  # compiles, into its own cache
    return Job(BOTH, OTHER, size, run)


def _sklearn(features: str, size: int, folder: Path, cores: tuple[int, ...]) -> Job:
    """Return scikit-learn's job; its seconds are its own: starting and loading are not counted."""

    def run() -> process.Ran:
        command = [process.PYTHON, "-m", "tests.benchmarks.sklearn_job", _pipeline(features, folder)]
        paths = [folder / f"{size}-normalised.parquet", folder / "sklearn.parquet"]
        ran = process.run([*command, *paths, "--cores", str(len(cores))])
        return replace(ran, seconds=json.loads(ran.printed)["seconds"])

    return Job(features, SKLEARN, size, run)


def _agreement(features: str, model: Model, folder: Path, size: int, cores: tuple[int, ...]) -> dict[str, Any]:
    """Score one file both ways and compare; scikit-learn gets the posts normalised, and its parents raised after."""
    import joblib
    import pyarrow as pa
    import pyarrow.parquet as pq

    from koudai.scoring.results import open_job

    table = pq.read_table(folder / f"{size}.parquet")
    normalised = [model.normalizer(text) for text in table["text"].to_pylist()]
    column = pa.array(normalised, pa.large_string())
    pq.write_table(table.set_column(1, "text", column), folder / f"{size}-normalised.parquet")
    pipeline = sklearn_pipeline(model, jieba_words)
    joblib.dump(pipeline, _pipeline(features, folder))
    _sklearn(features, size, folder, cores).run()
    found = pq.read_table(folder / "sklearn.parquet")
    reference = np.stack([found[name].to_numpy() for name in found.column_names[1:]], axis=1)
    out = folder / "agreement"
    process.run(
        [
            process.PYTHON,
            "-m",
            "koudai",
            "score",
            bundle_of(features, folder),
            folder / f"{size}.parquet",
            "--out",
            out,
        ]
    )
    proba = open_job(out).scores().proba
    shutil.rmtree(out)
    closed = model.taxonomy.close_probabilities(reference.astype(np.float32), model.categories)
    differ = largest_difference(proba, closed, normalised, pipeline[0])
    return {"features": features, "terms": model.n_features, "posts": size, "largest_difference": differ}


def conserved(out: Path, size: int) -> None:
    """Raise `RuntimeError` unless a job accounts for `size` posts."""
    done = json.loads((out / "DONE.json").read_text(encoding="utf-8"))
    if not size == done["read"] == done["scored"] + done["abstained"] + done["quarantined"]:
        message = f"of {size} posts, {done} came out"
        raise RuntimeError(message)


def _reference(jobs: list[Job], ran: dict[int, list[process.Ran]], job: Job) -> tuple[Job, list[process.Ran]]:
    return next((one, ran[i]) for i, one in enumerate(jobs) if (one.features, one.way) == (job.features, SKLEARN))


def _row(job: Job, ran: list[process.Ran], reference: tuple[Job, list[process.Ran]]) -> dict[str, Any]:
    peer, theirs = reference
    pairs = zip(ran, theirs, strict=True)
    ratio = [(job.posts / mine.seconds) / (peer.posts / other.seconds) for mine, other in pairs]
    return {
        "features": job.features,
        "way": job.way,
        "posts": job.posts,
        "seconds": [one.seconds for one in ran],
        "processor": [one.processor for one in ran],
        "posts_per_second": asdict(Spread.of([job.posts / one.seconds for one in ran])),
        "against_sklearn": asdict(Spread.of(ratio)),
        "largest_mb": max((one.largest_mb for one in ran if one.largest_mb), default=None),
        "together_mb": max((one.together_mb for one in ran if one.together_mb), default=None),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    memory = [NONE if row[name] is None else number(row[name]) for name in ("largest_mb", "together_mb")]
    seconds = number(Spread.of(row["seconds"]).median)
    rates = [spread(row["against_sklearn"]), spread(row["posts_per_second"])]
    return [row["features"], row["way"], *rates, seconds, *memory, f"{row['posts']:,}"]


def _bars(features: str, rows: list[dict[str, Any]]) -> list[Bar]:
    mine = [row for row in rows if (row["features"], row["way"]) == (features, KOUDAI)]
    largest, marks = mine[-1], [row["largest_mb"] for row in mine if row["largest_mb"]]
    campaign = next((row for row in mine if row["posts"] == CAMPAIGN), None)
    beyond = campaign is not None and largest is not campaign and campaign["largest_mb"]
    growth = largest["largest_mb"] / campaign["largest_mb"] if campaign and beyond else None
    bars = [
        Bar(f"{features}: {largest['posts']:,} posts, × {SKLEARN}", 30, largest["against_sklearn"]["median"]),
        Bar(f"{features}: MB of the largest process", 600, max(marks, default=None), below=True),
        Bar(f"{features}: MB at the largest size by MB at {CAMPAIGN:,}", 1.1, growth, below=True),
    ]
    its = next((row for row in rows if row["way"] == OTHER and features == BOTH), None)
    if its:
        for name in ("seconds", "processor"):
            ratio = Spread.of([one / mine for one, mine in zip(its[name], largest[name], strict=True)]).median
            bars.append(Bar(f"{features}: {largest['posts']:,} posts, × the other checkout, {name}", FASTER, ratio))
    if features == WORDS and campaign:
        bars.append(Bar("words: seconds (an aim)", 15, Spread.of(campaign["seconds"]).median, below=True))
    return bars


def _note(
    corpus: Path, config: Path, models: dict[str, Model], texts: list[str], agreement: list[dict[str, Any]]
) -> str:
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / len(texts)
    differ = max(one["largest_difference"] for one in agreement)
    categories = len(next(iter(models.values())).categories)
    drawn = "the bundled posts" if corpus.resolve() == BUNDLED else corpus.stem
    return (
        f"Posts drawn from {drawn}, {size:.0f} bytes on average; model {config.stem}, categories: {categories}; "
        f"every row was accounted for; probabilities differ from scikit-learn's by {differ:.1g} at most."
    )


def bundle_of(features: str, folder: Path) -> Path:
    """Return where the model with these features lies."""
    return folder / ("words" if features == WORDS else "both")


def _pipeline(features: str, folder: Path) -> Path:
    return bundle_of(features, folder).with_suffix(".joblib")


if __name__ == "__main__":
    main()
