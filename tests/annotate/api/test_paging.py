from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from annotate.api.paging import Page, make_page, read_cursor, write_cursor
from annotate.reports.pair_list import report_pair_page
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question


class Row:
    def __init__(self, number: int) -> None:
        self.id = number


@given(
    st.integers(0, 60),
    st.integers(1, 20),
    st.lists(st.integers(0, 5), max_size=80),
    st.sampled_from(["", "ru"]),
)
def test_pages_give_every_row_once_in_order_while_rows_are_added(present, limit, added, language):
    rows = list(range(1, present + 1))
    wanted, cursor, seen = {"language": language}, "", []
    for number in [*added, *[0] * (present // limit + 1)]:
        before = read_cursor(cursor, wanted)
        found = [Row(one) for one in reversed(rows) if before is None or one < before][: limit + 1]
        page = make_page(found, limit, wanted)
        assert len(page["items"]) <= limit
        seen += [row.id for row in page["items"]]
        rows += range(rows[-1] + 1 if rows else 1, (rows[-1] if rows else 0) + 1 + number)
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(present, 0, -1))


@given(st.text(max_size=60))
def test_a_cursor_that_nobody_gave_out_is_refused(cursor):
    if cursor:
        with pytest.raises(HTTPException) as refused:
            read_cursor(cursor, {"list": "pairs"})
        assert refused.value.status_code == 422


@given(st.integers(1, 2**63 - 1))
def test_a_cursor_fits_only_the_list_it_came_from(number):
    cursor = write_cursor(number, {"list": "pairs", "language": "ru"})
    assert read_cursor(cursor, {"language": "ru", "list": "pairs"}) == number
    for other in ({"list": "pairs", "language": "en"}, {"list": "judgements", "language": "ru"}):
        with pytest.raises(HTTPException):
            read_cursor(cursor, other)


def test_the_last_page_has_no_cursor():
    page = Page[int].model_validate({"items": [1], "next": None})
    assert page.next is None
    assert make_page([], 10, {})["next"] is None


def add_pair(store) -> int:
    with store.writing.begin() as session:
        number = len(list(session.query(Pair.id)))
        question = Question(key=f"more-{number}", text="More?", language="en")
        contenders = [ContenderRecord(name="x", fingerprint=f"{side}{number}", settings={}) for side in "ab"]
        session.add_all([question, *contenders])
        session.flush()
        answers = [
            AnswerRecord(
                question_id=question.id, contender_id=one.id, text=one.fingerprint, sentences=[], passages=[],
                prompt=[], model_fingerprint="", index_fingerprint="",
            )
            for one in contenders
        ]  # fmt: skip
        session.add_all(answers)
        session.flush()
        pair = Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id)
        session.add(pair)
        session.flush()
        return pair.id


def test_going_through_the_pairs_while_others_add_some(site):
    client, there = site.client(), [row.id for row in report_pair_page(site.context.store).rows]
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get("/pairs", params={"limit": 1, "cursor": cursor}).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        assert add_pair(site.context.store) not in there
    assert seen == there
