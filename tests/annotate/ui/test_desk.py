"""What a person does at the desk reaches the ledger."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from annotate.errors import NothingToLabel
from annotate.jobs.context import Context
from annotate.labelling import Submission, register, reserve, submit
from annotate.store import Assignment, Judgement, now
from annotate.ui import desk as desks
from annotate.ui.desk import Desk, Display, Draft


@pytest.fixture
def context(workspace) -> Context:
    return Context.open(workspace.folder)


@pytest.fixture
def desk(context: Context, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(desks, "QUIET_SECONDS", 0.0)
    return Desk(register(context.store, "Vera", "person"))


def judgements(context: Context, channel: str = "screen") -> list[Judgement]:
    with context.store.reading() as session:
        return list(session.scalars(select(Judgement).where(Judgement.channel == channel)))


def assignment(context: Context, display: Display) -> Assignment:
    with context.store.reading() as session:
        return session.get_one(Assignment, display.assignment.id)


def test_verdicts_are_recorded_in_the_order_of_the_pair(context: Context, desk: Desk):
    seen = set()
    for _ in range(6):
        display = desk.take(context)
        draft = Draft({"citations": "A"}, {"B": ["loop"]}, " clear ")
        desk.judge(context, display, "A_much_better", draft)
        swapped = assignment(context, display).swapped
        seen.add(swapped)
        last = judgements(context)[-1]
        assert last.verdict == ("B_much_better" if swapped else "A_much_better")
        assert last.aspects == {"citations": "B" if swapped else "A"}
        assert last.tags == {"A" if swapped else "B": ["loop"]}
        assert last.comment == "clear"
        assert last.guideline_id == context.guideline.id
    assert seen == {True, False}
    with pytest.raises(NothingToLabel):
        desk.take(context)


def test_a_second_click_judges_nothing(context: Context, desk: Desk):
    display = desk.take(context)
    desk.judge(context, display, "tie", Draft())
    following = desk.take(context)
    desk.judge(context, display, "A_better", Draft())
    assert [each.verdict for each in judgements(context)] == ["tie"]
    assert desk.take(context) is following


def test_a_key_held_down_judges_one_pair(context: Context, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desks, "QUIET_SECONDS", 60.0)
    for _ in range(5):
        desk.judge(context, desk.take(context), "tie", Draft())
    assert len(judgements(context)) == 1


def test_undo_changes_the_last_verdict_and_keeps_the_pair_put_aside(context: Context, desk: Desk):
    first = desk.take(context)
    desk.judge(context, first, "tie", Draft(comment="first"))
    second = desk.take(context)
    desk.undo()
    again = desk.take(context)
    assert again.assignment == first.assignment
    assert again.earlier is not None
    assert (again.earlier.verdict, again.earlier.comment) == ("tie", "first")
    desk.judge(context, again, "both_bad", Draft())
    assert [(each.revision, each.verdict) for each in judgements(context)] == [(1, "tie"), (2, "both_bad")]
    assert desk.take(context) is second


def test_an_earlier_verdict_can_be_kept(context: Context, desk: Desk):
    desk.judge(context, desk.take(context), "tie", Draft())
    second = desk.take(context)
    desk.undo()
    desk.undo()
    desk.keep()
    assert desk.take(context) is second
    assert len(judgements(context)) == 1


def test_skipping_wants_the_panel_open(context: Context, desk: Desk):
    display = desk.take(context)
    desk.skip(context, display, "beyond me")
    assert assignment(context, display).state == "reserved"
    desk.open("skip")
    desk.judge(context, display, "tie", Draft())
    desk.skip(context, display, "beyond me")
    row = assignment(context, display)
    assert (row.state, row.reason) == ("skipped", "beyond me")
    assert desk.take(context).assignment.id != display.assignment.id
    assert judgements(context) == []


def test_a_flag_leaves_the_pair_on_the_desk(context: Context, desk: Desk):
    display = desk.take(context)
    desk.open("flag")
    desk.flag(context, display, "private data")
    assert assignment(context, display).flagged
    assert desk.take(context) is display
    desk.judge(context, display, "tie", Draft())
    assert len(judgements(context)) == 1


def test_a_lost_lease_brings_the_next_pair(context: Context, desk: Desk):
    display = desk.take(context)
    with context.store.writing.begin() as session:
        session.get_one(Assignment, display.assignment.id).expires_at = now() - timedelta(seconds=1)
    for name in ("Ann", "Bob"):
        other = register(context.store, name, "person")
        view = reserve(context.store, other.id)[0]
        assert view.task_id == display.assignment.task_id
        submit(context.store, view.id, other.id, Submission(name, "tie", context.guideline.id, "screen"))
    desk.judge(context, display, "A_better", Draft())
    assert desk.notice == "pair.gone"
    assert desk.take(context).assignment.task_id != display.assignment.task_id
    assert desk.last is None


def test_leaving_gives_the_pair_back(context: Context, desk: Desk):
    display = desk.take(context)
    desk.leave(context)
    assert assignment(context, display).state == "released"


def test_two_windows_of_one_person_do_not_get_in_each_others_way(context: Context, desk: Desk):
    other = Desk(desk.assessor)
    display, twin = desk.take(context), other.take(context)
    assert display.assignment.id == twin.assignment.id
    desk.judge(context, display, "tie", Draft())
    other.judge(context, twin, "A_better", Draft())
    assert other.notice == "pair.gone"
    assert len(judgements(context)) == 1
    third = other.take(context)
    desk.judge(context, desk.take(context), "tie", Draft())
    other.leave(context)
    assert assignment(context, third).state == "submitted"


def test_pauses_do_not_count_as_work(context: Context, desk: Desk):
    display = desk.take(context)
    display.touched_at -= 10_000
    desk.judge(context, display, "tie", Draft())
    assert judgements(context)[0].seconds == pytest.approx(desks.IDLE_SECONDS, abs=2)
