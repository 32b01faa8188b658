"""Measure what tells junk from text worth keeping: the same numbers for Russian and English.

The measures and their bounds follow Rae et al. (2021), "Scaling Language Models: Methods, Analysis &
Insights from Training Gopher", appendix A.1 (word length, symbols, bullets, ellipses, repetition, stop
words, words with a letter), and Raffel et al. (2020), "Exploring the Limits of Transfer Learning" (C4:
lines that end a sentence, boilerplate phrases, lorem ipsum, braces). Letter pairs stand in for the
perplexity of Wenzek et al. (2020), "CCNet". Code and tables have measures of their own, so that a model can
learn to spare them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.cleaning import junk_patterns as patterns
from rag.cleaning.letter_pairs import rare_letter_pairs
from rag.cleaning.text_view import CYRILLIC, LATIN, TextView, share
from rag.stop_words import function_words

# After these comes a noun phrase: no sentence goes on with another preposition, conjunction or full stop.
_OPENERS = frozenset(
    """
    the a an of from with into в во на из к от для при у над под перед через между
    """.split()  # noqa: SIM905
)
_NEVER_NEXT = frozenset(
    """
    of to in is are was were and or the a an by from with for into в во на из к от и или но для при у же ли бы
    по до над под перед
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Feature:
    """Name a measure, and say in words what a high and a low value mean; `{}` takes the value."""

    name: str
    measure: Callable[[TextView], float]
    high: str
    low: str = ""


def measure(text: str, language: str) -> NDArray[np.float64]:
    """Return the measures of a text in the order of FEATURES; all are finite for every text."""
    view = TextView(text, language)
    return np.array([feature.measure(view) for feature in FEATURES])


def _word_length_excess(view: TextView) -> float:
    """Return by how much the mean length of a token leaves Gopher's bounds, 3 to 10 characters."""
    mean = view.solid / max(len(view.tokens), 1)
    return min(max(mean - 10, 3 - mean, 0.0), 30.0)


def _per_token(pattern: re.Pattern[str], scale: float = 1.0) -> Callable[[TextView], float]:
    return lambda view: min(
        scale * sum(1 for _ in pattern.finditer(view.text)) / max(len(view.tokens), 1), 3.0
    )


def _phrases(pattern: re.Pattern[str]) -> Callable[[TextView], float]:
    """Return a measure of how many phrases there are in ten tokens, at most 3."""
    return lambda view: min(10 * len(pattern.findall(view.lower)) / max(len(view.tokens), 1), 3.0)


def _duplicate_lines(view: TextView) -> float:
    counts = Counter(line.strip() for line in view.lines)
    repeated = sum(len(line) * (count - 1) for line, count in counts.items() if count > 1)
    total = sum(len(line) * count for line, count in counts.items())
    return repeated / max(total, 1) * _long_enough(view)


def _duplicate_ngrams(view: TextView, size: int = 5) -> float:
    """Return the share of the words that lie in a five-gram seen before."""
    seen: set[tuple[str, ...]] = set()
    covered, until = 0, 0
    for at, gram in enumerate(zip(*(view.words[k:] for k in range(size)), strict=False)):
        if gram in seen:
            covered += at + size - max(at, until)
            until = at + size
        seen.add(gram)
    return covered / max(len(view.words), 1) * _long_enough(view)


def _long_enough(view: TextView) -> float:
    """Return from 0 at 20 words to 1 at 50, Gopher's least: a title that comes twice is no repetition."""
    return min(max(len(view.words) - 20, 0) / 30, 1.0)


def _top_bigram(view: TextView) -> float:
    counts = Counter(pairwise(view.words))
    if len(view.words) < 20 or not counts:
        return 0.0
    gram, count = counts.most_common(1)[0]
    return count * sum(map(len, gram)) / max(sum(map(len, view.words)), 1) if count > 1 else 0.0


def _function_word_share(view: TextView) -> float:
    known = function_words(view.language)
    return share(word in known for word in view.words)


