"""What the browser is told of a pair, and what it is not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from annotate.api.cards import make_card, share_passages
from annotate.labelling import AnswerView, AssignmentView, PairView
from annotate.labelling.views import PassageView

ONE = PassageView(1, "Залог", "Залог возвращается за 14 дней. Иное решает договор.", "Памятка")
TWO = PassageView(2, "Return", "Goods are returned within a month.", "Return")


def answer(text: str, *passages: PassageView, refused: bool = False) -> AnswerView:
    return AnswerView(text, (), passages, refused)


def card(a: AnswerView, b: AnswerView, **options):
    pair = PairView(7, "Когда вернут\nзалог?", "ru", a, b)
    view = AssignmentView(3, 4, pair, datetime(2026, 1, 1, tzinfo=UTC))
    return make_card(view, guideline=5, **options)


def moved(passage: PassageView, number: int) -> PassageView:
    return PassageView(number, passage.title, passage.text, passage.document)


def test_a_citation_points_to_its_passage_and_sentence():
    made = card(answer("Залог вернут за 14 дней [1].", ONE, TWO), answer("Нет.", ONE, TWO))
    cite = re.search(r"<button[^>]*>", made.a.html)[0]
    assert 'data-passage="0"' in cite
    assert 'data-support="0"' in cite
    assert 'data-s="0"' in made.passages[0].html
    assert made.passages[0].labels == ["1"]


def test_passages_with_other_numbers_are_shown_once_with_both():
    made = card(answer("[1]", ONE, TWO), answer("[1]", moved(TWO, 1), moved(ONE, 2)))
    assert [one.labels for one in made.passages] == [["A1", "B2"], ["A2", "B1"]]
    assert ">A1<" in made.a.html
    assert ">B1<" in made.b.html


def test_a_citation_of_nothing_is_no_button():
    made = card(answer("Да [4].", ONE), answer("Нет.", ONE))
    assert "pc-missing" in made.a.html
    assert "<button" not in made.a.html


def test_hints_are_shown_only_where_they_are_asked_for():
    loose = "Квартиру обычно сдают вместе с мебелью и посудой. Залог вернут за 14 дней [1]."
    assert card(answer(loose, ONE), answer("Нет.", ONE)).a.weak == []
    hinted = card(answer(loose, ONE), answer("В источниках этого нет.", ONE, refused=True), hints=True)
    assert hinted.a.weak == [0]
    assert hinted.b.weak == []  # a refusal claims nothing


def test_offsets_of_sentences_are_those_of_the_text_as_written():
    text = "**Первое** предложение 😀. Второе [1]!"
    made = card(answer(text, ONE), answer("Нет.", ONE))
    assert [text[start:end] for start, end in made.a.sentences] == [
        "**Первое** предложение 😀.",
        "Второе [1]!",
    ]


def test_names_of_documents_are_not_told_twice():
    made = card(answer("x", ONE, TWO), answer("y", ONE, TWO))
    assert [one.document for one in made.passages] == ["Памятка", ""]


def test_the_question_keeps_its_lines_and_its_direction():
    made = card(answer("x", ONE), answer("مرحبا", ONE))
    assert made.question.html == "Когда вернут<br>залог?"
    assert (made.a.dir, made.b.dir) == ("ltr", "rtl")


def test_nothing_tells_whether_it_is_a_control_or_who_wrote_it():
    told = card(answer("x", ONE), answer("y", ONE)).model_dump()
    lease, shown = (
        {"assignment", "expires_at", "lasts_seconds", "version"},
        {"question", "a", "b", "passages"},
    )
    assert set(told) == lease | shown | {"guideline", "hints"}
    assert set(told["a"]) == {"html", "dir", "words", "refused", "sentences", "weak"}


def test_shared_passages_come_by_their_lowest_number():
    pair = PairView(1, "q", "en", answer("", moved(TWO, 3)), answer("", ONE, moved(TWO, 2)))
    assert [shared.passage.title for shared in share_passages(pair)] == ["Залог", "Return"]
