"""The model card: intended use, data, figures with n and intervals, and limits of a model.

Promises: written from the run's own figures, with "not measured" where there is none; every category states what it was
validated on; F1 on posts without a near-duplicate among those fitted on stands beside F1 on all test posts; text from
outside, such as a corpus's title, is escaped and never interpreted as Markdown or HTML.

Source: Mitchell et al. 2019, "Model cards for model reporting".
"""

from __future__ import annotations

from koudai import __version__
from koudai.model.bundle.card_sections import data, details
from koudai.model.bundle.markdown import markdown_table, plain, with_interval
from koudai.model.evaluation import Evaluation, MetricValue
from koudai.model.model import Model

MEANING = {
    "real": "real posts labelled for this very thing",
    "proxy": "real posts labelled for something near it, not for it",
    "written": "posts written for a project only; never validated on real posts",
    "none": "nothing: the test side has no posts in it that stand for it, or none out of it",
}
FIGURES = (
    "category",
    "validated on",
    "fitted on 1 / 0",
    "n test (1 / 0)",
    "precision",
    "recall",
    "F1",
    "F1 unseen",
    "average precision",
    "ECE (home only)",
    "calibration error (home only)",
    "silent",
)
BY_CORPUS = ("category", "tested on", "figure", "value", "n")
TRANSFER = ("category", "fitted on", "tested on", "figure", "value", "n")
FAILURES = ("what the cases test", "passed", "n")
WORST = 10


def model_card(model: Model, evaluation: Evaluation) -> str:
    """Return the card of a model as Markdown.

    Parameters
    ----------
    model
        The model.
    evaluation
        Its evaluation.
    """
    return f"""# Model card: {model.name}

Tags Chinese posts by *alleged* violation type, taxonomy {plain(model.taxonomy.name)} ({model.taxonomy.digest}).
Source of the categories: {plain(model.taxonomy.source)}

## Intended use

**For** measuring how vague these categories are when they meet real content: audits, research, transparency.

**Not for** removing, reporting, ranking or profiling posts or people. A tag is an allegation by a statistical
model about words, never a finding that a post is unlawful, false or harmful.

## On what each category was validated

{_validation(model, evaluation)}

## Data

{data(evaluation, timezone=model.config.get("run", {}).get("timezone", ""))}

## Transfer

{_transfer(evaluation)}

## Known failures

{_failures(evaluation)}

It cannot know who wrote a post, whether its claim is true, whether its author is qualified. It sees words, and so may
tag criticism, complaint and petition that use the words of a category.

## How it works

{_workings(model, evaluation)}

## How to cite

koudai {__version__}, model {model.name}, with the digest that `koudai inspect` prints of this bundle; and every corpus
above that it was fitted or tested on, as its citation says.
"""


def _validation(model: Model, evaluation: Evaluation) -> str:
    categories, split = evaluation.categories, evaluation.split
    used = {entry.validated_on for entry in categories.values()}
    rows = [
        [
            key,
            f"**{entry.validated_on}**",
            _sum(entry.fit_rows),
            f"{entry.figure('f1').n:,} ({_sum(entry.test_rows)})",
            *(with_interval(entry.figure(metric)) for metric in ("precision", "recall", "f1")),
            _with_n(entry.figure("f1", unseen=True)),
            *(with_interval(entry.figure(metric)) for metric in ("average_precision", "ece")),
            next((with_interval(one) for one in entry.all if one.metric == "calibration_error"), "-"),
            f"{entry.abstained:,}",
        ]
        for key, entry in categories.items()
    ]
    leak = (
        f"{split.leaked:,} of {split.test:,} test posts have a near-duplicate among those fitted on; *unseen* "
        "leaves them out."
        if split.leaked
        else "No test post has a near-duplicate among those fitted on, so *unseen* is the same as all."
    )
    if model.sets is not None:
        silent = "no category is alleged and one has a conformal set of both answers, of none, or against its threshold"
    elif model.taxonomy.exclusive:
        silent = f"the most probable category leads the next by less than {model.abstain:.3f}"
    else:
        silent = f"no category is alleged and one lies within {model.abstain / 2:.3f} of its threshold"
    return f"""Figures on the test side. {leak}

{markdown_table(FIGURES, rows)}
{_classes(evaluation)}
{chr(10).join(f"- **{name}**: {meaning}." for name, meaning in MEANING.items() if name in used)}

*Home only*: probabilities were calibrated on posts like those fitted on; of others the figure says nothing, and
`koudai score` says when it meets them.

Intervals are 95 %, near-duplicates counting as one post; a dash is a figure that is not defined on these posts.
*Silent*: test posts on which the model abstains, because they have no known term, or {silent};
every figure counts them.{_by_corpus(evaluation)}{details(evaluation)}"""