def _broken_order(view: TextView) -> float:
    """Return how often, a hundred words, a function word follows one it never follows in a sentence."""
    broken = sum(1 for a, b in pairwise(view.words) if a in _OPENERS and b in _NEVER_NEXT)
    return 100 * broken / max(len(view.words), 1)


def _distinct_words(view: TextView) -> float:
    first = view.words[:200]
    return len(set(first)) / len(first) if first else 0.0


def _mixed_scripts(view: TextView) -> float:
    return share(bool(CYRILLIC.search(word) and LATIN.search(word)) for word in view.words if len(word) > 2)


def _other_letters(view: TextView) -> float:
    known = len(CYRILLIC.findall(view.text)) + len(LATIN.findall(view.text))
    return (view.letters - known) / max(view.letters, 1)


def _other_language(view: TextView) -> float:
    """Return how poor a text is in the words of grammar of both languages."""
    known = function_words("")
    return 1.0 - min(share(word in known for word in view.words) * 4, 1.0)


def _labels(view: TextView) -> float:
    """Return the share of the text in pieces of one to four words that stand alone, as menus are made of."""
    parts = (part.strip() for part in patterns.LABEL_BREAKS.split(view.text))
    alone = sum(len(part) for part in parts if len(part) < 60 and patterns.LABEL.fullmatch(part))
    return min(alone / max(len(view.text), 1), 1.0)


def _run_on(view: TextView) -> float:
    """Return the share of words of grammar in a long text without punctuation: shuffled or chained words.

    People leave the punctuation out of a sentence or two, so that it counts little in short texts.
    """
    marks = sum(view.text.count(mark) for mark in ".,;:!?()") / max(len(view.tokens), 1)
    return _function_word_share(view) * max(0.0, 1 - 20 * marks) * _long_enough(view)


def _prose(view: TextView) -> float:
    """Return how much a text reads like sentences: words of grammar, and full stops at their ends."""
    ends = patterns.SENTENCE_END.findall(view.text)
    return min(_function_word_share(view) / 0.25, 1.0) * min(len(ends) / max(len(view.tokens), 1) * 25, 1.0)


def _table_lines(view: TextView) -> float:
    """Return the share of the lines that look like rows, or that have as many separators as most others."""
    looks = view.share_of_lines(patterns.TABLE_LINE)
    if len(view.lines) < 3:
        return looks
    for separator in ",;\t|":
        counts = [line.count(separator) for line in view.lines]
        usual, _ = Counter(counts).most_common(1)[0]
        if usual > 1:
            looks = max(looks, share(count == usual for count in counts))
    return looks


