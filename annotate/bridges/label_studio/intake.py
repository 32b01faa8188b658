"""Take the states of remote annotations into the ledger, each once, in whatever order they arrive.

A state is an annotation's id with the time of its last change. The same rules serve the webhook and
the reconciliation, so that both may see a state, twice, late, or after a kill in between: the
judgement carries a key made of the state, and a state that is older than the last one is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotate.bridges.label_studio.links import (
    EPOCH,
    Link,
    Shown,
    moment_of,
    remember_state,
    states_taken_in,
)
from annotate.bridges.label_studio.results import Reading, read_result
from annotate.bridges.label_studio.users import Users
from annotate.errors import BridgeError, LabellingError, VerdictError
from annotate.labelling import Submission, amend, register, skip, submit
from annotate.labelling.controls.promotion import make_gold
from annotate.labelling.ledger.holds import count_held, hand_over, hold, withdraw
from annotate.labelling.verdicts import swap_verdict
from annotate.store import Assignment, Judgement, LinkedAnnotation, Store
from annotate.store.ledger import SUBMITTED

CHANNEL = "label-studio"
PREFIX = "label-studio:"  # goes before the address of a user whom nobody mapped to an assessor
MOST_SECONDS = 86_400.0
TRIES = 5


@dataclass(frozen=True)
class Annotation:
    """Hold one state of a remote annotation."""

    id: int
    updated_at: str
    created_at: str
    user: str
    result: Any
    cancelled: bool
    ground_truth: bool
    seconds: float

    @classmethod
    def read(cls, row: Mapping[str, Any], users: Users) -> Annotation:
        """Read an annotation of the API or of a webhook; raise BridgeError when it is none."""
        try:
            who = row.get("completed_by")
            number = who.get("id") if isinstance(who, dict) else who
            lead_time = float(row.get("lead_time") or 0.0)
            annotation = cls(
                id=int(row["id"]),
                updated_at=str(row["updated_at"]),
                created_at=str(row["created_at"]),
                user=users.address(int(number)) if number is not None else "",
                result=row.get("result"),
                cancelled=bool(row.get("was_cancelled")),
                ground_truth=bool(row.get("ground_truth")),
                seconds=min(max(lead_time, 0.0), MOST_SECONDS),
            )
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise BridgeError(f"not an annotation: {type(error).__name__} {error}") from error
        moment_of(annotation.updated_at)
        moment_of(annotation.created_at)
        return annotation


@dataclass
class Intake:
    """Take annotations of one project in; `people` maps addresses of users to names of assessors."""

    store: Store
    link: Link
    seats: Sequence[int]
    guideline_id: int
    people: Mapping[str, str] = field(default_factory=dict)

    def take_in(self, shown: Shown, annotation: Annotation) -> str:
        """Record, amend, skip or mark as known what an annotation says; return which of them.

        `unchanged` when this state, or a later one, was taken in before. Raises LabellingError or
        BridgeError when the ledger refuses it: then nothing is remembered, and it may come again.
        """
        if self._is_old(annotation):
            return "unchanged"
        answers = {"A": shown.pair.a.text, "B": shown.pair.b.text}
        reading = read_result(annotation.result, answers)
        if annotation.ground_truth:
            return self._learn(shown, annotation, reading)
        if not reading.verdict and not annotation.cancelled:
            raise BridgeError(f"annotation {annotation.id} has no verdict")
        assessor_id = self._assessor(annotation)
        if annotation.cancelled:
            return self._pass_on(shown, annotation, assessor_id, reading)
        judgement_id, done = self._judge(shown, annotation, assessor_id, reading)
        self._remember(annotation, judgement_id)
        return done

    def take_back(self, annotation_ids: Sequence[int]) -> int:
        """Withdraw the judgements of annotations that were deleted; return how many counted till then.

        The server gives their places out again, so that seats hold them again.
        """
        withdrawn = 0
        for remote_id in annotation_ids:
            with self.store.reading() as session:
                states = states_taken_in(session, self.link.id, remote_id)
                if not states or states[-1].updated_at.startswith("deleted:"):
                    continue
                last, counting = states[-1].updated_at, _counting(session, states)
            if counting is not None:
                why = f"annotation {remote_id} was deleted"
                withdrawn += withdraw(self.store, counting.id, counting.assessor_id, why)
                self._hold_one_more(counting.task_id, counting.swapped)
            remember_state(self.store, self.link.id, remote_id, f"deleted:{last}", None)
        return withdrawn

    def judged_here(self, task_id: int) -> list[int]:
        """Return the ids of the annotations whose judgements count for a task."""
        with self.store.reading() as session:
            return list(
                session.scalars(
                    select(LinkedAnnotation.remote_id)
                    .join(Judgement, Judgement.id == LinkedAnnotation.judgement_id)
                    .join(Assignment, Assignment.id == Judgement.assignment_id)
                    .where(
                        LinkedAnnotation.linked_project_id == self.link.id,
                        Assignment.task_id == task_id,
                        Assignment.state == SUBMITTED,
                    )
                    .distinct()
                )
            )

    def _is_old(self, annotation: Annotation) -> bool:
        with self.store.reading() as session:
            states = states_taken_in(session, self.link.id, annotation.id)
        if not states:
            return False
        last = moment_of(states[-1].updated_at)
        if any(state.updated_at.startswith("deleted:") for state in states):
            return moment_of(annotation.created_at) <= last  # else a new one under a number used before
        return moment_of(annotation.updated_at) <= last

    def _assessor(self, annotation: Annotation) -> int:
        if not annotation.user:
            raise BridgeError(f"annotation {annotation.id} is of a user whom the server does not list")
        name = self.people.get(annotation.user, PREFIX + annotation.user)
        with suppress(IntegrityError):
            return register(self.store, name, "person").id
        return register(self.store, name, "person").id  # the other of two at once has added them

    def _judge(
        self, shown: Shown, annotation: Annotation, assessor_id: int, reading: Reading
    ) -> tuple[int, str]:
        """Submit, or amend; where a webhook and a reconciliation meet, the one that lost looks again."""
        submission = self._submission(annotation, reading)
        for left in reversed(range(TRIES)):
            assignment_id, state = hand_over(
                self.store, shown.task_id, assessor_id, self.seats, swapped=shown.swapped
            )
            try:
                if state != SUBMITTED:
                    return submit(self.store, assignment_id, assessor_id, submission), "recorded"
                version, last = self._last(shown, annotation, assignment_id)
                if _state_of(last) >= moment_of(annotation.updated_at):
                    return last.id, "unchanged"
                expected = {"expected_version": version}
                return amend(self.store, assignment_id, assessor_id, submission, **expected), "amended"
            except VerdictError:
                raise
            except LabellingError:
                if not left or not self._was_judged_by_us(assignment_id):
                    raise
        raise AssertionError("the last try returns or raises")

    def _was_judged_by_us(self, assignment_id: int) -> bool:
        with self.store.reading() as session:
            channels = session.scalars(
                select(Judgement.channel).where(Judgement.assignment_id == assignment_id)
            )
            return set(channels) == {CHANNEL}

    def _last(self, shown: Shown, annotation: Annotation, assignment_id: int) -> tuple[int, Judgement]:
        """Return the version of an assignment and its last judgement, as of one moment.

        Raises LabellingError when it was not judged in Label Studio.
        """
        if not self._was_judged_by_us(assignment_id):
            raise LabellingError(f"{annotation.user} has judged pair {shown.pair.pair_id} elsewhere already")
        with self.store.reading() as session:
            row = session.execute(
                select(Assignment.version, Judgement)
                .join(Judgement, Judgement.assignment_id == Assignment.id)
                .where(Assignment.id == assignment_id)
                .order_by(Judgement.revision.desc())
                .limit(1)
            ).one()
            return row.version, row.Judgement

    def _submission(self, annotation: Annotation, reading: Reading) -> Submission:
        state = f"{annotation.id}:{annotation.updated_at}"
        details: dict[str, Any] = {"annotation": annotation.id, "updated_at": annotation.updated_at}
        if reading.unplaced:
            details["unplaced_spans"] = reading.unplaced
        return Submission(
            client_key=f"label-studio:{self.link.id}:{state}",
            verdict=reading.verdict,
            guideline_id=self.guideline_id,
            channel=CHANNEL,
            aspects=reading.aspects,
            tags=reading.tags,
            spans=reading.spans,
            comment=reading.comment,
            details=details,
            seconds=annotation.seconds,
        )

    def _pass_on(self, shown: Shown, annotation: Annotation, assessor_id: int, reading: Reading) -> str:
        assignment_id, state = hand_over(
            self.store, shown.task_id, assessor_id, self.seats, swapped=shown.swapped
        )
        if state == SUBMITTED:
            _, last = self._last(shown, annotation, assignment_id)
            if _state_of(last) > moment_of(annotation.updated_at):
                return "unchanged"
            withdraw(self.store, assignment_id, assessor_id, f"annotation {annotation.id} was cancelled")
            hand_over(self.store, shown.task_id, assessor_id, self.seats, swapped=shown.swapped)
        skip(self.store, assignment_id, assessor_id, reading.comment or "skipped in Label Studio")
        self._hold_one_more(shown.task_id, shown.swapped)
        self._remember(annotation, None)
        return "skipped"

    def _learn(self, shown: Shown, annotation: Annotation, reading: Reading) -> str:
        """Take a ground truth for the known verdict of its pair."""
        if not reading.verdict:
            raise BridgeError(f"ground truth {annotation.id} has no verdict")
        verdict = swap_verdict(reading.verdict) if shown.swapped else reading.verdict
        if verdict in shown.known.get("verdicts", ()):
            self._remember(annotation, None)
            return "unchanged"
        why = reading.comment or f"ground truth in Label Studio by {annotation.user or 'unknown'}"
        make_gold(self.store, shown.task_id, verdict, why, CHANNEL)
        self._remember(annotation, None)
        return "known"

    def _hold_one_more(self, task_id: int, swapped: bool) -> None:
        held = count_held(self.store, [task_id], self.seats).get(task_id, 0)
        hold(self.store, {task_id: held + 1}, self.seats, {task_id: swapped})

    def _remember(self, annotation: Annotation, judgement_id: int | None) -> None:
        remember_state(self.store, self.link.id, annotation.id, annotation.updated_at, judgement_id)


def _state_of(judgement: Judgement) -> datetime:
    """Return the time of the remote state that a judgement was made of."""
    told = judgement.details.get("updated_at")
    return moment_of(str(told)) if told else EPOCH


def _counting(session: Session, states: Sequence[LinkedAnnotation]) -> Assignment | None:
    """Return the assignment whose last judgement came from this annotation, if there is one."""
    judgements = [state.judgement_id for state in states if state.judgement_id is not None]
    if not judgements:
        return None
    latest = session.get_one(Judgement, judgements[-1])
    later = session.scalar(
        select(Judgement.id).where(
            Judgement.assignment_id == latest.assignment_id, Judgement.revision > latest.revision
        )
    )
    return session.get_one(Assignment, latest.assignment_id) if later is None else None
