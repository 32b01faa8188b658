"""Catch an answer about another entity than the question's: the euro asked, the dollar answered.

An entity of the question is compared with those of its kind in the answer. A mismatch is told only
where the answer names none of the question's and puts another in its place, and where the question
does not ask for that very kind ("who", "which city"). What cannot be told is not flagged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rag.content import content_terms
from rag.entities import Entity, find_entities
from rag.entities.names import currency_names, place_names
from rag.indexes.stemming import terms
from rag.language import sentences
from rag.stop_words import ENGLISH

TOPIC_WORDS = 7  # a sentence names the place that it is about among its first words
SUBJECT_WORDS = 3  # and whom it is about among these

_YEAR = re.compile(
    r"(?<![\d.,№-])(?:1[5-9]|20)\d\d(?![\d.,]*\d)(?!\s*(?:руб|₽|\$|€|euro|dollar|долл|евро|%))"
)
_RELATIVE_YEAR = re.compile(
    r"\b(?:since|after|before|until|till|from|between|by|с|со|после|до|начиная|между|раньше|позже|к)"
    r"(?:\s+(?:начала|конца|the|early|late))?\s+$",
    re.IGNORECASE,
)
_HEADS = (
    "article section chapter clause paragraph form room version release appendix annex rule volume level "
    "grade page figure table gate platform flight bus line order статья раздел глава пункт параграф форма "
    "кабинет комната версия выпуск приложение правило том уровень страница рисунок таблица рейс автобус "
    "линия приказ закон постановление этап"
)
_NUMBERED = re.compile(r"\b([^\W\d_][^\W_]*)\s+(?:№\s*|No\.?\s*|#)?v?(\d{1,6}(?:\.\d+)*)(?![\d%])")
_AMOUNT_BEFORE = re.compile(
    r"(?:\d|\b(?:тыс|тысяч\w*|млн|миллион\w*|thousand|million|hundred|сто|US))\.?\s*$"
)
_ONE_BEFORE = re.compile(r"(?:^|[^\d.,]\s*)(?:1|one|a|один|одного)\s*$", re.IGNORECASE)
_PRONOUN = re.compile(
    r"^(?:it|its|he|she|they|this|these|his|her|their|он|она|оно|они|его|е[её]|их|это|эт[аиу]|этот)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^(?:according to|согласно|по данным)\b[^,]*,\s*", re.IGNORECASE)
# What the question asks for cannot be wrong by being new.
_ASKED = {
    "place": r"\bwhere\b|\bcapital\b|\bcity\b|\bcities\b|\btowns?\b|\brivers?\b|\bгде\b|\bкуда\b|\bоткуда\b|"
    r"\bстолиц\w+|\bгород\w*|\bрек[аиуе]\w*|\bwhich place\b",
    "country": r"\bwhere\b|\bcountr(?:y|ies)\b|\bгде\b|\bкуда\b|\bоткуда\b|\bстран\w+|"
    r"\bborders?\b|\bгранич\w+",
    "name": r"\bwho(?:m|se)?\b|\b(?:which|what) (?!did|do|does|is|are|was|were|has|have|had|can|will|would|"
    r"should|changed|happen|about)\w+|\bnames?\b|\bcalled\b|\bкто\b|\bкого\b|\bкому\b|\bкем\b|\bком\b|"
    r"\bче[йьюяе]\w*\b|\bзовут\b|\bназыва\w+|\bкак(?:ой|ая|ое|ие|ого|ому|ую|им) (?!сегодня|сейчас)\w+",
    "currency": r"\bcurrenc(?:y|ies)\b|\bвалют\w+",
    "year": r"\bwhen\b|\bwhat year\b|\bwhich year\b|\bhow long\b|\bhow old\b|\bкогда\b|\bв каком году\b|"
    r"\bкакого года\b|\bсколько лет\b|\bdate\b|\bдат[аыу]\b",
}
_ASKS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _ASKED.items()}


class _Mention(NamedTuple):
    """Hold an entity under the kind that it is compared within, and where it stands."""

    kind: str
    name: str
    start: int


@dataclass(frozen=True)
class EntityMismatch:
    """Hold what was asked about, what was answered about instead, and the kind of both."""

    kind: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Say it in one line."""
        return f"asked about {', '.join(self.asked)}, answered about {', '.join(self.answered)}"


def check_entities(question: str, answer: str, language: str) -> list[EntityMismatch]:
    """Return where the answer puts another entity, version, clause or year in the place of the asked.

    `language` is that of the question and of the answer: names are compared in their dictionary
    forms. Raises ModelError where the weights for Russian names are missing.
    """
    asked = list(_mentions(question, language))
    if not asked or not answer.strip():
        return []
    said = list(_mentions(answer, language))
    stems = set(terms(answer))
    found = []
    for kind in dict.fromkeys(mention.kind for mention in asked):
        wanted = _names(mention for mention in asked if mention.kind == kind)
        rivals = _names(_rivals(kind, said, answer))
        if rivals and not _is_asked(kind, question) and not _present(wanted, rivals, stems, kind):
            found.append(EntityMismatch(kind, wanted, rivals))
    return found


