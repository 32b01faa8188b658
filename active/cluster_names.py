"""Name clusters of texts by the words that set each apart."""

import re
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from active.arrays import FloatArray, IntArray
from active.stop_words import STOP_WORDS

WORDS_IN_NAME = 3

MAX_WORDS = 20_000
"""Only so many words, the most frequent ones, are weighed."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def class_keywords(texts: Sequence[str], labels: IntArray, count: int) -> tuple[tuple[str, ...], ...]:
    """Return up to `count` keywords of each cluster 0..k−1, most telling first; label −1 is ignored.

    The weight of word x in cluster c is tf(x, c)·log(1 + A/f_x): tf its share of the cluster's words, f_x its
    count in all clusters, A the mean number of words a cluster (c-TF-IDF, Grootendorst 2022, arXiv
    2203.05794). Stop words of both languages, numbers and single letters do not count; a cluster of nothing
    else has none.
    """
    members: list[list[str]] = [[] for _ in range(int(labels.max()) + 1)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label >= 0:
            members[label].append(text)
    joined = [" ".join(found) for found in members]
    vectorizer = CountVectorizer(
        tokenizer=_words, lowercase=False, token_pattern=None, max_features=MAX_WORDS
    )
    try:
        counts = np.asarray(vectorizer.fit_transform(joined).todense(), dtype=np.float64)
    except ValueError:  # scikit-learn's "empty vocabulary": no text holds a word that counts
        return tuple(() for _ in joined)
    words = vectorizer.get_feature_names_out()
    return tuple(
        tuple(str(words[place]) for place in np.argsort(-row, kind="stable")[:count] if row[place] > 0)
        for row in class_tf_idf(counts)
    )


def class_tf_idf(counts: FloatArray) -> FloatArray:
    """Return the weights (k, words) of the word counts of k clusters; see `class_keywords`."""
    totals = counts.sum(axis=1, keepdims=True)
    frequency = counts / np.maximum(totals, 1)
    weights: FloatArray = frequency * np.log1p(totals.mean() / counts.sum(axis=0))
    return weights


def name_clusters(keywords: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return a different name for each cluster: its first three keywords, and more where two would be alike.

    A cluster without keywords, or alike to the last word, is named after its number, counted from 1.
    """
    names: list[str] = []
    for number, words in enumerate(keywords, start=1):
        name = f"{', '.join(words[:WORDS_IN_NAME])} ({number})" if words else f"({number})"
        for length in range(min(WORDS_IN_NAME, len(words)), len(words) + 1) if words else ():
            candidate = ", ".join(words[:length])
            if candidate not in names:
                name = candidate
                break
        names.append(name)
    return tuple(names)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower().replace("ё", "е")) if word not in STOP_WORDS]
