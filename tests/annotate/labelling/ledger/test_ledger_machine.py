"""The ledger against a model of it: any sequence of steps keeps its promises."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from annotate.errors import LabellingError, LeaseLost, NothingToLabel
from annotate.labelling import (
    AssessorView,
    AssignmentView,
    adopt_guidelines,
    amend,
    drop_judgements,
    expire,
    release,
    renew,
    reserve,
    skip,
    submit,
    undo,
)
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.ledger.exchange import submit_and_reserve
from annotate.labelling.ledger.overlap import wanted_overlap
from annotate.labelling.ledger.places import people_votes, recount
from annotate.labelling.tasks import ChosenPair, create_tasks
from annotate.labelling.verdicts import VERDICTS
from annotate.store import Assignment, Campaign, Event, Judgement, Task, now, open_store
from tests.annotate.conftest import Ledger, in_order, put_blank

INSTRUCTIONS = Path(__file__).parents[4] / "instructions"
HELD = ("reserved", "submitted")


class LedgerMachine(RuleBasedStateMachine):
    """Two people and two machines work on three tasks; the model holds one state an assessor and task."""

    holdings = Bundle("holdings")

    @initialize(overlap=st.integers(1, 2))
    def start(self, overlap: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(put_blank(Path(self.folder.name)))
        self.ledger = Ledger(self.store, adopt_guidelines(self.store, INSTRUCTIONS))
        self.overlap = overlap
        self.tasks = [self.ledger.task_of(pair) for pair in self.ledger.tasks(3, overlap)]
        people = [self.ledger.person(name) for name in ("anna", "boris")]
        self.assessors = people + [self.ledger.machine(name) for name in ("m1", "m2")]
        self.state: dict[tuple[int, int], str] = {}
        self.said: dict[int, list[str]] = {}
        self.run_out: set[int] = set()
        self.order: dict[int, list[int]] = {
            one.id: [] for one in self.assessors
        }  # judged, the last at the end

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
        try:
            return self.handed(reserve(self.store, assessor.id), assessor)
        except NothingToLabel:
            return self.handed([], assessor)

    def handed(self, views: Sequence[AssignmentView], assessor: AssessorView) -> object:
        """Check what one asked for was handed out, and note it."""
        mine = {task: self.state.get((assessor.id, task), "") for task in self.tasks}
        open_tasks = [
            task
            for task in self.tasks
            if mine[task] not in (*HELD, "skipped", "dropped")
            and self.places(task, assessor.kind) < self.overlap
        ]
        kept = [task for task in self.tasks if mine[task] == "reserved"]
        if not views:
            assert not open_tasks
            assert not kept
            return multiple()
        [held] = views
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
        self.judged(holding, verdict)

    def judged(self, holding: tuple, verdict: str) -> None:
        held, assessor = holding
        self.state[assessor.id, held.task_id] = "submitted"
        self.said.setdefault(held.id, []).append(verdict)
        self.order[assessor.id].append(held.id)

    @rule(target=holdings, holding=holdings, verdict=st.sampled_from(VERDICTS))
    def submit_and_reserve(self, holding: tuple, verdict: str) -> object:
        held, assessor = holding
        key = (assessor.id, held.task_id)
        room = self.places(held.task_id, assessor.kind) < self.overlap
        allowed = self.state[key] == "reserved" or (self.state[key] == "expired" and room)
        said = self.ledger.says(in_order(held, verdict))
        try:
            found = submit_and_reserve(self.store, held.id, assessor.id, said)
        except LeaseLost:
            assert not allowed
            return multiple()
        assert allowed
        self.judged(holding, verdict)
        self.end_leases()
        return self.handed(found.views, assessor)

    @rule(holding=holdings, verdict=st.sampled_from(VERDICTS))
    def amend(self, holding: tuple, verdict: str) -> None:
        held, assessor = holding
        try:
            amend(self.store, held.id, assessor.id, self.ledger.says(in_order(held, verdict)))
        except LabellingError:
            assert self.state[assessor.id, held.task_id] != "submitted"
            return
        self.said[held.id].append(verdict)
        self.order[assessor.id].remove(held.id)
        self.order[assessor.id].append(held.id)

    @rule(holding=holdings)
    def undo(self, holding: tuple) -> None:
        held, assessor = holding
        judged = self.order[assessor.id]
        try:
            undo(self.store, held.id, assessor.id)
        except LabellingError:
            assert not judged or judged[-1] != held.id
            return
        assert judged.pop() == held.id
        self.state[assessor.id, held.task_id] = "reserved"
        self.run_out.discard(held.id)

    @rule(who=st.integers(0, 3))
    def drop(self, who: int) -> None:
        assessor = self.assessors[who]
        since = datetime(2020, 1, 1, tzinfo=UTC)
        dropped = drop_judgements(self.store, assessor.name, since, "careless")
        assert len(dropped) == len(self.order[assessor.id])
        self.order[assessor.id] = []
        for key, state in self.state.items():
            if key[0] == assessor.id and state == "submitted":
                self.state[key] = "dropped"

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
            counting = {held for judged_last in self.order.values() for held in judged_last}
            assert {row.id for row in rows if row.state == "submitted"} == counting
            written = session.query(Event).filter(Event.kind.in_(["submitted", "amended"])).count()
            assert written == sum(len(verdicts) for verdicts in judged.values())
            for task in session.query(Task):
                for kind in ("person", "machine"):
                    assert self.places(task.id, kind) <= task.overlap
        with self.store.writing.begin() as session:
            assert recount(session) == 0


class DynamicMachine(RuleBasedStateMachine):
    """Six people judge three tasks of a dynamic campaign with gold among them; all promises hold."""

    holdings = Bundle("holdings")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(put_blank(Path(self.folder.name)))
        self.ledger = Ledger(self.store, adopt_guidelines(self.store, INSTRUCTIONS))
        open_campaign(
            self.store, "dynamic", CampaignRules(dynamic=True, max_overlap=4, gold_share=0.3), seed=5
        )
        pairs = [ChosenPair(self.ledger.pair()) for _ in range(3)]
        gold = [ChosenPair(self.ledger.pair(), known={"verdicts": ["tie"]}) for _ in range(2)]
        create_tasks(self.store, pairs, campaign="dynamic")
        create_tasks(self.store, gold, campaign="dynamic", pool="gold")
        self.people = [self.ledger.person(f"person {number}") for number in range(6)]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.engine.dispose()
            self.folder.cleanup()

    @rule(target=holdings, who=st.integers(0, 5))
    def reserve(self, who: int) -> object:
        try:
            [held] = reserve(self.store, self.people[who].id)
        except NothingToLabel:
            return multiple()
        return held, self.people[who]

    @rule(holding=holdings, verdict=st.sampled_from(("tie", "A_better")))
    def submit(self, holding: tuple, verdict: str) -> None:
        held, person = holding
        with suppress(LeaseLost):
            submit(self.store, held.id, person.id, self.ledger.says(in_order(held, verdict)))

    @rule(target=holdings, holding=holdings, verdict=st.sampled_from(("tie", "B_better")))
    def submit_and_reserve(self, holding: tuple, verdict: str) -> object:
        held, person = holding
        said = self.ledger.says(in_order(held, verdict))
        try:
            found = submit_and_reserve(self.store, held.id, person.id, said)
        except LeaseLost:
            return multiple()
        return multiple(*((view, person) for view in found.views))

    @rule(holding=holdings)
    def amend(self, holding: tuple) -> None:
        held, person = holding
        with suppress(LabellingError):
            amend(self.store, held.id, person.id, self.ledger.says("B_much_better"))

    @rule(holding=holdings, leave=st.sampled_from((release, undo)))
    def leave(self, holding: tuple, leave: Callable[..., object]) -> None:
        held, person = holding
        with suppress(LabellingError):
            leave(self.store, held.id, person.id)

    @rule(who=st.integers(0, 5))
    def drop(self, who: int) -> None:
        drop_judgements(self.store, self.people[who].name, datetime(2020, 1, 1, tzinfo=UTC), "careless")

    @rule(lead=st.integers(1, 3))
    def set_rules(self, lead: int) -> None:
        set_rules(self.store, "dynamic", stop_lead=lead)

    @invariant()
    def the_ledger_keeps_its_promises(self) -> None:
        if not hasattr(self, "people"):
            return
        with self.store.writing.begin() as session:
            assert recount(session) == 0
            rules = CampaignRules.of(session.query(Campaign).filter_by(name="dynamic").one())
            for task in session.query(Task).filter_by(pool="main"):
                votes = people_votes(session, task.id)
                assert task.people_places <= task.overlap
                assert len(votes) <= max(rules.max_overlap, task.overlap)
                assert task.overlap == max(wanted_overlap(rules, votes), task.people_places)


TestDynamicMachine = DynamicMachine.TestCase
TestDynamicMachine.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
