"""Check that the worse twin of an answer really is worse, by other means than those that made it."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.labelling.controls.corruption import Corruption, Original
from rag.content import content_terms
from rag.language import detect_language
from rag.verification import SentenceCheck

LESS_SUPPORT = 0.02
LOST_TERMS = 2


def is_worse(
    original: Original, twin: Corruption, before: Sequence[SentenceCheck], after: Sequence[SentenceCheck]
) -> bool:
    """Tell whether a twin is worse than its fully supported original.

    `before` and `after` are the checks of their sentences. What is added or changed must lose support;
    a dropped sentence must take content with it; another language must be told as such.
    """
    if twin.kind == "other_language":
        return detect_language(twin.text) != original.language
    if twin.kind == "dropped_fact":
        kept = set(content_terms(twin.text)) | set(content_terms(original.question))
        return len(set(content_terms(twin.removed)) - kept) >= LOST_TERMS
    if any(not check.supported for check in after):
        return True
    return bool(after) and _support(after) <= _support(before) - LESS_SUPPORT


def _support(checks: Sequence[SentenceCheck]) -> float:
    return min(check.support for check in checks)