FEATURES = (
    Feature("log_tokens", lambda v: math.log1p(len(v.tokens)), "a long text", "only a few words"),
    Feature("word_length_excess", _word_length_excess, "words of unusual length"),
    Feature("symbols", _per_token(patterns.SYMBOLS), "{:.2f} symbols a word"),
    Feature(
        "bullet_lines",
        lambda v: share(bool(patterns.BULLET.match(x.strip())) for x in v.lines),
        "{:.0%} of the lines are bullets",
    ),
    Feature(
        "ellipsis_lines",
        lambda v: share(x.endswith(("...", "…")) for x in v.lines),
        "{:.0%} of the lines break off with an ellipsis",
    ),
    Feature("duplicate_lines", _duplicate_lines, "{:.0%} of the text is repeated lines"),
    Feature("duplicate_ngrams", _duplicate_ngrams, "{:.0%} of the words repeat what was said before"),
    Feature("top_bigram", _top_bigram, "one pair of words makes up {:.0%} of the text"),
    Feature(
        "function_words",
        _function_word_share,
        "{:.0%} of the words are words of grammar",
        "few words of grammar ({:.0%}): no sentences",
    ),
    Feature("no_grammar", _other_language, "hardly any word of grammar"),
    Feature("broken_order", _broken_order, "words in an order that no sentence has"),
    Feature(
        "digits", lambda v: sum(map(str.isdigit, v.text)) / v.solid, "{:.0%} of the characters are digits"
    ),
    Feature(
        "upper_case",
        lambda v: sum(map(str.isupper, v.text)) / max(v.letters, 1),
        "{:.0%} of the letters are capitals",
    ),
    Feature(
        "distinct_words", _distinct_words, "hardly a word comes twice", "the same few words again and again"
    ),
    Feature(
        "ended_lines",
        lambda v: v.share_of_lines(patterns.TERMINAL),
        "lines end like sentences",
        "only {:.0%} of the lines end like a sentence",
    ),
    Feature(
        "sentence_ends",
        _per_token(patterns.SENTENCE_END, 10.0),
        "full stops everywhere",
        "hardly a sentence comes to an end",
    ),
    Feature(
        "short_lines",
        lambda v: share(len(x.split()) <= 3 for x in v.lines),
        "{:.0%} of the lines have three words or fewer",
    ),
    Feature("commas", _per_token(patterns.SEPARATORS), "words strung together with commas or bars"),
    Feature("banners", _phrases(patterns.BANNERS), "phrases of banners, footers or advertisements"),
    Feature("site_words", _phrases(patterns.SITE_WORDS), "words of menus and buttons"),
    Feature("labels", _labels, "{:.0%} of the text is labels standing alone, as in a menu"),
    Feature(
        "capitalised",
        lambda v: share(x[0].isupper() for x in v.tokens),
        "{:.0%} of the words are capitalised",
    ),
    Feature(
        "single_letters",
        lambda v: share(len(x) == 1 and x.isalpha() for x in v.tokens),
        "{:.0%} of the words are one letter",
    ),
    Feature("run_on", _run_on, "words without any punctuation"),
    Feature("prose", _prose, "it is made of sentences", "it is not made of sentences"),
    Feature("addresses", lambda v: v.share_of_characters(patterns.URL), "{:.0%} of the text is addresses"),
    Feature(
        "markup", lambda v: v.share_of_characters(patterns.MARKUP), "{:.0%} of the text is markup or script"
    ),
    Feature(
        "encoded", lambda v: v.share_of_characters(patterns.ENCODED), "{:.0%} of the text is encoded data"
    ),
    Feature("non_letters", lambda v: 1 - v.letters / v.solid, "{:.0%} of the characters are no letters"),
    Feature(
        "words_without_letter",
        lambda v: share(not any(map(str.isalpha, x)) for x in v.tokens),
        "{:.0%} of the words have no letter",
    ),
    Feature(
        "mojibake",
        lambda v: v.share_of_characters(patterns.MOJIBAKE),
        "{:.0%} of the text is in a broken encoding",
    ),
    Feature(
        "rare_letter_pairs",
        rare_letter_pairs,
        "{:.0%} of the letter pairs belong to no word: mashed keys, wrong layout or broken encoding",
    ),
    Feature("mixed_scripts", _mixed_scripts, "{:.0%} of the words mix two alphabets"),
    Feature("other_letters", _other_letters, "{:.0%} of the letters are of other alphabets"),
    Feature(
        "control",
        lambda v: share(not c.isprintable() and not c.isspace() for c in v.text),
        "{:.0%} of the characters are not printable",
    ),
    Feature(
        "long_tokens",
        lambda v: sum(len(x) for x in v.tokens if len(x) > 40) / v.solid,
        "{:.0%} of the text runs on without a space",
    ),
    Feature(
        "repeated_characters",
        lambda v: v.share_of_characters(patterns.REPEATED),
        "{:.0%} of the text is one character repeated",
    ),
    Feature(
        "code_lines", lambda v: v.share_of_lines(patterns.CODE_LINE), "{:.0%} of the lines look like code"
    ),
    Feature(
        "option_lines",
        lambda v: v.share_of_lines(patterns.OPTION_LINE),
        "{:.0%} of the lines explain an option or a term",
    ),
    Feature(
        "table_lines",
        _table_lines,
        "{:.0%} of the lines look like a table",
    ),
)
"""The measures, in the order in which the weights stand in `junk.json`."""
