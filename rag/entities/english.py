"""Find entities in English by capitals and the words around them; no model and no list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rag.chunkers.boundaries import sentence_spans
from rag.entities.base import Entity, Kind
from rag.entities.cues import (
    CALENDAR,
    COMMON,
    GIVEN_NAMES,
    LEGAL_FORMS,
    ORGANISATION_WORDS,
    PEOPLES,
    PERSON_VERBS,
    PLACE_PREPOSITIONS,
    PLACE_WORDS,
    TITLES,
    WORDING,
)
from rag.entities.names import city_names, currency_names, place_names
from rag.entities.technical import technical_names
from rag.stop_words import ENGLISH

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-&][^\W_]+)*|[$€₽£¥₴₸₹]|[^\w\s]")
_DOTTED = re.compile(r"(?:[A-Z]\.){2,}$|[A-Z](?:\.[A-Z])+$")  # U.S., D.C
_INNER = frozenset(
    ("of", "the", "and", "for", "de", "la", "van", "von", "der", "du", "di", "del", "al", "bin", "&")
)
_OPENING = frozenset('“":•*«(#-–—')  # what a sentence may start behind
_CODES = frozenset(
    ("USD", "EUR", "RUB", "GBP", "JPY", "CNY", "CHF", "UAH", "KZT", "INR", "PLN", "ILS", "BTC")
)
# Countries that are written like common words when they have no capital.
_NEED_CAPITALS = frozenset(
    """
    us turkey chad jersey jordan china guinea mali niger cuba georgia oman togo
    """.split()  # noqa: SIM905
)
_LONGEST_NAME = 5  # words of a name from the lists
_TITLE_CASE_SHARE = 0.6  # of capitals among the words of a line: above it, capitals say nothing


class _Token(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


def find_english(text: str) -> Iterator[Entity]:
    """Yield the entities of an English text, the surer ones first; they may overlap."""
    yield from (entity for entity in technical_names(text) if " " in entity.name)
    sentences = [_tokens(text, start, end) for start, end in sentence_spans(text, 0, len(text))]
    certain = _certain_names(sentences)
    for tokens in sentences:
        yield from _currencies(tokens)
        if not _is_title_case(tokens):
            yield from _capitalised(text, tokens, certain)
        yield from _places(tokens)
    yield from technical_names(text)


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    return [_Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text, start, end)]


def _certain_names(sentences: list[list[_Token]]) -> frozenset[str]:
    """Return the words that have a capital inside a sentence and are never written without one."""
    capital, small = set(), set()
    for tokens in sentences:
        title_case = _is_title_case(tokens)
        for place, token in enumerate(tokens):
            if not token.is_capital:
                small.add(token.text)
            elif not title_case and not _starts_sentence(tokens, place):
                capital.add(token.text)
    return frozenset(word for word in capital if word.lower() not in small)


def _is_title_case(tokens: list[_Token]) -> bool:
    long_words = [token for token in tokens if token.text[0].isalpha() and len(token.text) > 3]
    capitals = sum(token.is_capital for token in long_words)
    ended = bool(tokens) and tokens[-1].text in ".!?"
    return not ended and len(long_words) > 3 and capitals > _TITLE_CASE_SHARE * len(long_words)


def _starts_sentence(tokens: list[_Token], place: int) -> bool:
    if place == 0 or tokens[place - 1].text in _OPENING:
        return True
    first_word = next(at for at, token in enumerate(tokens) if token.text[0].isalpha())
    return first_word == place


def _capitalised(text: str, tokens: list[_Token], certain: frozenset[str]) -> Iterator[Entity]:
    for first, last in _runs(tokens):
        first = _without_starter(tokens, first, last, certain)
        first, last = _without_dates(tokens, first, last)
        if first > last or _says_nothing(tokens, first, last):
            continue
        kind = _kind(tokens, first, last)
        title = first
        while title < last and tokens[title].text.lower() in TITLES and tokens[last].text not in TITLES:
            title += 2 if tokens[title + 1].text == "." and title + 1 < last else 1
        first = title if kind == "person" else first
        span = text[tokens[first].start : tokens[last].end]
        name = _normalised(span, kind)
        if len(name) > 1 and any(sign.isalpha() for sign in name):
            yield Entity(name, kind, tokens[first].start, tokens[last].end)


def _runs(tokens: list[_Token]) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each run of capitalised words, small words inside it included."""
    place = 0
    while place < len(tokens):
        if not (tokens[place].is_capital and tokens[place].is_word):
            place += 1
            continue
        last = place
        while (following := _following(tokens, last)) is not None:
            last = following
        yield place, last
        place = last + 1


