"""The labelling screen, driven like a person would."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from annotate.labelling import create_tasks
from annotate.labelling.tasks import ChosenPair
from annotate.store import Assignment, Judgement
from annotate.ui import desk as desks


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "QUIET_SECONDS", 0.0)


def drawn(at: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def sit(at: AppTest, name: str = "Vera") -> AppTest:
    at.text_input(key="name").set_value(name)
    start = next(button for button in at.button if button.label in ("Start", "Начать"))
    start.click().run()
    assert not at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    found = [button for button in at.button if (button.key or "").startswith(key)]
    assert len(found) == 1, [button.key for button in at.button]
    found[0].click().run()
    assert not at.exception, at.exception
    return at


def recorded(workspace) -> list[tuple[Judgement, Assignment]]:
    with workspace.store.reading() as session:
        rows = session.execute(
            select(Judgement, Assignment)
            .join(Assignment, Assignment.id == Judgement.assignment_id)
            .where(Judgement.channel == "screen")
            .order_by(Judgement.id)
        )
        return list(rows.all())


def test_nobody_labels_without_a_name(workspace, show):
    at = sit(show("label"), "   ")
    assert at.warning[0].value == "Please enter a name."
    assert "pl-pair" not in drawn(at)


def test_a_name_in_the_address_is_not_taken(workspace):
    from annotate.ui.server import APP

    at = AppTest.from_file(APP, default_timeout=30)
    at.query_params["name"] = "Vera"
    at.run()
    assert at.text_input(key="name").value == ""


def test_a_machine_cannot_sit_down(workspace, show):
    at = sit(show("label"), "heuristic")
    assert "is a machine here" in at.error[0].value
    assert "pl-pair" not in drawn(at)


def test_verdicts_reach_the_ledger_in_the_order_of_the_pair(workspace, show):
    at = sit(show("label"))
    questions = set()
    for _ in range(6):
        questions.add(drawn(at))
        press(at, "verdict-A_much_better")
    found = recorded(workspace)
    assert len(questions) == len(found) == 6
    assert {row.swapped for _, row in found} == {True, False}
    for judgement, row in found:
        assert judgement.verdict == ("B_much_better" if row.swapped else "A_much_better")
        assert 0 <= judgement.seconds < 60
    assert "Nothing is waiting for you" in at.subheader[0].value


def test_reasons_go_with_the_verdict(workspace, show):
    at = sit(show("label"))
    display = at.session_state["desk"].shown
    at.button_group(key=f"aspect-faithfulness-{display.key}").set_value("A")
    at.button_group(key=f"tags-B-{display.key}").set_value(["loop", "dry"])
    at.text_area(key=f"comment-{display.key}").set_value("A stays with the sources")
    press(at, "verdict-A_better")
    judgement, row = recorded(workspace)[0]
    assert judgement.aspects == {"faithfulness": "B" if row.swapped else "A"}
    assert judgement.tags == {"A" if row.swapped else "B": ["loop", "dry"]}
    assert judgement.comment == "A stays with the sources"
    press(at, "verdict-tie")
    assert recorded(workspace)[1][0].aspects == {}


def test_skipping_asks_for_a_reason(workspace, show):
    at = sit(show("label"))
    shown = at.session_state["desk"].shown.assignment
    press(at, "skip-")
    assert not [button for button in at.button if (button.key or "").startswith("verdict-")]
    press(at, "skip-beyond_me")
    with workspace.store.reading() as session:
        row = session.get_one(Assignment, shown.id)
        assert (row.state, row.reason) == ("skipped", "beyond me")
    assert at.session_state["desk"].shown.assignment.id != shown.id


def test_flagging_keeps_the_pair(workspace, show):
    at = sit(show("label"))
    shown = at.session_state["desk"].shown.assignment
    press(press(at, "flag-"), "flag-prompt_injection")
    with workspace.store.reading() as session:
        row = session.get_one(Assignment, shown.id)
        assert (row.flagged, row.reason) == (True, "prompt injection")
    assert "Flagged: Prompt injection" in " ".join(caption.value for caption in at.caption)
    press(at, "verdict-tie")
    assert recorded(workspace)[0][1].id == shown.id


def test_undo_shows_the_last_pair_and_amends_it(workspace, show):
    at = sit(show("label"))
    first = drawn(at)
    press(at, "verdict-tie")
    second = drawn(at)
    press(at, "undo")
    assert drawn(at) == first
    assert "**Tie**" in " ".join(element.value for element in at.markdown)
    press(at, "verdict-both_bad")
    assert drawn(at) == second
    assert [(j.revision, j.verdict) for j, _ in recorded(workspace)] == [(1, "tie"), (2, "both_bad")]
    press(press(at, "undo"), "keep")
    assert drawn(at) == second
    assert len(recorded(workspace)) == 2


def test_after_the_last_pair_the_verdict_can_still_be_undone(workspace, show):
    at = sit(show("label"))
    for _ in range(6):
        press(at, "verdict-tie")
    press(press(at, "undo"), "verdict-A_better")
    assert recorded(workspace)[-1][0].revision == 2
    assert "Nothing is waiting for you" in at.subheader[0].value


def test_without_tasks_the_command_is_named(empty_workspace, show):
    at = sit(show("label"))
    assert at.subheader[0].value == "No pairs to judge yet"
    assert "pairloop select" in " ".join(element.value for element in at.markdown)


def test_the_guideline_opens_and_silences_the_keys(workspace, show):
    at = press(sit(show("label")), "guideline")
    assert "Comparing two sourced answers" in [tab.label for tab in at.tabs]
    assert all(button.disabled for button in at.button if (button.key or "").startswith("verdict-"))
    at.run()
    assert not any(button.disabled for button in at.button if (button.key or "").startswith("verdict-"))


def test_leaving_gives_the_pair_back(workspace, show):
    at = sit(show("label"))
    shown = at.session_state["desk"].shown.assignment
    press(at, "change")
    assert at.text_input(key="name")
    with workspace.store.reading() as session:
        assert session.get_one(Assignment, shown.id).state == "released"


def test_the_screen_speaks_russian(workspace, show):
    at = show("label")
    at.selectbox(key="language").set_value("ru").run()
    sit(at)
    assert "Ответ A" in drawn(at)
    assert "A намного лучше" in [button.label for button in at.button]
    press(at, "guideline")
    assert "Сравнение двух ответов с источниками" in [tab.label for tab in at.tabs]


def test_hostile_answers_are_shown_as_text(empty_workspace, show):
    from annotate.store import AnswerRecord, ContenderRecord, Pair, Question

    evil = '<script>alert(1)</script><img src="http://evil/x.png" onerror="alert(2)">![](http://evil/y.png)'
    with empty_workspace.store.writing.begin() as session:
        question = Question(key="q", text=evil, language="en")
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in "xy"]
        session.add_all([question, *contenders])
        session.flush()
        answers = [
            AnswerRecord(
                question_id=question.id, contender_id=contender.id, text=evil, sentences=[],
                passages=[{"title": evil, "text": evil, "document": evil}], prompt=[],
                model_fingerprint="m", index_fingerprint="i",
            )
            for contender in contenders
        ]  # fmt: skip
        session.add_all(answers)
        session.flush()
        session.add(Pair(question=question, first=answers[0], second=answers[1]))
    create_tasks(empty_workspace.store, [ChosenPair(1)], overlap=1)
    at = sit(show("label"), evil[:50])
    page = drawn(at).lower()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    # Streamlit's Markdown would load the image: no element of that kind may hold the answer.
    assert not any("evil" in element.value for element in [*at.markdown, *at.caption, *at.subheader])
