"""How like real posts the written ones are: ``python -m tests.benchmarks.realism [measure | draw | agree]``.

``measure`` prints what the datasheet says: how well characters, and form alone, tell the bundled posts from real ones;
how well form alone tells violating from other posts; and shares of forms beside real corpora. ``draw`` writes posts
without labels for a second coding by the codebook, ``agree`` compares what came back. ``casebook`` counts what its page
says of pairs and poses. Real corpora are read where they are at hand (`tests.benchmarks.posts.find`), else that part is
left out; none of their text is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tomllib
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from koudai.audit.measures.agreement import kappa, kappa_interval
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.evaluation import MetricValue
from koudai.training.evaluate import evaluate
from koudai.training.intervals import wilson
from tests.benchmarks.posts import BUNDLED, find

SEED = 20261130
REAL = {
    "weibo21": ("weibo21.parquet", None),
    "chnci": ("chnci_incident_comments.parquet", None),
    "smp usual": ("smp2020_ewect_emotion.parquet", "usual"),
}
FUNCTION_WORDS = frozenset("的了是在不就都也还又和把被吗呢吧啊我你他")
PUNCTUATION = frozenset("，。！？；：、“”‘’（）《》【】「」『』…—～·,.!?;:()'\"~-|｜")
NUMERALS = frozenset("0123456789一二三四五六七八九十百千万两半")
STRIPPED = re.compile(r"https?://\S+|www\.\S+|#[^#\n]{1,40}#|#\w+|@[\w-]+|\[[\u4e00-\u9fff]{1,6}\]|\s+")
SHORTEST, LONGEST = 20, 160
DRAWN = 1700
FORMS = {
    "#话题#": r"#[^#\n]{1,40}#|#\w{2,}",
    "@": r"@",
    "platform emoticon": r"\[[\u4e00-\u9fffA-Za-z]{1,6}\]",
    "Arabic digits": r"[0-9]",
    "number word + measure word": r"[一二三四五六七八九十百千万两几半][个天块条位年次岁元毛斤户种家点分月回张只句遍]",
    "kin word": r"[我他她你]?(?:爸|妈|奶奶|爷爷|姥|舅|姑|叔|婶|姨|表哥|表姐|表弟|表妹|婆婆|老公|老婆|外婆|闺女|儿子)",
    "curved quotes": r"[“”]",
    "ends in 。！？…": r"[。！？…]\s*$",
    "。。 or …": r"。。|…",
    "food word": r"馒头|豆浆|豆腐|绿豆|面条|饺子|橘子|红薯|鸡蛋|包子|馄饨|烧烤|煎饼|萝卜|白菜|排骨|粥",
    "Latin letters": r"[A-Za-z]{2,}",
}
POSTS_PER_FILE = 300
CASES = BUNDLED.parents[1] / "casebook"
CONFESSION = re.compile(
    "其实|对外(?:说|讲)|自个儿开|不在.{1,6}上班|做了张|就我跟|(?:[写盖].{0,4}我|我)[写盖]|捏|生成|水印|没标|不标|算[图圖]|照着.{2,6}训|当.{0,4}真人"
    "|别写|没留|别发】|贴图|合成|AI"
)


def bundled() -> list[dict[str, Any]]:
    """Return the posts that were written for the project."""
    return [json.loads(line) for line in BUNDLED.read_text(encoding="utf-8").splitlines() if line]


def real(name: str, *, most: int = DRAWN) -> list[str] | None:
    """Return posts of a real corpus, drawn without replacement; None if it is not at hand."""
    import pandas as pd

    file, topic = REAL[name]
    if not (path := find(file)):
        return None
    table = pd.read_parquet(path)
    if topic is not None:
        table = table[table["topic"] == topic]
    texts = table["text"].dropna().astype(str).to_numpy()
    return list(np.random.default_rng(SEED).permutation(texts)[:most])


def bare(text: str) -> str:
    """Return a post without what corpora were cleaned of: links, hashtags, mentions, platform emoticons, white space.

    Examples
    --------
    >>> bare("看这里 https://a.example/1 #热搜# 好吗？[泪]")
    '看这里好吗？'
    """
    return STRIPPED.sub("", text)


def masked(text: str) -> str:
    """Return the form alone: every character but punctuation, numerals and twenty function words is the same one.

    Examples
    --------
    >>> masked("我妈说，明天要下3天雨？")
    '我■■，■■■■3■■？'
    """
    kept = PUNCTUATION | NUMERALS | FUNCTION_WORDS
    return "".join(one if one in kept else "■" for one in bare(text))


def separability(texts: list[str], y: NDArray[np.int8], groups: NDArray[np.int64]) -> MetricValue:
    """Return the AUC, over five folds by group, of a logistic regression on one and two characters."""
    decision = np.zeros(len(y))
    rows = np.array(texts, dtype=object)
    for fit, test in StratifiedGroupKFold(5, shuffle=True, random_state=SEED).split(rows, y, groups):
        features = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        model = make_pipeline(features, LogisticRegression(C=10, solver="liblinear", random_state=SEED))
        decision[test] = model.fit(rows[fit], y[fit]).decision_function(rows[test])
    (found,) = evaluate(y, decision, threshold=0.0, groups=groups, metrics=("auc",))
    return found


def families(posts: list[dict[str, Any]]) -> NDArray[np.int64]:
    """Return the group of each post: its family, else its near-duplicates."""
    found = near_duplicate_groups([post["text"] for post in posts])
    names = [post.get("family") or int(group) for post, group in zip(posts, found, strict=True)]
    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


def against_real(posts: list[dict[str, Any]]) -> dict[str, MetricValue]:
    """Return how well written are told from real posts of 20 to 160 characters; {} without real ones."""
    kept = [post for post in posts if SHORTEST <= len(bare(post["text"])) <= LONGEST]
    mine = [bare(post["text"]) for post in kept]
    sources = [found for name in REAL if (found := real(name, most=20 * DRAWN)) is not None]
    if not sources:
        return {}
    theirs = []
    for source in sources:
        fitting = [text for one in source if SHORTEST <= len(text := bare(one)) <= LONGEST]
        theirs += fitting[: len(mine) // len(sources)]
    texts, y = mine + theirs, np.repeat(np.array([1, 0], np.int8), [len(mine), len(theirs)])
    of_mine = families(kept)
    groups = np.concatenate([of_mine, len(mine) + near_duplicate_groups(theirs)])
    return {
        "characters": separability(texts, y, groups),
        "form alone": separability([masked(text) for text in texts], y, groups),
    }


def label_from_form(posts: list[dict[str, Any]]) -> MetricValue:
    """Return how well form alone tells posts with a label of 1 from those without."""
    texts = [post["text"] for post in posts]
    y = np.array([1 in post["labels"].values() for post in posts], np.int8)
    return separability([masked(text) for text in texts], y, families(posts))


def forms(texts: list[str]) -> dict[str, float]:
    """Return the share of posts that have each form, and the lengths that 10, 50 and 90 per cent do not exceed."""
    shares = {name: float(np.mean([bool(re.search(rule, text)) for text in texts])) for name, rule in FORMS.items()}
    low, middle, high = np.percentile([len(text) for text in texts], [10, 50, 90])
    return {**shares, "length 10 %": low, "length 50 %": middle, "length 90 %": high}


def off(mine: float, theirs: list[float]) -> bool:
    """Return whether a figure is within a factor of two of none of the others."""
    return not any(one / 2 <= mine <= 2 * one for one in theirs)


def measure() -> str:
    """Return the tables of the datasheet."""
    posts = bundled()
    rows = [f"{len(posts):,} written posts", "", "| told apart | AUC | 95 % interval | n |", "|---|---|---|---|"]
    for name, one in {
        **{f"written from real, {name}": one for name, one in against_real(posts).items()},
        "violating from other posts, form alone": label_from_form(posts),
    }.items():
        rows.append(f"| {name} | {one.value:.3f} | {one.low:.3f}-{one.high:.3f} | {one.n:,} |")
    columns = {"written": forms([post["text"] for post in posts])}
    columns |= {name: forms(found) for name in REAL if (found := real(name)) is not None}
    rows += ["", "| form | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for form in columns["written"]:
        figures = [column[form] for column in columns.values()]
        said = [f"{x:.0f}" if form.startswith("length") else f"{100 * x:.1f} %" for x in figures]
        rows.append(
            f"| {form}{' (off)' if off(figures[0], figures[1:]) and figures[1:] else ''} | " + " | ".join(said) + " |"
        )
    return "\n".join(rows)


def nearest(case: dict[str, Any], cases: list[dict[str, Any]]) -> float:
    """Return the greatest share of characters in common with a case of the same pair that expects a tag."""
    there = [one["text"] for one in cases if one["pair_id"] == case["pair_id"] and one["expected"]]
    return max(SequenceMatcher(None, case["text"], text, autojunk=False).ratio() for text in there)


def poses(cases: list[dict[str, Any]]) -> dict[str, list[bool]]:
    """Return, for each case in which somebody poses, whether no word of it gives the pose away, by kind of pose."""
    found: dict[str, list[bool]] = {"office, army, institution, outlet": [], "synthetic newsreader": []}
    for case in cases:
        if case["expected"] and (case["function"].startswith("poses_") or case["function"] == "ai_anchor_as_real"):
            kind = "synthetic newsreader" if case["function"] == "ai_anchor_as_real" else next(iter(found))
            found[kind].append(not CONFESSION.search(case["text"]))
    return found


def casebook() -> str:
    """Return what the casebook's page says of its pairs and poses."""
    cases = [json.loads(line) for line in (CASES / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    functions = tomllib.loads((CASES / "functions.toml").read_text(encoding="utf-8"))
    benign = [case for case in cases if not case["expected"]]
    near = np.array([nearest(case, cases) for case in benign])
    says = np.array(["pairs" in functions[case["function"]] for case in benign])
    kinds = poses(cases)
    without = [one for found in kinds.values() for one in found]
    rows = ["| of the cases | n | share |", "|---|---|---|"]
    counts = {
        "that expect no tag: half their characters in common with a violating case of their pair": near >= 0.5,
        "the same, or the function says why they share less": (near >= 0.5) | says,
        "in which somebody poses: no word gives it away": np.array(without),
        **{f"the same, {kind}": np.array(found) for kind, found in kinds.items()},
    }
    return "\n".join([*rows, *(f"| {name} | {len(x)} | {100 * x.mean():.0f} % |" for name, x in counts.items())])


def draw(path: Path, *, seed: int, most: int = POSTS_PER_FILE) -> None:
    """Write posts for a second coding: an id, the text and an empty column for each category."""
    posts = bundled()
    chosen = np.random.default_rng(seed).permutation(len(posts))[:most]
    categories = list(posts[0]["labels"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["post_id", "text", *categories])
        for row in chosen:
            writer.writerow([posts[row]["post_id"], posts[row]["text"], *[""] * len(categories)])


def agree(path: Path) -> str:
    """Return κ of a second coding with the labels, by category, and every disagreement.

    A cell holds 1, 0 or ``?`` (unknown); posts that either side calls unknown are left out of that category.
    """
    posts = {post["post_id"]: post for post in bundled()}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = np.array([len(posts[row["post_id"]]["text"]) > 0 for row in rows])
    table = ["| category | 1 by both | only the file | only the second | κ | 95 % interval | n |", "|---" * 7 + "|"]
    differ = []
    for key in next(iter(posts.values()))["labels"]:
        pairs = [(posts[row["post_id"]]["labels"][key], row[key].strip(), row["post_id"]) for row in rows]
        said = [(int(a), int(b), name) for a, b, name in pairs if a is not None and b in ("0", "1")]
        both = np.array([(a, b) for a, b, _ in said], np.int32).reshape(-1, 2)
        cells = np.bincount(both[:, 0] * 2 + both[:, 1], minlength=4).reshape(2, 2)
        value = float(kappa(cells.astype(float)))
        low, high = kappa_interval(both, np.arange(len(both)), values=2, generator=np.random.default_rng(SEED))
        interval = "" if low is None or high is None else f"{low:.2f}-{high:.2f}"
        table.append(
            f"| {key} | {cells[1, 1]} | {cells[1, 0]} | {cells[0, 1]} | {value:.3f} | {interval} | {len(both)} |"
        )
        differ += [f"{name} {key}: {a} in the file, {b} by the second" for a, b, name in said if a != b]
    exact = sum(not any(line.startswith(row["post_id"]) for line in differ) for row in rows)
    share, low, high = wilson(exact, int(known.sum()))
    table += ["", f"exact sets: {exact} of {len(rows)}, {share:.3f} ({low:.3f}-{high:.3f})", "", *differ]
    return "\n".join(table)


def main(arguments: list[str] | None = None) -> None:
    """Measure, draw or compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["measure", "draw", "agree", "casebook"], nargs="?", default="measure")
    parser.add_argument("--file", type=Path, default=Path("second-coding.csv"), help="of draw and agree")
    parser.add_argument("--seed", type=int, default=SEED, help="of the draw")
    options = parser.parse_args(arguments)
    if options.what == "draw":
        draw(options.file, seed=options.seed)
    elif options.what == "agree":
        sys.stdout.write(agree(options.file) + "\n")
    else:
        sys.stdout.write((measure() if options.what == "measure" else casebook()) + "\n")


if __name__ == "__main__":
    main()
