"""The ledger against a model of it: any sequence of steps keeps its promises."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from annotate.errors import LabellingError, LeaseLost, NothingToLabel
from annotate.labelling import adopt_guidelines, amend, expire, release, renew, reserve, skip, submit
from annotate.labelling.verdicts import VERDICTS
from annotate.store import Assignment, Judgement, Task, now, open_store
from tests.annotate.conftest import Ledger, in_order

INSTRUCTIONS = Path(__file__).parents[3] / "instructions"
HELD = ("reserved", "submitted")


class LedgerMachine(RuleBasedStateMachine):
    """Two people and two machines work on three tasks; the model holds one state an assessor and task."""

    holdings = Bundle("holdings")

    @initialize(overlap=st.integers(1, 2))
    def start(self, overlap: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{self.folder.name}/ledger.db")
        self.ledger = Ledger(self.store, adopt_guidelines(self.store, INSTRUCTIONS))
        self.overlap = overlap
        self.tasks = [self.ledger.task_of(pair) for pair in self.ledger.tasks(3, overlap)]
        people = [self.ledger.person(name) for name in ("anna", "boris")]
        self.assessors = people + [self.ledger.machine(name) for name in ("m1", "m2")]
        self.state: dict[tuple[int, int], str] = {}
        self.said: dict[int, list[str]] = {}
        self.run_out: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.engine.dispose()
            self.folder.cleanup()

    def kind(self, assessor: int) -> str:
        return next(one.kind for one in self.assessors if one.id == assessor)

    def places(self, task: int, kind: str) -> int:
        return sum(
            state in HELD and self.kind(assessor) == kind
            for (assessor, other), state in self.state.items()
            if other == task
        )

    def end_leases(self) -> None:
        for key, state in self.state.items():
            if state == "reserved" and self.assignment.get(key) in self.run_out:
                self.state[key] = "expired"

    @property
    def assignment(self) -> dict[tuple[int, int], int]:
        with self.store.reading() as session:
            return {(row.assessor_id, row.task_id): row.id for row in session.query(Assignment)}

    @rule(target=holdings, who=st.integers(0, 3))
    def reserve(self, who: int) -> object:
        assessor = self.assessors[who]
        self.end_leases()
        mine = {task: self.state.get((assessor.id, task), "") for task in self.tasks}
        open_tasks = [
            task
            for task in self.tasks
            if mine[task] not in (*HELD, "skipped") and self.places(task, assessor.kind) < self.overlap
        ]
        kept = [task for task in self.tasks if mine[task] == "reserved"]
        try:
            [held] = reserve(self.store, assessor.id)
        except NothingToLabel:
            assert not open_tasks
            assert not kept
            return multiple()
        assert held.task_id in kept if kept else held.task_id == open_tasks[0]
        self.state[assessor.id, held.task_id] = "reserved"
        self.run_out.discard(held.id)
        return held, assessor

    @rule(holding=holdings, verdict=st.sampled_from(VERDICTS))
    def submit(self, holding: tuple, verdict: str) -> None:
        held, assessor = holding
        key = (assessor.id, held.task_id)
        room = self.places(held.task_id, assessor.kind) < self.overlap
        allowed = self.state[key] == "reserved" or (self.state[key] == "expired" and room)
        try:
            submit(self.store, held.id, assessor.id, self.ledger.says(in_order(held, verdict)))
        except LeaseLost:
            assert not allowed
            return
        assert allowed
        self.state[key] = "submitted"
        self.said[held.id] = [verdict]

    @rule(holding=holdings, verdict=st.sampled_from(VERDICTS))
    def amend(self, holding: tuple, verdict: str) -> None:
        held, assessor = holding
        try:
            amend(self.store, held.id, assessor.id, self.ledger.says(in_order(held, verdict)))
        except LabellingError:
            assert held.id not in self.said
            return
        self.said[held.id].append(verdict)

    @rule(holding=holdings, leave=st.sampled_from(["skipped", "released"]))
    def leave(self, holding: tuple, leave: str) -> None:
        held, assessor = holding
        key = (assessor.id, held.task_id)
        try:
            if leave == "skipped":
                skip(self.store, held.id, assessor.id, "reason")
            else:
                release(self.store, held.id, assessor.id)
        except LeaseLost:
            assert self.state[key] not in ("reserved", "expired")
            return
        assert self.state[key] in ("reserved", "expired")
        self.state[key] = leave

    @rule(holding=holdings)
    def renew(self, holding: tuple) -> None:
        held, assessor = holding
        runs = self.state[assessor.id, held.task_id] == "reserved" and held.id not in self.run_out
        try:
            renew(self.store, held.id, assessor.id)
        except LeaseLost:
            assert not runs
            return
        assert runs

    @rule(holding=holdings)
    def time_passes(self, holding: tuple) -> None:
        held, _ = holding
        with self.store.writing.begin() as session:
            session.get_one(Assignment, held.id).expires_at = now() - timedelta(seconds=1)
        self.run_out.add(held.id)

    @rule()
    def expire(self) -> None:
        before = list(self.state.values()).count("expired")
        self.end_leases()
        assert expire(self.store) == list(self.state.values()).count("expired") - before

    @invariant()
    def the_ledger_keeps_its_promises(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.reading() as session:
            rows = session.query(Assignment).all()
            assert {(row.assessor_id, row.task_id): row.state for row in rows} == self.state
            judged: dict[int, list[str]] = {}
            for one in session.query(Judgement).order_by(Judgement.assignment_id, Judgement.revision):
                judged.setdefault(one.assignment_id, []).append(one.verdict)
                assert one.revision == len(judged[one.assignment_id])
            assert judged == self.said
            assert {row.id for row in rows if row.state == "submitted"} == set(judged)
            for task in session.query(Task):
                for kind in ("person", "machine"):
                    assert self.places(task.id, kind) <= task.overlap


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
