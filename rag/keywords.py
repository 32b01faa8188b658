"""Name what a text is about by the phrases that hold it together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import log, sqrt

from rag.indexes.stemming import terms
from rag.stop_words import ENGLISH, function_words

_TOKEN = re.compile(r"\w+(?:[-'’+#.]*\w+|[+#]+)*|[^\w\s]|\n\s*\n")
_ENDS_SENTENCE = frozenset(".!?…\n|")
_LONGEST_PHRASE = 3  # words; of a longer run each three neighbours are a candidate
# Verbs and numerals that end a phrase in any subject, and the endings of Russian verbs.
_PLAIN_WORDS = frozenset(
    """
    become became called come given gave get go going gone let like made make makes making much need new one
    said say says see seen seem take taken tell three told took two use used uses using want went yes
    быть вместе время год года году говорит говорят дать делать должен должна должны имеет иметь имеют
    использовать например необходимо нужно один одна одно первый потом просто сделать сказал сказала
    стал стала стали стало стоит считает считается также хочу хотите является
    """.split()  # noqa: SIM905
)
_VERB = re.compile(r"\w{2,}(?:[аеуюя]ет|[аеуюя]ют|[ауя]ем|[аеияу]тся|[аеияуы]ть(?:ся)?|л[аио]?с[ья]|йте)")
_NO_VERBS = frozenset(("благодать", "кровать", "память", "печать", "рукоять"))
_Word = tuple[str, str]  # as it is shown, stem


def keywords(text: str, language: str, count: int = 8) -> list[str]:
    """Return at most `count` phrases of one to three words, the most telling first.

    A candidate is a run of words without stop words, verbs (as far as endings tell) or punctuation,
    or a part of one that recurs. The score of a word is its degree over its frequency, raised by
    how often it occurs; that of a phrase is the sum over its words by the root of their number,
    times its count. Phrases that add less than half new stems are left out. Source: RAKE (Rose et
    al. 2010, Automatic keyword extraction from individual documents), over stems.
    """
    runs = _runs(text, _stop_words(language))
    frequency = Counter(stem for run in runs for _, stem in run)
    degree: Counter[str] = Counter()
    for run in runs:
        for _, stem in run:
            degree[stem] += len(run)
    score = {stem: degree[stem] / n * (1 + log(n)) for stem, n in frequency.items()}
    counts: Counter[tuple[str, ...]] = Counter()
    shown: dict[tuple[str, ...], str] = {}
    for phrase, is_whole in _phrases(runs):
        stems = tuple(stem for _, stem in phrase)
        counts[stems] += 1
        if is_whole or counts[stems] > 1:
            shown.setdefault(stems, " ".join(word for word, _ in phrase))

    def weight(stems: tuple[str, ...]) -> float:
        return sum(score[stem] for stem in stems) / sqrt(len(stems)) * counts[stems]

    # A stable sort: of equals the earlier in the text comes first.
    return [shown[stems] for stems in _distinct(sorted(shown, key=weight, reverse=True), count)]


def _phrases(runs: list[list[_Word]]) -> Iterator[tuple[list[_Word], bool]]:
    """Yield one to three neighbours of every run, and whether they are a candidate on their own."""
    for run in runs:
        whole = min(len(run), _LONGEST_PHRASE)
        for size in range(1, whole + 1):
            for at in range(len(run) - size + 1):
                yield run[at : at + size], size == whole


def _runs(text: str, stops: frozenset[str]) -> list[list[_Word]]:
    """Return the runs of content words between stop words and punctuation."""
    runs: list[list[_Word]] = [[]]
    starts_sentence = True
    for token in _TOKEN.findall(text):
        plain = token.lower().replace("ё", "е")
        if token[0].isalnum() and plain not in stops and _tells(token, plain):
            proper = token[1:] != token[1:].lower() or (token[0].isupper() and not starts_sentence)
            runs[-1].append((token if proper else token.lower(), _stem(plain)))
        elif runs[-1]:
            runs.append([])
        starts_sentence = token[0] in _ENDS_SENTENCE
    return [run for run in runs if run]


def _tells(token: str, plain: str) -> bool:
    """Tell nouns and names such as C++ or GPT-4 from numbers, single letters and verbs."""
    if len(token) < 2 or (len(token) == 2 and not token.isupper()) or not any(map(str.isalpha, token)):
        return token in ("C#", "F#")
    return not _VERB.fullmatch(plain) or plain in _NO_VERBS


@lru_cache(maxsize=8)
def _stop_words(language: str) -> frozenset[str]:
    return function_words(language) | ENGLISH | _PLAIN_WORDS


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return " ".join(terms(word))


def _distinct(ranked: list[tuple[str, ...]], count: int) -> list[tuple[str, ...]]:
    chosen: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for stems in ranked:
        if len(chosen) == count:
            break
        if 2 * len(set(stems) - seen) > len(stems):
            chosen.append(stems)
            seen.update(stems)
    return chosen
