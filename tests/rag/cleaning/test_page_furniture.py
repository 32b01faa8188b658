"""Lines that come back on every page."""

from hypothesis import given
from hypothesis import strategies as st

from rag.cleaning.page_furniture import drop_repeated_lines

BODIES = ["первый текст", "второй текст", "третий текст", "четвёртый текст", "пятый текст"]


def test_running_heads_and_footers_with_page_numbers_go() -> None:
    pages = [f"Справочник\n\n{body}\nСтр. {n} из 5" for n, body in enumerate(BODIES, start=1)]
    assert drop_repeated_lines(pages) == [f"Справочник\n\n{BODIES[0]}", *("\n" + body for body in BODIES[1:])]


def test_bare_page_numbers_go_and_other_numbers_stay() -> None:
    prices = ["100", "90", "1500", "7", "40"]
    pages = [f"{body}\n{price}\n{n + 11}" for n, (body, price) in enumerate(zip(BODIES, prices, strict=True))]
    assert drop_repeated_lines(pages) == [
        f"{body}\n{price}" for body, price in zip(BODIES, prices, strict=True)
    ]


def test_left_and_right_pages_may_differ() -> None:
    pages = [f"{('Глава первая', 'Книга')[n % 2]}\n{body} номер" for n, body in enumerate(BODIES * 2)]
    cleaned = drop_repeated_lines(pages)
    assert sum("Книга" in page for page in cleaned) == 1
    assert sum("Глава" in page for page in cleaned) == 1


def test_what_repeats_inside_the_pages_or_on_few_of_them_stays() -> None:
    lines = [f"{number} {letter}" for letter in "abcdefgh" for number in ("строка",)]
    pages = [
        "\n".join([*(f"{line}{n}x" for line in lines[:4]), "Итого", *(f"{line}{n}y" for line in lines[4:])])
        for n in "pqr"
    ]
    assert drop_repeated_lines(pages) == pages
    assert drop_repeated_lines(["A\nb", "A\nc"]) == ["A\nb", "A\nc"]
    assert drop_repeated_lines([]) == []


@given(st.lists(st.lists(st.text(alphabet="ab1 ", max_size=6), max_size=8).map("\n".join), max_size=8))
def test_lines_are_only_ever_removed_and_in_order(pages: list[str]) -> None:
    cleaned = drop_repeated_lines(pages)
    assert len(cleaned) == len(pages)
    for before, after in zip(pages, cleaned, strict=True):
        lines = iter(before.split("\n"))
        assert after == "" or all(line in lines for line in after.split("\n"))
