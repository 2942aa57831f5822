"""Trials of a search in MLflow: each is a finished run nested in the run of the bundle.

Promises: a trial is one run, however often it is sent; an interrupted one is completed.
"""

from __future__ import annotations

from typing import Any

TRIAL = "koudai.trial"
_PARENT, _NAME = "mlflow.parentRunId", "mlflow.runName"
_PAGE = 1000


def log_trials(client: Any, parent: Any, events: list[dict[str, Any]]) -> None:
    """Log trials as runs nested in the run `parent` (MLflow's ``RunInfo``); finished ones are not changed.

    Parameters
    ----------
    client
        A ``MlflowClient``.
    parent
        The run of the bundle.
    events
        Events of kind ``trial``; see `koudai.training.tracking.events`.
    """
    if not events:
        return
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.utils.time import get_current_time_millis

    known = _known(client, parent)
    for event in events:
        number = str(event["number"])
        run_id, finished = known.get(number, (None, False))
        if finished:
            continue
        if run_id is None:
            tags = {_PARENT: parent.run_id, TRIAL: number, _NAME: f"{parent.run_name}: trial {number}"}
            run_id = client.create_run(parent.experiment_id, tags=tags).info.run_id
        now = get_current_time_millis()
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in event["metrics"].items()],
            params=[Param(name, value) for name, value in event["parameters"].items()],
            tags=[RunTag(name, value) for name, value in event["tags"].items()],
        )
        client.set_terminated(run_id, "FAILED" if event["tags"] else "FINISHED")


def _known(client: Any, parent: Any) -> dict[str, tuple[str, bool]]:
    """Return the runs in `parent` by trial number, and whether each is finished."""
    found, token = {}, None
    while True:
        page = client.search_runs(
            [parent.experiment_id],
            filter_string=f"tags.`{_PARENT}` = '{parent.run_id}'",
            max_results=_PAGE,
            page_token=token,
        )
        for run in page:
            if TRIAL in run.data.tags:
                found[run.data.tags[TRIAL]] = (str(run.info.run_id), run.info.status in ("FINISHED", "FAILED"))
        token = page.token
        if not token:
            return found
