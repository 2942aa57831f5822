"""scikit-learn's own tests of its text vectorisers, with `JiebaTfidfVectorizer` in the place of `TfidfVectorizer`.

They are read from the installed scikit-learn; nothing of them is copied. `theirs` gives the module.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import sklearn
from sklearn.feature_extraction import text

FILE = Path(sklearn.__file__).parent / "feature_extraction" / "tests" / "test_text.py"


def theirs(vectoriser: Any) -> ModuleType:
    """Return scikit-learn's module of tests, read anew with another class under the name `TfidfVectorizer`."""
    spec = importlib.util.spec_from_file_location("sklearn_test_text", FILE)
    if spec is None or spec.loader is None:
        raise ImportError(FILE)
    module, kept = importlib.util.module_from_spec(spec), text.TfidfVectorizer
    text.TfidfVectorizer = vectoriser
    sys.modules[spec.name] = module  # where pickle looks for its functions
    try:
        spec.loader.exec_module(module)
    finally:
        text.TfidfVectorizer = kept
    return module
