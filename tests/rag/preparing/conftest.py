"""Documents in two languages, and when they are worth a process."""

from __future__ import annotations

from datetime import date
from itertools import combinations, islice

import pytest

from rag import Document, ParagraphChunker
from rag.preparation import Preparation
from rag.preparing import preparer

SENTENCES = (
    "Иван Петров живёт в Москве и работает в Сбербанке.",
    "Товар можно вернуть в магазин за четырнадцать дней, если сохранился чек.",
    "Гарантия действует два года, но не покрывает механических повреждений.",
    "Курьер привозит заказ в Казань и Нижний Новгород на следующее утро.",
    "Деньги приходят на карту за три рабочих дня после возврата.",
    "Розы поливают рано утром под корень, а обрезают в начале весны.",
    "Acme Ltd. delivers to Germany, France and Spain within five working days.",
    "Dr. Jane Smith of London answers every letter that the shop receives.",
    "Express delivery costs ten euros and takes one day.",
    "To change your password, open the settings and choose Security.",
    "The report was published on 3 March 2024 by the city of Boston.",
    "PostgreSQL 16 keeps every order, and a backup is made each night.",
)
MENU = "Home | About | Login | Cart\nAccept all cookies | Reject | Settings\n" * 8


def many(count: int) -> list[Document]:
    """Return documents that differ, in both languages; one in five is junk."""
    documents = []
    for number, chosen in enumerate(islice(combinations(range(6), 3), count)):
        own = [SENTENCES[at + 6 * (number % 2)] for at in chosen]
        text = f"# Order {number}\n\n" + "\n\n".join(own)
        documents.append(
            Document(f"shop:{number:03}", f"Document {number}", MENU if number % 5 == 4 else text)
        )
    return documents


@pytest.fixture(scope="session")
def how() -> Preparation:
    return Preparation.of(ParagraphChunker())


@pytest.fixture
def documents() -> list[Document]:
    return many(20)


@pytest.fixture
def dated() -> Document:
    return Document("shop:dated", "Dated", SENTENCES[0], published=date(2020, 1, 2))


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes after a few sentences."""
    monkeypatch.setattr(preparer, "WORTH_A_PROCESS", 600)
