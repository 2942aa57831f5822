"""The registered model: a script that MLflow keeps beside a bundle, so that others can score with it.

Promises: loads the bundle with koudai's own loader, which checks every hash and executes nothing; predicts what
``koudai score`` writes, column for column; a missing post counts as an empty one, on which the model abstains. This
file is logged as code; nothing is pickled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score


class AllegedTagger(PythonModel):  # type: ignore[misc]
    """Scores frames with the columns ``post_id`` and ``text``."""

    def load_context(self, context: Any) -> None:
        """Load the bundle that was logged with this script."""
        self.model = load_bundle(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per post: ``post_id``, ``p_<category>``, ``alleged``, ``abstained``, ``reason``,
        ``hazards``.
        """
        ids = [str(post_id) for post_id in model_input["post_id"]]
        column = model_input["text"]
        texts = ["" if missing else str(text) for text, missing in zip(column, column.isna(), strict=True)]
        return score(self.model, ids, texts).to_table().to_pandas()


mlflow.models.set_model(AllegedTagger())
