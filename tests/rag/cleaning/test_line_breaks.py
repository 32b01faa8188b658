"""Lines that a page's width broke."""

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from rag.cleaning.line_breaks import join_lines

FIRST = (
    "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. Для этого нужен чек, "
    "а упаковка и ярлыки должны остаться целыми. Деньги приходят на карту за три рабочих дня после того, "
    "как магазин получит товар и проверит его состояние вместе с покупателем."
)
SECOND = "Goods that were opened cannot be returned unless the seller agrees to it in writing, " * 3


def test_wrapped_paragraphs_become_one_line_each() -> None:
    page = "\n".join([textwrap.fill(FIRST, 70), "", textwrap.fill(SECOND, 70)])
    assert join_lines([page]) == f"{FIRST}\n\n{SECOND.strip()}"


def test_headings_list_items_and_short_last_lines_end_their_paragraph() -> None:
    items = [
        "1. есть чек, который продавец напечатал в день покупки",
        "2. упаковка цела, и все ярлыки на ней",
    ]
    page = "\n".join(["Возврат товара", textwrap.fill(FIRST, 60), *items])
    assert join_lines([page]) == "\n".join(["Возврат товара", FIRST, *items])


def test_a_sentence_that_runs_over_the_page_is_whole_again() -> None:
    lines = textwrap.wrap(FIRST, 60)
    pages = ["\n".join(lines[:3]), "\n".join(lines[3:])]
    assert lines[3][0].islower()
    assert join_lines(pages) == FIRST
    assert join_lines([pages[0] + ".", pages[1]]).count("\n\n") == 1


def test_narrow_text_stays_as_it_is() -> None:
    verse = "Мороз и солнце;\nдень чудесный!\nЕщё ты дремлешь,\nдруг прелестный"
    assert join_lines([verse, verse]) == f"{verse}\n\n{verse}"
    assert join_lines([]) == ""


@given(st.lists(st.text(alphabet="ab -.\nА1", max_size=200), max_size=5))
def test_no_letter_is_lost_or_moved(pages: list[str]) -> None:
    assert "".join(join_lines(pages).split()) == "".join("".join(pages).split())
