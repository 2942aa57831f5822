"""A fitted scikit-learn pipeline into a bundle.

Promises: nothing is pickled and nothing fitted; a pipeline that cannot be carried is refused before anything is
written. How good the model is, nobody measured here, and its card says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from koudai.api.models import load_model
from koudai.api.surroundings import AnyPath
from koudai.api.trained_model import TrainedModel
from koudai.config.places import bundled, find_taxonomy
from koudai.taxonomy import Taxonomy, load_taxonomy


def from_sklearn(
    pipeline: Any,
    *,
    taxonomy: str | AnyPath | Taxonomy,
    out: AnyPath,
    categories: Sequence[str] | None = None,
    name: str = "scikit-learn",
) -> TrainedModel:
    """Write a fitted pipeline of scikit-learn's as a bundle, and load it.

    Parameters
    ----------
    pipeline
        A `Pipeline` of a vectoriser (jieba's words, characters, or a union of both) and a linear classifier.
    taxonomy
        Whose categories the classes are: the name of one that comes with koudai, a file, or a taxonomy.
    out
        Folder of the bundle; must not exist or be empty.
    categories
        The category of each class, in the order of the classifier's ``classes_``; of two classes that of the second
        alone. By default classes are called as the categories are.
    name
        Of the model.

    Returns
    -------
    TrainedModel
        With the probabilities of the pipeline, to 1e-6, for every post that has a term it knows.

    Raises
    ------
    UsageError
        If a part of the pipeline cannot be carried: says which.
    TaxonomyMismatch
        If a class is no category.
    OutputExists, StorageError
        If the folder is not empty or cannot be written.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from koudai import JiebaTfidfVectorizer, from_sklearn
    >>> pipeline = make_pipeline(JiebaTfidfVectorizer(), LogisticRegression()).fit(["停水了", "天气好"], [1, 0])
    >>> model = from_sklearn(pipeline, taxonomy="cac-2023", categories=["rumour"], out="brought-in")
    >>> bool(abs(model.predict(["停水"]).p_rumour[0] - pipeline.predict_proba(["停水"])[0, 1]) < 1e-6)
    True
    """
    from koudai.model.bundle.bundle import save_bundle
    from koudai.model.pipelines.brought_in import card_of, evaluation_of
    from koudai.model.pipelines.pipeline import model_of

    if not isinstance(taxonomy, Taxonomy):
        path = Path(taxonomy)
        taxonomy = load_taxonomy(path) if path.suffix else find_taxonomy(str(taxonomy), configs=bundled("configs"))
    model = model_of(pipeline, taxonomy=taxonomy, categories=categories, name=name)
    save_bundle(model, Path(out), card=card_of(model), evaluation=evaluation_of(model))
    return load_model(out)
