"""The registered model: a bundle logged with its script and koudai's code, as MLflow's generic Python model.

Promises: nothing is pickled; the signature names every column that ``koudai score`` writes; the requirements are what
the script imports, pinned to what runs here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from koudai.model.model import Model

CANDIDATE, CHAMPION = "candidate", "champion"
PYFUNC = Path(__file__).with_name("pyfunc.py")
REQUIREMENTS = ("jieba", "mlflow", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")


def log_model(mlflow: Any, bundle: Path, model: Model, name: str) -> tuple[str, str]:
    """Log `bundle`, from which `model` was loaded, to the active run and register it as a version of the model `name`;
    returns the version, and the id of what was logged.
    """
    from importlib.metadata import version

    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import Array

    texts = Array(DataType.string)
    outputs = [
        ColSpec(DataType.string, "post_id"),
        *(ColSpec(DataType.float, f"p_{key}") for key in model.categories),
        ColSpec(texts, "alleged"),
        ColSpec(DataType.boolean, "abstained"),
        ColSpec(DataType.string, "reason"),
        ColSpec(texts, "hazards"),
    ]
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(PYFUNC),
        artifacts={"bundle": str(bundle)},
        code_paths=[str(Path(__file__).parents[2])],
        signature=ModelSignature(
            inputs=Schema([ColSpec(DataType.string, "post_id"), ColSpec(DataType.string, "text")]),
            outputs=Schema(outputs),
        ),
        pip_requirements=[f"{needed}=={version(needed)}" for needed in REQUIREMENTS],
        registered_model_name=name,
    )
    return str(info.registered_model_version), str(info.model_id)
