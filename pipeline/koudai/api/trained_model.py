"""A fitted model to predict with: its folder, its figures, and what it says of posts in memory.

Promises: predictions are the rows that `koudai.api.score` writes; ids are taken exactly or not at all. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.surroundings import AnyPath
from koudai.errors import NotTracked, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from koudai.model.evaluation import Evaluation
    from koudai.model.explanation import Explanation
    from koudai.model.model import Model
    from koudai.training.search.search import SearchResult
    from koudai.training.tracking.runs import Tracked


@dataclass(frozen=True)
class TrainedModel:
    """A fitted model with its folder and its evaluation.

    Parameters
    ----------
    model
        The fitted model.
    bundle
        Its folder.
    evaluation
        Figures on the test posts.
    allow_drift
        Whether it was loaded although dictionary or Unicode data changed since.
    search
        Of `train` with a search: the trials.
    tracked
        Of `train`: the run in MLflow, or the error if MLflow could not be told; None if the config does not track.

    Examples
    --------
    >>> from koudai import load_model
    >>> model = load_model("model")
    >>> model.predict(["🎉"])["reason"].tolist()
    ['no-features']
    """

    model: Model
    bundle: Path
    evaluation: Evaluation
    allow_drift: bool = False
    search: SearchResult | None = None
    tracked: Tracked | NotTracked | None = None

    @property
    def digest(self) -> str:
        """The digest that scores, samples and reports name the model by."""
        return self.model.digest

    def __repr__(self) -> str:
        """Return name, digest and categories; the model itself is long."""
        return f"TrainedModel({self.model.name!r}, digest {self.digest}: {', '.join(self.model.categories)})"

    def _repr_html_(self) -> str:
        """Show the figures of each category with interval and n; notebooks call this."""
        from koudai.model.bundle.markdown import with_interval
        from koudai.text.html_table import html_table

        rows = []
        for key in self.model.categories:
            one = self.evaluation.categories[key]
            told = [with_interval(one.figure(name)) for name in ("f1", "macro_f1", "average_precision")]
            rows.append([key, self.model.validated_on[key], *told, one.figure("f1").n])
        header = ["alleged category", "validated on", "F1", "macro-F1", "average precision", "n"]
        return html_table(f"Model {self.model.name}", header, rows, notes=[f"{self.bundle}, digest {self.digest}"])

    def predict(
        self, texts: Sequence[str], *, ids: Sequence[str | int] | None = None, evidence: int = 0
    ) -> pd.DataFrame:
        """Score posts that are in memory.

        Parameters
        ----------
        texts
            Raw posts.
        ids
            One per post, text or whole numbers; by default they are numbered from 0. Floating-point numbers are
            refused: they have lost digits of long ids.
        evidence
            Number of terms of evidence per tag.

        Returns
        -------
        pandas.DataFrame
            A row for each post, in their order, with the columns that `score` writes: ``post_id``, ``p_<category>``,
            ``alleged``, ``abstained``, ``reason``, ``hazards``, and ``evidence`` if it was asked for.

        Raises
        ------
        UsageError
            If `texts` is one string, there are not as many ids, or one of them is neither text nor a whole number.
        """
        from koudai.model.evidence import check_terms
        from koudai.model.scorer import score as score_posts

        if isinstance(texts, str):
            raise UsageError(what="`texts` is one string", expected="a list of posts", todo="[text]")
        texts = list(texts)
        names = [exact_id(one) for one in (range(len(texts)) if ids is None else ids)]
        if len(names) != len(texts):
            raise UsageError(what="`ids` and `texts` differ in length", got=f"{len(names):,} and {len(texts):,}")
        check_terms(evidence)
        return score_posts(self.model, names, texts, terms=evidence).to_table().to_pandas()

    def to_sklearn(self) -> Any:
        """Return the model as a fitted `Pipeline` of scikit-learn: a `JiebaTfidfVectorizer` and a linear classifier.

        Its ``predict_proba`` gives, for every post that has a term it knows, what `predict` gives.
        """
        from koudai.model.pipelines.pipeline import pipeline_of

        return pipeline_of(self.model)

    def explain(self, text: str) -> Explanation:
        """Return what each term of one post adds to the log-odds of each category.

        Parameters
        ----------
        text
            The raw post.
        """
        from koudai.model.explanation import explanation_of

        return explanation_of(self.model, text)


def exact_id(given: object) -> str:
    """Return an id as text, if it is text or a whole number.

    Raises
    ------
    UsageError
        If it is anything else, such as a floating-point number.

    Examples
    --------
    >>> exact_id(4901234567890123456), exact_id("007")
    ('4901234567890123456', '007')
    """
    if isinstance(given, str):
        return given
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise UsageError(
            what="an id is neither text nor a whole number",
            got=f"{given!r} ({type(given).__name__})",
            expected="ids as they stand in the original, e.g. read with dtype=str",
        )
    return str(int(given))


AnyModel = TrainedModel | AnyPath
"""A model, or the folder of its bundle."""
