"""The registered model: a script that MLflow keeps beside a bundle, so that others can score with it.

Promises: loads the bundle with koudai's own loader, which checks every hash and executes nothing; predicts what
``koudai score`` writes, column for column, with null where there is no probability; a missing post counts as an empty
one, on which the model abstains. A frame with a row that ``koudai score`` would quarantine is refused as a whole, so
that no tag ever stands beside an id that was rounded on its way. This file is logged as code; nothing is pickled.
"""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModel

from koudai.config.source import Columns
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.posts import what_is_wrong
from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score

_COLUMNS = Columns(id="post_id", text="text")
_EXACT = 2**53
_NONE = ("None", "nan", "<NA>")
"""What MLflow and pandas make of a missing id when they turn a column into text."""
_SHOWN = 5


class AllegedTagger(PythonModel):  # type: ignore[misc]
    """Scores frames with the columns ``post_id`` and ``text``."""

    def load_context(self, context: Any) -> None:
        """Load the bundle that was logged with this script."""
        self.model = load_bundle(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per post: ``post_id``, ``p_<category>``, ``alleged``, ``abstained``, ``reason``,
        ``hazards``.
        """
        columns = [list(model_input[name]) for name in ("post_id", "text")]
        if all(len(cells) == 1 and isinstance(cells[0], list) for cells in columns):
            columns = [cells[0] for cells in columns]  # MLflow takes a table of text alone for one row of lists
            if len(columns[0]) != len(columns[1]):
                message = f"there are {len(columns[0]):,} ids and {len(columns[1]):,} texts, and none was scored"
                raise MlflowException.invalid_parameter_value(message)
        ids = [_id(cell) for cell in columns[0]]
        texts = ["" if _missing(cell) else cell for cell in columns[1]]
        wrong = [
            f"row {number}: {found[0]}, {found[1]}"
            for number, (post_id, text) in enumerate(zip(ids, texts, strict=True), 1)
            if (found := what_is_wrong(Row(number, {"post_id": post_id, "text": text}), _COLUMNS))
        ]
        if wrong:
            shown = [*wrong[:_SHOWN], *[f"and {len(wrong) - _SHOWN:,} more"] * (len(wrong) > _SHOWN)]
            message = (
                f"{len(wrong):,} of {len(ids):,} rows are no posts, and none was scored: {'; '.join(shown)}. An id is "
                "text, or a whole number that is exact; beside a missing one JSON and pandas make it neither."
            )
            raise MlflowException.invalid_parameter_value(message)
        found = score(self.model, ids, texts).to_table().to_pandas()
        return found.astype({name: "Float32" for name in found.columns if name.startswith("p_")})


def _missing(cell: Any) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell)


def _id(cell: Any) -> Any:
    """Return an id as text: a whole number if it is exact, None for what stands for no id, else what it is."""
    if _missing(cell) or (isinstance(cell, str) and cell in _NONE):
        return None
    if isinstance(cell, Integral) and not isinstance(cell, bool):
        return str(int(cell))
    return str(int(cell)) if isinstance(cell, float) and abs(cell) <= _EXACT and cell == int(cell) else cell


mlflow.models.set_model(AllegedTagger())
