"""Give remote tasks what their import does not carry: overlap, prediction with cluster, ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.links import Link, Shown, move_cursor, remember_state, show
from annotate.bridges.label_studio.projects import MODEL_VERSION
from annotate.bridges.label_studio.tasks import verdict_result
from annotate.labelling.ledger.holds import count_held
from annotate.labelling.verdicts import swap_verdict
from annotate.store import LinkedTask, Pair, Preference, Store, Task

BATCH = 100
FOR_ALL = 1_000_000  # a gold task is for everybody
DRESSED = "dressed"


@dataclass(frozen=True)
class Opinion:
    """Hold what the ledger thinks of a pair so far, in the stored order, and how sure it is."""

    verdict: str
    confidence: float


def dress(store: Store, client: LabelStudioClient, link: Link, seats: Sequence[int]) -> tuple[int, int]:
    """Dress the remote tasks that are not dressed yet; return how many predictions and ground truths went.

    What a remote task has already is not sent again: a push that was cut off can be repeated.
    """
    predictions = ground_truths = 0
    after = int(link.cursor.get(DRESSED, 0))
    version = str(link.cursor.get("model_version", MODEL_VERSION))
    while batch := _next(store, link, after):
        rows = {
            int(row["id"]): row
            for page in client.tasks(
                link.project,
                after_id=min(shown.remote_id for _, shown in batch) - 1,
                before_id=max(shown.remote_id for _, shown in batch) + 1,
                fields="id,overlap,annotations,was_cancelled,ground_truth,predictions,model_version",
            )
            for row in page
        }
        there = [(shown, rows[shown.remote_id]) for _, shown in batch if shown.remote_id in rows]
        predictions += _predict(store, client, link, there, version)
        ground_truths += _tell(store, client, link, there)
        _fit_overlaps(store, client, seats, there)
        after = batch[-1][0]
        move_cursor(store, link, **{DRESSED: after})
    _order_by(client, link, version)
    return predictions, ground_truths


def _order_by(client: LabelStudioClient, link: Link, version: str) -> None:
    """Let the server order tasks by these predictions; it refuses a version of which it has none."""
    project = client.project(link.project)
    if project.get("model_version") != version and project.get("total_predictions_number"):
        client.update_project(link.project, {"model_version": version})


def send_new_opinions(store: Store, client: LabelStudioClient, link: Link) -> int:
    """Send what the ledger thinks by now of all linked tasks as a new version, and order by it from now on.

    Returns the number of predictions.
    """
    number = int(str(link.cursor.get("model_version", MODEL_VERSION)).rpartition("-")[2]) + 1
    version = f"{MODEL_VERSION.rpartition('-')[0]}-{number}"
    sent = after = 0
    while batch := _next(store, link, after):
        there: list[tuple[Shown, dict[str, Any]]] = [(shown, {}) for _, shown in batch]
        sent += _predict(store, client, link, there, version)
        after = batch[-1][0]
    if sent:
        client.update_project(link.project, {"model_version": version})
        move_cursor(store, link, model_version=version)
    return sent


def counted(row: dict[str, Any]) -> int:
    """Return how many annotations of a remote task count towards its overlap."""
    return sum(
        not annotation.get("was_cancelled") and not annotation.get("ground_truth")
        for annotation in row.get("annotations") or ()
    )


def _next(store: Store, link: Link, after: int) -> list[tuple[int, Shown]]:
    query = (
        select(LinkedTask, Task, Pair)
        .join(Task, Task.id == LinkedTask.task_id)
        .join(Pair, Pair.id == Task.pair_id)
        .where(LinkedTask.linked_project_id == link.id, LinkedTask.id > after)
        .order_by(LinkedTask.id)
        .limit(BATCH)
    )
    with store.reading() as session:
        return [(linked.id, show(linked, task, pair)) for linked, task, pair in session.execute(query)]


def _predict(
    store: Store,
    client: LabelStudioClient,
    link: Link,
    there: Sequence[tuple[Shown, dict[str, Any]]],
    version: str,
) -> int:
    """Send predictions: in one request those without a cluster, which only a request of its own carries."""
    opinions = _opinions(store, [shown.pair.pair_id for shown, _ in there if shown.pool == "main"])
    wanted = []
    for shown, row in there:
        opinion = opinions.get(shown.pair.pair_id)
        has_one = any(known.get("model_version") == version for known in row.get("predictions") or ())
        if opinion is None or has_one:
            continue
        verdict = swap_verdict(opinion.verdict) if shown.swapped else opinion.verdict
        prediction = {
            "task": shown.remote_id,
            "model_version": version,
            "score": opinion.confidence,
            "result": verdict_result(verdict),
        }
        wanted.append(prediction if shown.cluster is None else prediction | {"cluster": shown.cluster})
    if plain := [prediction for prediction in wanted if "cluster" not in prediction]:
        client.import_predictions(link.project, plain)
    for prediction in wanted:
        if "cluster" in prediction:
            client.create_prediction(prediction)
    return len(wanted)


def _opinions(store: Store, pairs: Sequence[int]) -> dict[int, Opinion]:
    with store.reading() as session:
        rows = session.execute(
            select(Preference.pair_id, Preference.verdict, Preference.posterior).where(
                Preference.pair_id.in_(pairs)
            )
        )
        return {
            pair_id: Opinion(verdict, max(map(float, posterior.values()), default=0.0))
            for pair_id, verdict, posterior in rows
        }


def _tell(
    store: Store, client: LabelStudioClient, link: Link, there: Sequence[tuple[Shown, dict[str, Any]]]
) -> int:
    """Send the known verdicts of gold tasks as ground truth."""
    told = 0
    for shown, row in there:
        has_one = any(annotation.get("ground_truth") for annotation in row.get("annotations") or ())
        verdicts = shown.known.get("verdicts") or ()
        if shown.pool != "gold" or not verdicts or has_one:
            continue
        verdict = swap_verdict(verdicts[0]) if shown.swapped else verdicts[0]
        made = client.create_annotation(
            shown.remote_id, {"result": verdict_result(verdict), "ground_truth": True, "lead_time": 0}
        )
        remember_state(store, link.id, int(made["id"]), str(made["updated_at"]), None)
        told += 1
    return told


def _fit_overlaps(
    store: Store,
    client: LabelStudioClient,
    seats: Sequence[int],
    there: Sequence[tuple[Shown, dict[str, Any]]],
) -> None:
    """Let the server give a task to as many people as places are held for it."""
    held = count_held(store, [shown.task_id for shown, _ in there], seats)
    for shown, row in there:
        fits = FOR_ALL if shown.pool == "gold" else max(counted(row) + held.get(shown.task_id, 0), 1)
        if row.get("overlap") != fits:
            client.set_overlap(shown.remote_id, fits)
