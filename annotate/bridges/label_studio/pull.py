"""Reconcile the ledger with a project: what was annotated, changed, cancelled, deleted, or lost on the way.

The scan goes by ascending task id over the tasks that changed since the last scan, and stores its
place after each page: killed and started again it goes on there, and what it sees twice is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.dressing import FOR_ALL, counted
from annotate.bridges.label_studio.intake import Annotation, Intake
from annotate.bridges.label_studio.links import (
    Link,
    Shown,
    gold_among,
    linked_ids,
    moment_of,
    move_cursor,
    shown_tasks,
    unlink_tasks,
)
from annotate.bridges.label_studio.users import Users
from annotate.errors import BridgeError, LabellingError
from annotate.labelling.ledger.holds import extend_holds, hold, open_seats
from annotate.store import Store

PAGE = 100
MARGIN = timedelta(seconds=60)  # a change may become visible after one that was made later
SERVER_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"  # the only form that its filters take
Progress = Callable[[int, int], None]


@dataclass
class PullReport:
    """Count what became of the annotations that were seen, and say what the ledger refused."""

    recorded: int = 0
    amended: int = 0
    skipped: int = 0
    known: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    tasks_gone: int = 0
    leases_extended: int = 0
    refused: list[str] = field(default_factory=list)

    def add(self, outcomes: Counter[str]) -> None:
        """Add what `Intake.take_in` returned."""
        for outcome, count in outcomes.items():
            setattr(self, outcome, getattr(self, outcome) + count)


@dataclass
class Reconciliation:
    """Bring one project and the ledger together."""

    store: Store
    client: LabelStudioClient
    link: Link
    intake: Intake
    users: Users
    seats: Sequence[int]
    report: PullReport = field(default_factory=PullReport)

    @classmethod
    def of(cls, store: Store, client: LabelStudioClient, link: Link) -> Reconciliation:
        """Prepare the reconciliation of a linked project."""
        seats = open_seats(store, link.name, link.seats)
        people = dict(link.cursor.get("people", {}))
        intake = Intake(store, link, seats, int(link.cursor["guideline"]), people)
        return cls(store, client, link, intake, Users(client), seats)

    def run(self, *, full: bool = False, progress: Progress | None = None) -> PullReport:
        """Scan what changed since the last scan, or with `full` everything; return what was found."""
        scan = self._begin(full)
        done = 0
        for page in self.client.tasks(
            self.link.project, after_id=int(scan["after"]), since=str(scan["since"]), page_size=PAGE
        ):
            self.take_in_tasks(page)
            done += len(page)
            scan = {**scan, "after": int(page[-1]["id"])}
            self.link = move_cursor(self.store, self.link, scan=scan)
            if progress is not None:
                progress(done, done)
        self._forget_gone()
        tasks = list(linked_ids(self.store, self.link).values())
        self.report.leases_extended = extend_holds(self.store, self.seats, tasks)
        self.link = move_cursor(self.store, self.link, scan=None, since=scan["until"])
        return self.report

    def take_in_tasks(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take in the annotations of remote tasks, take back those deleted; pass over what is not ours."""
        shown = shown_tasks(self.store, self.link, [int(row["id"]) for row in rows])
        ours = [
            (shown[number], row)
            for row in rows
            if (number := int(row["id"])) in shown
            and (row.get("data") or {}).get("pair_id") == shown[number].pair.pair_id
        ]
        for one, row in ours:
            if self._take_in_task(one, row)["known"]:
                self.client.set_overlap(one.remote_id, FOR_ALL)
        self._keep_places(ours)

    def _begin(self, full: bool) -> dict[str, Any]:
        """Return the scan that was cut off, or a new one: it ends at what is the latest change now."""
        cut_off = self.link.cursor.get("scan")
        if cut_off and not (full and cut_off["since"]):
            return dict(cut_off)
        latest = self.client.latest_change(self.link.project)
        until = (moment_of(latest) - MARGIN).strftime(SERVER_TIME) if latest else ""
        since = "" if full else str(self.link.cursor.get("since", ""))
        scan = {"since": since, "until": until, "after": 0}
        self.link = move_cursor(self.store, self.link, scan=scan)
        return scan

    def _take_in_task(self, shown: Shown, row: dict[str, Any]) -> Counter[str]:
        annotations = row.get("annotations") or []
        there = {int(annotation["id"]) for annotation in annotations}
        gone = [number for number in self.intake.judged_here(shown.task_id) if number not in there]
        self.report.withdrawn += self.intake.take_back(gone)
        outcomes: Counter[str] = Counter()
        for annotation in annotations:
            try:
                read = Annotation.read(annotation, self.users)
                outcomes[self.intake.take_in(shown, read)] += 1
            except (BridgeError, LabellingError) as error:
                self.report.refused.append(f"task {shown.remote_id}: {error}")
        self.report.add(outcomes)
        return outcomes

    def _keep_places(self, ours: Sequence[tuple[Shown, dict[str, Any]]]) -> None:
        """Hold as many places as the server may still give out; with fewer free, let it give out fewer."""
        seats = self.link.seats
        gold = gold_among(self.store, [shown.task_id for shown, _ in ours])
        wanted = {
            shown.task_id: max(min(max(int(row["overlap"]), seats) - counted(row), seats), 0)
            for shown, row in ours
        }
        swapped = {shown.task_id: shown.swapped for shown, _ in ours}
        held = hold(self.store, wanted, self.seats, swapped)
        for shown, row in ours:
            fits = max(counted(row) + held[shown.task_id], 1)
            if shown.task_id not in gold and row["overlap"] != fits:
                self.client.set_overlap(shown.remote_id, fits)

    def _forget_gone(self) -> None:
        """Give back the places of tasks that were deleted on the server; their judgements stay."""
        listed = self.client.tasks(self.link.project, fields="id", page_size=5000)
        there = {int(row["id"]) for page in listed for row in page}
        self.forget(sorted(set(linked_ids(self.store, self.link)) - there))

    def forget(self, remote_ids: Sequence[int]) -> None:
        """Forget remote tasks that are gone and give their places back."""
        known = linked_ids(self.store, self.link)
        gone = [number for number in remote_ids if number in known]
        for at in range(0, len(gone), PAGE):
            batch = gone[at : at + PAGE]
            hold(self.store, {known[number]: 0 for number in batch}, self.seats, {})
            unlink_tasks(self.store, self.link, batch)  # last: cut off before, the next scan does it again
        self.report.tasks_gone += len(gone)
