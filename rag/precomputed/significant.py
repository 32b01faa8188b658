"""Take from a question the tokens that carry its meaning, in order.

Left out are politeness, articles, and words that a question has only by the habits of its
language. Kept are question words, prepositions, negations, modal verbs, numbers and signs: with
any of them changed, the question is another.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"[-−]?\d+(?:[.,:/]\d+)*"  # a number, a date, a version
    r"|[^\W\d_]+(?:['’-][^\W\d_]+)*(?:\+\+|#)?"  # a word; C++ and C#
    r"|[^\s\w.,!?;:…()\[\]\"'«»“”„’–—-]"  # any other sign: €, %, +, <
    r"|_"
)
_CONTRACTIONS = (
    (re.compile(r"\b(ca)n['’]t\b|\bcannot\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"\b(what|where|who|how|when|why|it|that|there)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\bi['’]m\b", re.IGNORECASE), "i am"),
    (re.compile(r"\bi['’]d\b", re.IGNORECASE), "i would"),
)
_GREETINGS = re.compile(
    r"^\s*(?:(?:hi|hello|hey|good (?:day|morning|evening|afternoon)|excuse me|"
    r"здравствуйте|здравствуй|привет|добрый (?:день|вечер)|доброе утро|извините|простите)\b[\s,!.]*)+"
    r"(?:(?:could|can|would) you (?:please )?tell me\b|please tell me\b|i would like to know\b|"
    r"(?:я )?хочу узнать\b|хотел(?:а)? бы узнать\b)?[\s,:]*",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^\s*(?:(?:could|can|would) you (?:please )?tell me\b|(?:please )?tell me\b|i would like to know\b|"
    r"(?:я )?хочу узнать\b|(?:подскажите|скажите|объясните)(?: мне)?\b(?=[\s,:]))[\s,:]*",
    re.IGNORECASE,
)
_FILLER_WORDS = (
    "a an the please is are am be do does there just exactly actually "
    "пожалуйста подскажите скажите ли же бы ну вообще именно это есть"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
# Left out after "how" and the like, where the question is of the way, not of the leave.
_AFTER_HOW = {
    "en": ("to", "can", "could", "i", "we", "one"),
    "ru": ("можно", "мне", "нам", "я", "мы", "могу", "можем"),
}
_HOW = {"en": ("how",), "ru": ("как", "где", "когда", "куда")}
_SAME = {"cannot": "can", "во": "в", "со": "с", "ко": "к", "обо": "о", "об": "о", "изо": "из", "ото": "от"}
_NEGATIVE_WORDS = (
    "not no never without nor neither none nobody nothing unable impossible forbidden prohibited except "
    "не нет ни никогда без нельзя невозможно запрещено нечего никто ничто ничего нигде кроме"
)
NEGATIONS = frozenset(_NEGATIVE_WORDS.split())


def normalise(question: str) -> str:
    """Return a question without case, punctuation at its ends, and differences of white space.

    Two questions with one normalised form are the same question.
    """
    text = " ".join(question.replace("ё", "е").replace("Ё", "Е").split())
    text = text.replace("’", "'").replace("−", "-").strip(" ?!.…")
    return " ".join(_folded(word) for word in text.split(" "))


def significant(question: str) -> list[str]:
    """Return the tokens of a question that carry its meaning.

    Words are in lower case, except names and abbreviations, which keep the case they have.
    """
    text = " ".join(question.replace("ё", "е").replace("Ё", "Е").split())
    for pattern in (_GREETINGS, _ASKING):
        text = pattern.sub("", text)
    for pattern, full in _CONTRACTIONS:
        text = pattern.sub(full, text)
    kept: list[str] = []
    how = ""
    for number, token in enumerate(_TOKEN.findall(text)):
        low = token.lower()
        if low in _FILLERS and not (token.isupper() and len(token) > 1):
            continue
        if how and low in _AFTER_HOW[how]:
            continue
        how = next((language for language, words in _HOW.items() if low in words), "")
        low = _SAME.get(low, low).replace("−", "-")
        kept.append(token if number and _is_name(token) else low if number else _first(token, low))
    return kept


def _is_name(token: str) -> bool:
    return token[0].isupper()


def _first(token: str, low: str) -> str:
    """Return the first token of a question, whose capital letter says nothing unless all are capital."""
    return token if len(token) > 1 and token.isupper() else low


def _folded(word: str) -> str:
    """Return a word in lower case, abbreviations as they are: `US` is not `us`."""
    letters = word.strip("?!.,;:()\"'«»")
    return word if len(letters) > 1 and letters.isupper() else word.lower()
