#!/usr/bin/env bash
# scikit-learn 1.9.1: LinearSVC with a random_state gives other weights when another thread fits beside it.
#
# Expected: "Pass an int for reproducible output across multiple function calls", also under joblib's threads, as the
# fit releases the interpreter's lock.
# Seen: eight fits of the same data with random_state=1 in four threads come to eight different sets of weights, while
# alone they come to one. liblinear, as it is built in, draws the order of posts from one generator for the whole
# process, and every fit seeds it. SGDClassifier, LogisticRegression (lbfgs), RidgeClassifier and ComplementNB hold.
# It matters because GridSearchCV or OneVsRestClassifier under `parallel_config("threading")` then choose and fit other
# models from run to run, and nothing says so.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check scikit-learn==1.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import joblib
import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn.svm import LinearSVC

X = sp.random(2000, 60000, density=0.002, random_state=1, format="csr")
y = (np.asarray(X[:, :20].sum(axis=1)).ravel() + 0.05 * np.random.default_rng(0).random(2000) > 0.04).astype(int)


def fitted(_):
    return LinearSVC(random_state=1).fit(X, y).coef_.tobytes()


alone = {fitted(number) for number in range(3)}
with joblib.parallel_config("threading", n_jobs=4):
    beside = set(joblib.Parallel()(joblib.delayed(fitted)(number) for number in range(8)))
print("scikit-learn", sklearn.__version__)
print("different weights of the same fit, one after another:", len(alone))
print("different weights of the same fit, in four threads:  ", len(beside))
assert len(alone) == 1 < len(beside)
PYTHON