def _following(tokens: list[_Token], last: int) -> int | None:
    """Return the place of the next capitalised word of the name that reached `last`, if it goes on."""
    at = last + 1
    if at >= len(tokens):
        return None
    word = tokens[last].text
    if tokens[at].text == "." and (len(word) == 1 or word.lower() in TITLES):
        at += 1  # an initial or a title: J. K. Rowling, Dr. Jones
    small = at
    while small < len(tokens) and tokens[small].text in _INNER and small - at < 2:
        small += 1
    joins_two = any(token.text in ("and", "for") for token in tokens[at:small])
    if small < len(tokens) and tokens[small].is_capital and tokens[small].is_word:
        if small == at:
            return small
        organisation = word.lower() in ORGANISATION_WORDS
        if not joins_two or organisation:
            return small
    return None


def _without_dates(tokens: list[_Token], first: int, last: int) -> tuple[int, int]:
    while first <= last and tokens[first].text.lower() in CALENDAR | ENGLISH:
        first += 1
    while last >= first and (tokens[last].text.lower() in CALENDAR | ENGLISH or not tokens[last].is_word):
        last -= 1
    return first, last


def _says_nothing(tokens: list[_Token], first: int, last: int) -> bool:
    words = {token.text.lower() for token in tokens[first : last + 1] if token.is_word}
    return words <= COMMON | PEOPLES | ENGLISH | CALENDAR


def _without_starter(tokens: list[_Token], first: int, last: int, certain: frozenset[str]) -> int:
    """Return where a run begins without a word that has its capital only from the sentence's start."""
    word = tokens[first].text
    whole = " ".join(token.text.lower() for token in tokens[first : last + 1])
    listed = whole in place_names("en") or whole in city_names("en")
    if not _starts_sentence(tokens, first) or listed or _looks_like_a_name(word, certain):
        return first
    common = word.lower() in ENGLISH | COMMON
    after = tokens[last + 1].text.lower() if last + 1 < len(tokens) else ""
    if first < last and tokens[first + 1].text in _INNER:  # Shares of the Royal Bank of Scotland
        common = common or word.lower() not in ORGANISATION_WORDS | PLACE_WORDS
    # Two capitals in a row, a genitive or a deed: the first word is, or is part of, a name.
    named = first < last or after in ("'", "’") or after in PERSON_VERBS
    if named and not common:
        return first
    return next((at for at in range(first + 1, last + 1) if tokens[at].is_capital), last + 1)


def _looks_like_a_name(word: str, certain: frozenset[str]) -> bool:
    low = word.lower()
    return (
        word in certain
        or low in GIVEN_NAMES
        or low in TITLES
        or low in place_names("en")
        or low in city_names("en")
        or (len(word) > 1 and word[1:] != word[1:].lower() and low not in ENGLISH | COMMON)
    )


