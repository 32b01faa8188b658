"""Turn a question into the numbers that the launch classifier reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.language import words

# One pattern names one feature in both languages, so that a weight learnt in one serves the other.
_PATTERNS = {
    "asks": (
        r"^(?:what|which|who|whom|whose|when|where|why|how|is|are|does|do|did|can|could|must|may|was|were)\b|"
        r"^(?:что|какой|какая|какое|какие|каков\w*|как|кто|кого|кому|чем|когда|где|куда|откуда|почему|зачем|"
        r"сколько|чей|можно|нужно|в каком|в какой|по какому)\b|\bли\b"
    ),
    "fetches": (
        r"\b(?:show|find|list|open|search|download|display|locate|link|look up|bring up|get me)\b|"
        r"\b(?:покажи\w*|найди\w*|найти|открой\w*|поищи\w*|скачать|скачай\w*|выведи\w*|ссылк\w+|подбери\w*|ищу)\b"
    ),
    "documents": (
        r"\b(?:documents?|files?|articles?|reports?|papers?|pages?|pdf|forms?|sources?|materials?|passages?|"
        r"template|links?)\b|"
        r"\b(?:документ\w*|файл\w*|стать[яиюей]\w*|отч[её]т\w*|страниц\w+|бланк\w*|форм[уы]|источник\w*|"
        r"материал\w*|отрывк\w+|шаблон\w*|pdf)\b"
    ),
    "speaks_to_me": (r"\b(?:you|your|yourself)\b|\b(?:ты|тебя|тебе|твой|твоя|твоё|твое|тобой|себя)\b"),
    "about_myself": r"\b(?:i|my|me|mine)\b|\b(?:я|мне|меня|мой|моя|моё|мое|мои|моей|мою|мной)\b",
    "danger": (
        r"\b(?:kill|murder|poison|bomb\w*|explosiv\w*|hack(?!er)\w*|steal\w*|forge|launder\w*|bribe\w*|blackmail|"
        r"torture|rape|drug dealer|cocaine|heroin|meth|overdose|suicide|rob|cheat|phishing|malware|stolen|"
        r"weapons?|guns?|stalk|spy on|secretly|without being caught|getting caught|inferior|stupid\w*)\b|"
        r"\b(?:убить|убийств\w*|отрав\w*|бомб\w*|взрывчат\w*|взлома\w*|украсть|крад\w*|подделать|отмы\w*|взятк\w*|"
        r"шантаж\w*|пыта[тл]\w*|изнасил\w*|кокаин\w*|героин\w*|мефедрон\w*|передозировк\w*|самоубийств\w*|ограбить|"
        r"списать|фишинг\w*|вскрыть|чуж\w+|оружи\w*|пистолет\w*|следить|тайно|не поймали|не попасться|"
        r"неполноценн\w*|глуп\w+)\b"
    ),
    "private": (
        r"\b(?:home address|private|salary|passport number|card numbers?|medical records?|pregnant|religion|"
        r"mobile number|date of birth|illness\w*|diagnos\w*|passwords?|lives? now)\b|"
        r"\b(?:домашн\w+ адрес|личн\w+|зарплат\w*|номер\w* паспорт\w*|номер\w* карт\w*|медкарт\w*|"
        r"беременн\w*|вероисповедан\w*|мобильн\w+ (?:телефон|номер)\w*|дат\w+ рождения|болеет|диагноз\w*|"
        r"парол\w+|жив[её]т)\b"
    ),
    "health": (
        r"\b(?:pills?|doses?|antibiotics?|insulin|medicine|drugs?|pain|cancer|fever|rash|operation|surgery|"
        r"blood test|symptoms?|treat\w*|prescribe|depression|disease|vaccin\w*)\b|"
        r"\b(?:таблет\w+|доз[аыу]\w*|антибиотик\w*|инсулин\w*|лекарств\w*|бол[иь]т|рак|температур\w*|сыпь|"
        r"операци\w+|анализ\w*|симптом\w*|леч\w+|диагноз|депресси\w*|болезн\w*|прививк\w*|препарат\w*)\b"
    ),
    "law_and_money": (
        r"\b(?:court|sue|lawsuit|guilty|divorce|convicted|sentence|invest|shares|stocks|bitcoin|contract|vote)\b|"
        r"\b(?:суд[аеу]?|иск|вин[ауы]|развод\w*|осуд\w*|приговор\w*|влож\w+|акци[июя]|биткоин\w*|договор\w*|голосова\w*)\b"
    ),
    "asks_decision": r"\b(?:should i|will i|am i|do i have)\b|\b(?:стоит ли мне|мне ли|ли мне|мне)\b",
}
_FEATURES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}
# "What does a dose do?" is knowledge; "what dose should I take?" asks for a doctor.
_JOINT = (("health", "about_myself"), ("law_and_money", "about_myself"), ("asks", "danger"))
LEXICAL_NAMES = (
    *("log_words", "question_mark", "exclamation", "digits", "quotes"),
    *_PATTERNS,
    *(f"{one}+{other}" for one, other in _JOINT),
)


def lexical_features(questions: Sequence[str]) -> NDArray[np.float32]:
    """Return an array (n, len(LEXICAL_NAMES))."""
    return np.asarray([_lexical(question) for question in questions], np.float32).reshape(
        len(questions), len(LEXICAL_NAMES)
    )


def question_features(questions: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Join the embeddings (n, dimension) of questions with their lexical features."""
    return np.hstack([vectors, lexical_features(questions)]).astype(np.float32)


def _lexical(question: str) -> list[float]:
    text = question.strip()
    found = {name: float(bool(pattern.search(text))) for name, pattern in _FEATURES.items()}
    return [
        float(np.log1p(len(words(text)))),
        float("?" in text),
        float("!" in text),
        float(any(letter.isdigit() for letter in text)),
        float(bool(re.search(r"[\"«“]", text))),
        *found.values(),
        *(found[one] * found[other] for one, other in _JOINT),
    ]
