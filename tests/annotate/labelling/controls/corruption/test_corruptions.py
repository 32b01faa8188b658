"""Corruptions: every twin differs, cites what exists, and is worse in just the way it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.errors import LabellingError
from annotate.labelling.controls.corruption import KINDS, Corruption, Original, Source, corruptions
from annotate.labelling.controls.corruption.figures import change_figure, find_figures, value_of
from annotate.labelling.controls.corruption.texts import bare, cited, facts, is_in, overlap, split
from annotate.labelling.controls.corruption.word_groups import find_words
from rag.citations import cited_sentences

ENGLISH = Original(
    "The museum opens at 9:30 on Mondays [1]. A ticket costs 1,250 roubles and is valid for five days [1]. "
    "It was founded by Anna Petrova in 1907 [2].",
    "en",
    (
        Source(
            "On Mondays the museum opens at 9:30. A ticket for 1,250 roubles is valid for five days.", "en"
        ),
        Source("Anna Petrova founded the museum in 1907. Музей в Твери основала Анна Петрова.", "en"),
        Source("Blankets are available at the entrance of the cinema.", "en"),
    ),
    "When does the museum open?",
    elsewhere=(Source("They say so. Bees collect nectar from flowers and turn it into honey.", "en"),),
    answers=(Source("Музей открывается в 9:30 по понедельникам [1].", "ru"),),
)
RUSSIAN = Original(
    "Товар можно вернуть в течение 14 дней со дня доставки [1]. Возврат стоит 2 500,50 рублей. [1]\n"
    "- Склад в Твери работает с 8:00 до 20:00 [2].\n- По вторникам закрыто [2].",
    "ru",
    (
        Source("Вернуть товар можно в течение 14 дней. Возврат стоит 2 500,50 рублей.", "ru"),
        Source("Склад в Твери работает с 8:00 до 20:00, кроме вторника. The warehouse opens at eight.", "ru"),
    ),
    "Как вернуть товар?",
    elsewhere=(Source("Пчёлы собирают нектар с цветов и делают из него мёд.", "ru"),),
)


def every(original: Original, kind: str, seed: int = 0) -> list[Corruption]:
    return list(corruptions(original, kind, np.random.default_rng(seed)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("original", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_every_kind_makes_twins_in_both_languages(original: Original, kind: str) -> None:
    made = every(original, kind)
    assert made
    assert every(original, kind) == made
    for twin in made:
        assert twin.kind == kind
        assert twin.text != original.text
        assert original.text[twin.start :].startswith(twin.removed)
        restored = twin.text[: twin.start] + twin.removed + twin.text[twin.start + len(twin.inserted) :]
        assert restored == original.text
        assert twin.why
        assert is_in(twin.why.split("«")[0], original.language)


@pytest.mark.parametrize("original", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_a_dropped_fact_is_nowhere_else_in_the_twin(original: Original) -> None:
    for twin in every(original, "dropped_fact"):
        assert facts(twin.removed) - facts(twin.text)
        assert len(split(twin.text)) == len(split(original.text)) - 1
        assert "\n\n" not in twin.text
        assert "  " not in twin.text


def test_an_answer_of_one_sentence_has_no_fact_to_drop() -> None:
    assert every(Original("Open at 9:30 [1].", "en", ENGLISH.passages), "dropped_fact") == []


@pytest.mark.parametrize("original", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_a_wrong_citation_changes_only_the_number(original: Original) -> None:
    for twin in every(original, "wrong_citation"):
        assert bare(twin.text).split() == bare(original.text).split()
        [wrong] = set(cited(twin.inserted))
        assert wrong not in cited(twin.removed)
        assert overlap(twin.removed, original.passages[wrong - 1].text) < 0.5


def test_an_answer_over_one_passage_cannot_cite_a_wrong_one() -> None:
    text = "The museum opens at 9:30 [1]. A ticket costs 1,250 roubles [1]."
    assert every(Original(text, "en", ENGLISH.passages[:1]), "wrong_citation") == []


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("original", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_a_swapped_figure_is_never_equal_and_stands_in_no_passage(original: Original, seed: int) -> None:
    known = " ".join([original.text, *(source.text for source in original.passages)])
    for twin in every(original, "swapped_number", seed):
        assert cited(twin.text) == cited(original.text)
        assert twin.inserted not in known.split()
        values = {value_of(figure) for figure in find_figures(known)}
        assert all(value_of(figure) not in values for figure in find_figures(twin.inserted))


@pytest.mark.parametrize("original", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_an_unsupported_sentence_is_whole_and_cites_a_passage_that_lacks_it(original: Original) -> None:
    for twin in every(original, "unsupported_sentence"):
        assert len(cited_sentences(twin.text)) == len(cited_sentences(original.text)) + 1
        [number] = cited(twin.inserted)
        assert overlap(twin.inserted, original.passages[number - 1].text) < 0.3
        assert "They" not in twin.inserted


def test_another_language_comes_from_an_answer_or_a_passage_and_never_from_nothing() -> None:
    answer, *sentences = every(ENGLISH, "other_language")
    assert (answer.borrowed, answer.text) == (0, ENGLISH.answers[0].text)
    assert [twin.text for twin in sentences] == ["Музей в Твери основала Анна Петрова [2]."]
    assert [twin.text for twin in every(RUSSIAN, "other_language")] == ["The warehouse opens at eight [2]."]
    assert every(Original(ENGLISH.text, "en", ENGLISH.passages[2:]), "other_language") == []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(LabellingError, match="known: dropped_fact"):
        corruptions(ENGLISH, "poisoned", np.random.default_rng(0))


def test_citations_behind_the_full_stop_belong_to_the_sentence_before() -> None:
    text = "It is closed. [1] Then it opens at 9. [2, 3]\n1. A list item [1].\nДа."
    assert [(one.text, one.cited) for one in split(text)] == [
        ("It is closed. [1]", (1,)),
        ("Then it opens at 9. [2, 3]", (2, 3)),
        ("A list item [1].", (1,)),
        ("Да.", ()),
    ]


def test_figures_are_found_but_for_marks_items_versions_and_names() -> None:
    text = "1. In 2019, on 5 May, 12.5 % of 1 250 came at 9:30 [12] for COVID-19, Python 3.11.2 or F1 [3]."
    assert [(one.text, one.kind) for one in find_figures(text)] == [
        ("2019", "year"), ("5", "day"), ("12.5", "percent"), ("1 250", "number"), ("9:30", "time"),
    ]  # fmt: skip
    assert [value_of(one) for one in find_figures("09:30 9:30 2,50 1,000 1 000 0:05")] == [
        "9:30", "9:30", "2.5", "1000", "1000", "0:05",
    ]  # fmt: skip


@given(
    st.integers(0, 10**9),
    st.sampled_from(["", ",", " "]),
    st.sampled_from(["", ".5", ".25"]),
    st.integers(0, 99),
)
def test_a_changed_figure_keeps_its_form_and_the_noun_behind_it(
    number: int, gap: str, decimals: str, seed: int
) -> None:
    written = (f"{number:,}".replace(",", gap) if gap else str(number)) + decimals
    [figure] = find_figures(f"about {written} people")
    for language in ("en", "ru"):
        made = change_figure(figure, language, np.random.default_rng(seed))
        if made is None:
            continue
        assert value_of(made) != value_of(figure)
        [again] = find_figures(f"about {made.text} people")
        assert (again.decimals, again.text) == (figure.decimals, made.text)
        if language == "ru" and not decimals and figure.kind == "number":
            assert form(made.text) == form(written)


def form(written: str) -> str:
    value = int("".join(sign for sign in written if sign.isdigit()))
    last, tens = value % 10, value % 100
    return (
        "one"
        if last == 1 and tens != 11
        else "few"
        if last in (2, 3, 4) and tens not in (12, 13, 14)
        else "many"
    )


def test_units_count_only_behind_a_number_and_capitals_stay() -> None:
    found = find_words("In five days, not in days or years; Понедельник, «пять часов».")
    assert [(one.start, one.others[0]) for one in found] == [
        (3, "three"), (8, "hours"), (36, "Вторник"), (50, "шесть"), (55, "минут"),
    ]  # fmt: skip


PIECES = st.sampled_from(
    ["The fee is 40 euros", "Плата — 1 500 рублей", "It opens at 9:30", "Anna Petrova founded it in 1907",
     "«Да»", "- a list", "Открыто по средам", "See Fig. 3 e.g. here", "½ 7️⃣ ٣٤ 12:60", "", "  ",
     "т. е. 5 дней", "[", "]"]
)  # fmt: skip
MARKS = st.sampled_from([" [1]", " [2]", " [1, 2]", "[3][1]", "", " [99]", " []"])
STOPS = st.sampled_from([". ", "! ", "?\n", "… ", "\r\n", "\n\n- ", ": ", ".[2] "])
ANSWERS = st.lists(st.tuples(PIECES, MARKS, STOPS), max_size=6).map(
    lambda parts: "".join(piece + mark + stop for piece, mark, stop in parts)
)


@settings(max_examples=150, deadline=None)
@given(
    ANSWERS | st.text(max_size=120),
    st.sampled_from(list(KINDS)),
    st.sampled_from(["en", "ru"]),
    st.integers(0, 9),
)
def test_any_text_can_be_corrupted_or_refused(text: str, kind: str, language: str, seed: int) -> None:
    original = Original(text, language, ENGLISH.passages, elsewhere=(*ENGLISH.elsewhere, *RUSSIAN.elsewhere))
    for sentence in split(text):
        assert text[sentence.start : sentence.end] == sentence.text
    for twin in every(original, kind, seed)[:10]:
        assert " ".join(twin.text.split()) != " ".join(text.split())
        assert all(1 <= number <= len(original.passages) for number in cited(twin.text))
        assert text[: twin.start] == twin.text[: twin.start]
        if kind != "other_language":
            end = twin.start + len(twin.removed)
            assert text[end:] == twin.text[twin.start + len(twin.inserted) :]


def test_ranges_years_and_pairs_are_left_alone() -> None:
    assert find_figures("Between 1402 and 1405, in 1038–40, from 5 to 9 people, с 5 до 7") == []
    dated = "In 1066 he had 1600 men and 1066 ships, in 1866."
    assert [one.kind for one in find_figures(dated)] == ["year", "number", "number", "year"]
    assert find_words("в 1946 года, 1855 года; the two parties") == []
    assert [one.others[0] for one in find_words("через 24 часа")] == ["месяца"]