def _kind(tokens: list[_Token], first: int, last: int) -> Kind:
    """Guess the kind of a name from its words and its neighbours."""
    words = [token.text.replace(".", "").lower() for token in tokens[first : last + 1] if token.is_word]
    before = tokens[first - 1].text.lower() if first else ""
    after = tokens[last + 1].text.lower() if last + 1 < len(tokens) else ""
    name = " ".join(words)
    if name in place_names("en") or name in city_names("en"):
        return "place"
    if words[-1] in LEGAL_FORMS or any(word in ORGANISATION_WORDS for word in words):
        return "organisation"
    if words[0] in PLACE_WORDS or words[-1] in PLACE_WORDS:
        return "place"
    if words[0] in TITLES or (words[0] in GIVEN_NAMES and len(words) < 5):
        return "person"
    initial = any(len(word) == 1 for word in words[:-1]) and len(words) > 1
    if initial or (
        before in TITLES or (before == "." and first > 1 and tokens[first - 2].text.lower() in TITLES)
    ):
        return "person"
    if len(words) == 1 and tokens[first].text.isupper():
        speaks = after in PERSON_VERBS or before in ("the", "by", "at")
        return "organisation" if speaks and len(words[0]) > 2 else "other"
    met = before in ("by", "with") or before in PERSON_VERBS
    if after in PERSON_VERBS or (met and len(words) in (2, 3)):
        return "person"
    verb = tokens[first - 2].text.lower() if first > 1 else ""
    longest = 2 if before in ("in", "near") else 1
    if before in PLACE_PREPOSITIONS and len(words) <= longest and verb not in WORDING:
        return "place"
    return "other"


def _normalised(span: str, kind: Kind) -> str:
    name = re.sub(r"\s+", " ", span).strip(" .,'’")
    words = name.split(" ")
    while kind == "organisation" and len(words) > 1 and words[-1].strip(".,").lower() in LEGAL_FORMS:
        words = words[:-1]
    name = " ".join(
        re.sub(r"(?<=[A-Z])\.(?=[A-Z]|$)", "", word) if _DOTTED.match(word) else word for word in words
    )
    name = name.strip(" ,.")
    return place_names("en").get(name.lower().replace(".", ""), name) if kind == "place" else name


def _currencies(tokens: list[_Token]) -> Iterator[Entity]:
    names, beginnings = currency_names("en"), _currency_beginnings()
    for place, token in enumerate(tokens):
        low = token.text.lower()
        if beginnings.isdisjoint((token.text, low, low.removesuffix("s"))):
            continue
        for size in (3, 2, 1):
            some = tokens[place : place + size]
            if len(some) < size:
                continue
            way = " ".join(token.text for token in some)
            name = (
                names.get(way) if way in _CODES or not some[0].is_word else names.get(_singular(way.lower()))
            )
            if name:
                yield Entity(name, "other", some[0].start, some[-1].end)


@lru_cache(maxsize=1)
def _currency_beginnings() -> frozenset[str]:
    return frozenset(name.split(" ")[0] for name in currency_names("en"))


@lru_cache(maxsize=1)
def _place_beginnings() -> frozenset[str]:
    return frozenset(name.split(" ")[0] for name in (*place_names("en"), *city_names("en")))


@lru_cache(maxsize=20_000)
def _singular(way: str) -> str:
    """Return the name of a currency without the ending of the plural: `pounds sterling`, `euros`."""
    if way in currency_names("en"):
        return way
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in way.split(" "))


def _places(tokens: list[_Token]) -> Iterator[Entity]:
    """Yield countries in any case and cities with capitals."""
    beginnings = _place_beginnings()
    for place, token in enumerate(tokens):
        if token.text.lower().replace(".", "") not in beginnings:
            continue
        for size in range(_LONGEST_NAME, 0, -1):
            some = tokens[place : place + size]
            if len(some) < size or not some[0].is_word:
                continue
            way = " ".join(token.text for token in some)
            low = way.lower().replace(".", "")
            capital = all(token.is_capital for token in some if token.text not in _INNER)
            name = place_names("en").get(low)
            if name is None and capital:
                name = city_names("en").get(low)
            if name and (capital or (low not in _NEED_CAPITALS and len(low) > 3)):
                yield Entity(name, "place", some[0].start, some[-1].end)
                break
