"""Find pairs by their words and by their meaning."""

from __future__ import annotations

import time

import pytest

from annotate.jobs import pair_search
from annotate.jobs.context import Context
from annotate.jobs.pair_search import PairSearch
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question

TEXTS = (
    ("За какой срок хозяин квартиры возвращает залог?", "За две недели.", "Сразу."),
    ("Is a library card free?", "It costs nothing.", "Two euros."),
    ("Когда уходит последний автобус?", "В полночь.", "Расписания нет."),
)


def add(context: Context, texts: tuple[tuple[str, str, str], ...], start: int) -> None:
    with context.store.writing.begin() as session:
        names = [f"c{start}{side}" for side in (0, 1)]
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in names]
        session.add_all(contenders)
        session.flush()
        for number, (text, *answers) in enumerate(texts, start):
            question = Question(key=f"q{number}", text=text, language="ru")
            session.add(question)
            session.flush()
            made = [
                AnswerRecord(
                    question_id=question.id, contender_id=contender.id, text=answer, sentences=[],
                    passages=[], prompt=[], model_fingerprint="m", index_fingerprint="i",
                )
                for contender, answer in zip(contenders, answers, strict=True)
            ]  # fmt: skip
            session.add_all(made)
            session.flush()
            session.add(Pair(question_id=question.id, first_id=made[0].id, second_id=made[1].id))


def test_words_are_found_in_any_case_and_form_in_questions_and_answers(context: Context) -> None:
    add(context, TEXTS, 1)
    search = PairSearch(context)
    assert search.by_words("КВАРТИРА") == [1]
    assert search.by_words("автобусы") == [3]
    assert search.by_words("расписание") == [3]
    assert search.by_words("LIBRARY cards") == [2]
    assert search.by_words("трамвай") == []
    assert search.missing("words") == 0


def test_what_comes_later_is_taken_in_and_the_files_are_used_again(context: Context) -> None:
    add(context, TEXTS[:2], 1)
    PairSearch(context).by_words("залог")
    add(context, TEXTS[2:], 3)
    again = PairSearch(context)
    assert again.missing("words") == 1
    assert again.by_words("автобус") == [3]


def test_a_backlog_is_worked_off_in_the_background(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_search, "PATIENCE_SECONDS", 0.0)
    for batch in (pair_search.BATCH, pair_search.BACKLOG):
        monkeypatch.setitem(batch, "words", 1)
    add(context, TEXTS, 1)
    search = PairSearch(context)
    search.by_words("залог")
    deadline = time.monotonic() + 20
    while search.missing("words"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert search.by_words("автобус") == [3]


@pytest.mark.models
def test_meaning_crosses_words_and_languages(context: Context) -> None:
    add(context, TEXTS, 1)
    search = PairSearch(context)
    assert search.by_meaning("When must the landlord pay the deposit back?")[0] == 1
    assert search.by_meaning("When does the last bus leave?")[0] == 3
    assert search.missing("meaning") == 0
