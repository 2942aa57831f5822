"""The model card: what a bundle is for, what it is not for, what it was fitted and tested on, with n and intervals.

Promises: written from the run's own figures; every category says on what it was validated; the unflattering figure
(posts unlike any the model was fitted on) stands beside the flattering one.

Source: Mitchell et al. 2019, "Model cards for model reporting".
"""

from __future__ import annotations

from typing import Any

from pipeline.model.model import Model

MEANING = {
    "real": "real posts labelled for this very thing",
    "proxy": "real posts labelled for something near it, not for it",
    "written": "posts written for a project only; never validated on real posts",
    "none": "nothing: its test side is empty",
}


FIGURES = (
    "category",
    "validated on",
    "fitted on 1 / 0",
    "n test (1 / 0)",
    "F1",
    "F1 unseen",
    "average precision",
    "ECE",
    "silent",
)
CORPORA = ("corpus", "kind", "posts", "digest", "licence", "citation")


def model_card(model: Model, evaluation: dict[str, Any]) -> str:
    """Return the card of a model as Markdown."""
    split, categories = evaluation["split"], evaluation["categories"]
    used = {entry["validated_on"] for entry in categories.values()}
    fitted = model.config.get("model", {})
    blocks = ", ".join(f"{block.kind} {block.ngrams[0]}-{block.ngrams[1]}" for block in model.blocks)
    figures = [
        [
            key,
            f"**{entry['validated_on']}**",
            _sum(entry["fit_rows"]),
            f"{_figure(entry['all'], 'f1')['n']} ({_sum(entry['test_rows'])})",
            _shown(entry["all"], "f1"),
            _shown(entry["unseen"], "f1"),
            _shown(entry["all"], "average_precision"),
            _shown(entry["all"], "ece"),
            str(entry["abstained"]),
        ]
        for key, entry in categories.items()
    ]
    corpora = [
        [name, entry["kind"], str(entry["rows"]), entry["digest"], entry["licence"] or "-", entry["citation"] or "-"]
        for name, entry in evaluation["corpora"].items()
    ]
    return f"""# Model card: {model.name}

Tags Chinese posts by *alleged* violation type, taxonomy `{model.taxonomy.name}` ({model.taxonomy.digest}).
Source of the categories: {model.taxonomy.source}.

**For** measuring how vague these categories are when they meet real content: audits, research, transparency.
**Not for** removing, reporting, ranking or profiling posts or people. A tag is an allegation by a statistical
model about words, never a finding that a post is unlawful, false or harmful.

## On what each category was validated

Figures on the test side; *unseen* leaves out posts of which a near-duplicate was fitted on.

{_table(FIGURES, figures)}

{chr(10).join(f"- **{name}**: {MEANING[name]}." for name in MEANING if name in used)}

Intervals are 95 % by bootstrap over near-duplicate groups. *Silent*: test posts within {model.abstain / 2:.2f} of a
threshold, or without a known term, on which the model abstains.

## Data

{split["fit"]} posts fitted on, {split["test"]} tested on, {split["unused"]} unused; {split["leaked"]} test posts have
a near-duplicate on the fitted side. {evaluation["quarantined"]} rows quarantined, {evaluation["dropped"]} left out by
config.

{_table(CORPORA, corpora)}

## How it works

{fitted.get("classifier")} {fitted.get("params") or ""} on {model.n_features:,} TF-IDF features ({blocks}),
normalisation {", ".join(model.normalizer.steps)}, seed {evaluation["seed"]}.

## What it cannot know

Who wrote a post, whether its claim is true, whether its author is qualified. It sees words. Criticism, complaint
and petition that use the words of a category can be tagged; the audit's casebook shows how often.
"""


def _table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(header), ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _figure(figures: list[dict[str, Any]], metric: str) -> dict[str, Any]:
    return next(item for item in figures if item["metric"] == metric)


def _shown(figures: list[dict[str, Any]], metric: str) -> str:
    found = _figure(figures, metric)
    if found["value"] is None:
        return "-"
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _sum(rows: dict[str, list[int]]) -> str:
    return f"{sum(ones for ones, _ in rows.values())} / {sum(zeros for _, zeros in rows.values())}"