def _mentions(text: str, language: str) -> Iterator[_Mention]:
    numbered = list(_numbered(text))
    yield from numbered
    spans = [(match.start(), match.end()) for match in _NUMBERED.finditer(text)] if numbered else []
    for entity in find_entities(text, language):
        if any(start <= entity.start < end for start, end in spans) and _is_numbered(entity, numbered):
            continue
        kind = _kind(entity, language)
        if kind == "currency" and _is_amount(text, entity):
            continue
        yield _Mention(kind, entity.name, entity.start)
    for match in _YEAR.finditer(text):
        if not _RELATIVE_YEAR.search(text[: match.start()]):
            yield _Mention("year", match[0], match.start())


def _is_numbered(entity: Entity, numbered: Sequence[_Mention]) -> bool:
    return any(abs(mention.start - entity.start) <= 1 for mention in numbered)


def _kind(entity: Entity, language: str) -> str:
    if entity.name.lower() in _currencies(language):
        return "currency"
    if entity.kind == "place":
        return "country" if entity.name.lower() in _countries(language) else "place"
    return "name"  # the same firm or person is not always given the same kind


@lru_cache(maxsize=2)
def _currencies(language: str) -> frozenset[str]:
    names = currency_names("ru" if language == "ru" else "en")
    return frozenset(_plain(name) for name in (*names, *names.values()))


@lru_cache(maxsize=2)
def _countries(language: str) -> frozenset[str]:
    names = place_names("ru" if language == "ru" else "en")
    return frozenset(_plain(name) for name in (*names, *names.values()))


def _plain(name: str) -> str:
    return name.lower().replace("ё", "е")


def _is_amount(text: str, entity: Entity) -> bool:
    """Tell whether a currency only counts: "90 roubles", "$5"; "1 dollar costs …" is about it."""
    before, after = text[: entity.start], text[entity.end :]
    if re.match(r"\s?\d", after):
        return True
    return bool(_AMOUNT_BEFORE.search(before)) and not _ONE_BEFORE.search(before[-12:])


def _numbered(text: str) -> Iterator[_Mention]:
    """Yield versions and clauses: Python 3.11, iPhone 14, article 81, «пункт 3»."""
    for match in _NUMBERED.finditer(text):
        head, number = match[1], match[2]
        [stem] = terms(head) or [""]
        is_product = re.match(r"[A-Za-z]", head) and head != head.lower() and not _is_year(number)
        if stem in _head_stems() or (is_product and head.lower() not in ENGLISH):
            yield _Mention(f"numbered {stem}", f"{head} {number}", match.start())


@lru_cache(maxsize=1)
def _head_stems() -> frozenset[str]:
    return frozenset(terms(_HEADS))


def _is_year(number: str) -> bool:
    return bool(re.fullmatch(r"(?:1[5-9]|20)\d\d", number))


def _rivals(kind: str, said: Sequence[_Mention], answer: str) -> Iterator[_Mention]:
    """Yield the answer's entities of a kind that may stand in the place of the asked one."""
    zone = _topic(answer, SUBJECT_WORDS if kind == "name" else TOPIC_WORDS)
    for mention in said:
        if mention.kind != kind:
            continue
        if kind in ("currency", "year") or kind.startswith("numbered") or mention.start in zone:
            yield mention


def _topic(answer: str, size: int) -> range:
    """Return the offsets of the first words of the answer; none where it begins with a pronoun."""
    first = (sentences(answer) or [""])[0]
    start = answer.find(first)
    opening = _OPENING.match(first)
    start += opening.end() if opening else 0
    body = first[opening.end() :] if opening else first
    if _PRONOUN.match(body):
        return range(0)
    words = list(re.finditer(r"\w+", body))[:size]
    return range(start, start + (words[-1].end() if words else 0))


def _is_asked(kind: str, question: str) -> bool:
    if kind.startswith("numbered"):
        return bool(re.search(r"\b(?:which|what|как(?:ой|ая|ое|ом))\s+\w+\b", question, re.IGNORECASE)) and (
            kind.split()[-1] in terms(question)[:4] and not list(_numbered(question))
        )
    return kind in _ASKS and bool(_ASKS[kind].search(question))


def _present(wanted: Sequence[str], rivals: Sequence[str], stems: set[str], kind: str) -> bool:
    """Tell whether the answer names one of the entities asked about, in whatever form."""
    if kind.startswith("numbered"):
        numbers = {name.rpartition(" ")[2] for name in wanted}
        return bool(numbers & {name.rpartition(" ")[2] for name in rivals})
    if {_plain(name) for name in wanted} & {_plain(name) for name in rivals}:
        return True
    return any(set(content_terms(name)) & stems for name in wanted)


def _names(mentions: Iterator[_Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.name for mention in mentions))
