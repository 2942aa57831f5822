"""Repair: what is missing or damaged in the folder of a job is made anew, by its own plan.

Promises: the same work as the command that began the job, with what ``job.json`` says it began with; a job whose model
or inputs are gone or have changed is refused, and nothing in it is touched.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from koudai.errors import UsageError
from koudai.model.bundle.bundle import load_bundle
from koudai.progress import Progress
from koudai.scoring.job import run
from koudai.scoring.plan import Input, read_job, require_same
from koudai.scoring.totals import Totals


def repair(folder: Path, *, bundle: Path | None, allow_drift: bool, progress: Progress) -> Totals:
    """Do what is left of a job.

    Parameters
    ----------
    folder
        Of the job.
    bundle
        Its model; by default the one that lies where it lay when the job began.
    allow_drift
        As for `koudai.model.bundle.bundle.load_bundle`.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If `bundle` is None and the job does not say where its model lay.
    PlanMismatch
        If the model or an input is not what the job began with.
    """
    file = read_job(folder)
    plan, place = file.plan, bundle or file.bundle
    if place is None:
        raise UsageError(
            what="this job does not say where its model lies",
            where=folder,
            todo="give the bundle as `model`",
        )
    model = load_bundle(place, allow_drift=allow_drift)
    now = replace(plan, inputs=tuple(Input.at(one.location) for one in plan.inputs))
    require_same(plan, now, folder)
    return run(plan, model, folder, bundle=place, progress=progress)