def _by_corpus(evaluation: Evaluation) -> str:
    tested: dict[str, set[str]] = {}
    for one in evaluation.by_corpus:
        tested.setdefault(one.category, set()).add(one.tested_on)
    rows = [
        [*map(plain, (one.category, one.tested_on, one.metric)), with_interval(one), f"{one.n:,}"]
        for one in evaluation.by_corpus
        if len(tested[one.category]) > 1
    ]
    if not rows:
        return ""
    return f"""

One figure over posts of several corpora also says how well the model tells the corpora apart. Of each by itself,
unseen posts only:

{markdown_table(BY_CORPUS, rows)}"""


def _classes(evaluation: Evaluation) -> str:
    classes = evaluation.classes
    if classes is None:
        return ""
    said = [
        f"{words} {with_interval(classes.figure(metric))}"
        for metric, words in (("accuracy", "accuracy"), ("macro_f1", "macro-F1 over classes"))
    ]
    unseen = _with_n(classes.figure("macro_f1", unseen=True))
    return f"\nThe most probable class of each post: {', '.join(said)}; *unseen* macro-F1 {unseen}.\n"


def _transfer(evaluation: Evaluation) -> str:
    if evaluation.transfer:
        cells = [
            [*map(plain, (one.category, one.fitted_on, one.tested_on, one.metric)), with_interval(one), f"{one.n:,}"]
            for one in evaluation.transfer
        ]
        table = markdown_table(TRANSFER, cells)
        return f"Fitted on one corpus, or on all but one, and tested on the unseen posts of one.\n\n{table}"
    foreign = [
        f"- {key}: {', '.join(plain(name) for name in new)}"
        for key, entry in evaluation.categories.items()
        if (new := [name for name in _with_rows(entry.test_rows) if name not in _with_rows(entry.fit_rows)])
    ]
    if foreign:
        return "Tested also on corpora that no post fitted on for the category came from:\n\n" + "\n".join(foreign)
    return """Not measured: no category was tested on a corpus that it was not fitted on. How the model does on posts
from elsewhere is unknown."""


def _failures(evaluation: Evaluation) -> str:
    found = evaluation.casebook
    if found is None:
        return "Not measured in this run; `koudai audit` with a casebook measures them."
    tried = [(one.value, one) for one in found.functions if one.value is not None]
    worst = sorted(tried, key=lambda pair: (pair[0], -pair[1].n))[:WORST]
    alarms = [
        f"- {one.category}: tags {with_interval(one)} of the cases that it should not (n = {one.n:,})"
        for one in found.false_alarms
        if one.value is not None
    ]
    cases = [[plain(one.title), with_interval(one), f"{one.n:,}"] for value, one in worst if value < 1]
    table = f"What it fails most often:\n\n{markdown_table(FAILURES, cases)}\n\n" if cases else ""
    return f"""Of {found.n:,} cases written for these categories, in pairs that differ in the one thing that decides,
it tags {with_interval(found)} as it should. They show what happens, not how often it happens out there.

{table}{chr(10).join(alarms)}"""


def _workings(model: Model, evaluation: Evaluation) -> str:
    fitted, decide = model.config.get("model", {}), model.config.get("decide", {})
    blocks = ", ".join(f"{block.kind} {block.ngrams[0]}-{block.ngrams[1]}" for block in model.blocks)
    params = ", ".join(f"{name} = {value}" for name, value in (fitted.get("params") or {}).items())
    calibrate, threshold = (plain(decide.get(name, "not recorded")) for name in ("calibrate", "threshold"))
    classifier = plain(fitted.get("classifier", "not recorded"))
    return f"""- classifier: {classifier}, {plain(params) or "default parameters"}
- features: {model.n_features:,} TF-IDF features of {blocks}{_words(model)}
- normalisation: {", ".join(model.normalizer.steps) or "none"}
- calibration: {calibrate}; thresholds: {threshold}
- seed: {evaluation.seed}{_search(evaluation)}"""


def _words(model: Model) -> str:
    own, left_out = len(model.segmenter.user_words), sum(len(block.stop_words) for block in model.blocks)
    if not own and not left_out:
        return ""
    return f"\n- words: {own:,} of a user dictionary besides jieba's, {left_out:,} stop words left out (`words.json`)"


def _search(evaluation: Evaluation) -> str:
    search = evaluation.search
    if search is None:
        return ""
    won = ", ".join(f"{name} = {value}" for name, value in search.settings.items()) or "those of the config"
    return f"""
- settings: the best of {search.trials:,} trials ({search.failed:,} failed) by {plain(search.metric)}, mean
  over categories, out of fold ({search.folds} folds) on the posts fitted on: {plain(won)}; it reached
  {search.value:.3f} there. The out-of-fold figure of a winner is optimistic, being the greatest of many. The figures
  above are of the test side, which the search did not see."""


def _with_n(found: MetricValue) -> str:
    return f"{with_interval(found)}, n = {found.n:,}"


def _with_rows(rows: dict[str, tuple[int, int]]) -> list[str]:
    return [name for name, (ones, zeros) in rows.items() if ones + zeros]


def _sum(rows: dict[str, tuple[int, int]]) -> str:
    return f"{sum(ones for ones, _ in rows.values()):,} / {sum(zeros for _, zeros in rows.values()):,}"
