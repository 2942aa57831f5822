"""What a bundle says of a model that was brought in: no figures, and a card that says so.

Promises: nothing that was not measured has a figure. Knows nothing of scikit-learn.
"""

from __future__ import annotations

from koudai import __version__
from koudai.corpus.split import SplitSizes
from koudai.model.bundle.markdown import plain
from koudai.model.evaluation import CategoryEvaluation, Evaluation
from koudai.model.model import Model


def evaluation_of(model: Model) -> Evaluation:
    """Return the evaluation of a model of which nothing was measured."""
    thresholds = zip(model.categories, model.threshold.tolist(), strict=True)
    nothing = SplitSizes(0, 0, 0, 0, 0, None, {"groups": 0, "posts": 0}, {})
    categories = {key: CategoryEvaluation("none", value, {}, {}, 0, (), ()) for key, value in thresholds}
    return Evaluation(categories, {}, 0, 0, nothing, (), "", 0)


def card_of(model: Model) -> str:
    """Return the card of a model that was brought in, as Markdown."""
    blocks = ", ".join(f"{block.kind} {block.ngrams[0]}-{block.ngrams[1]}" for block in model.blocks)
    return f"""# Model card: {plain(model.name)}

Tags Chinese posts by *alleged* violation type, taxonomy {plain(model.taxonomy.name)} ({model.taxonomy.digest}).
Source of the categories: {plain(model.taxonomy.source)}

## Intended use

**For** measuring how vague these categories are when they meet real content: audits, research, transparency.

**Not for** removing, reporting, ranking or profiling posts or people. A tag is an allegation by a statistical
model about words, never a finding that a post is unlawful, false or harmful.

## On what each category was validated

**On nothing that koudai knows of.** The model was fitted elsewhere and brought in as it was: what it was fitted on, and
how good it is, stands nowhere in this bundle. Draw a sample and label it before any figure of it is believed.

## How it works

- classifier: scikit-learn's {plain(model.config["model"]["classifier"])}, categories {", ".join(model.categories)}
- features: {model.n_features:,} TF-IDF features of {blocks}
- normalisation: none
- a post without a term that the model knows is not tagged: the model abstains

## How to cite

koudai {__version__}, model {plain(model.name)}, with the digest that `koudai inspect` prints of this bundle.
"""
