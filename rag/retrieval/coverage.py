"""Tell how far the words of a query occur in what the lexical search found for it.

A question in Russian finds nothing by its words among English documents, or only a number or a
function word. BM25 scores do not tell: they grow with the index and differ from engine to engine.
The share of the question's content words that the best hits hold does, for any engine.
"""

from __future__ import annotations

from collections.abc import Iterable

from rag.content import content_terms
from rag.indexes.stemming import terms

BEST_HITS = 5
# No passage needs to hold the words that only ask.
_ASKING = frozenset(
    terms(
        "what which who whom whose where when why how many much long far old often do does did "
        "что какой какая какое какие каких каким какому какую кто кого кому кем чей чья где куда откуда "
        "когда почему зачем как сколько скольких насколько ли"
    )
)


def coverage(query: str, texts: Iterable[str]) -> float:
    """Return the largest share, in [0, 1], of the query's content words that one of the texts holds.

    A query of nothing else is taken as it is; 0 where there is no word or no text.
    """
    wanted = set(content_terms(query)) - _ASKING or set(terms(query))
    if not wanted:
        return 0.0
    return max((len(wanted.intersection(terms(text))) / len(wanted) for text in texts), default=0.0)
