#!/usr/bin/env bash
# mlflow 3.17.2: a relative address of an SQLite store goes on meaning the file of the folder where it was used first.
#
# Expected: after os.chdir, sqlite:///mlflow.db is the file of the new folder, as for a process that starts there; or the
# address is made absolute when it is set, and is shown as such.
# Seen: set_tracking_uri with the same address after os.chdir says nothing and shows the relative address; the runs of the
# second study are written into the database of the first, since stores are kept by address with their open connections, and
# the second folder gets no file. A notebook or a batch of studies that enters one folder after the other mixes their runs.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check mlflow==3.17.2
cd "$folder"
MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true venv/bin/python - 2>/dev/null <<'PYTHON'
import os
from pathlib import Path

import mlflow

folder = Path.cwd()
found = {}
for study in ("study-1", "study-2"):
    (folder / study).mkdir()
    os.chdir(folder / study)
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.create_experiment(study)
    found[study] = sorted(one.name for one in mlflow.search_experiments())
files = sorted(str(path.relative_to(folder)) for path in folder.glob("study-*/mlflow.db"))
print("mlflow", mlflow.__version__)
print("experiments seen from each folder:", found)
print("databases:", files)
assert found["study-2"] == ["Default", "study-1", "study-2"]
assert files == ["study-1/mlflow.db"]
PYTHON
