"""Embed questions and answers once; the vectors are cached beside those of the passages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.jobs.context import Context


def embed_questions(context: Context, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return unit vectors (n, dimension) of questions."""
    return _cached(context, texts, "query")


def embed_answers(context: Context, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return unit vectors (n, dimension) of answers or of any text that is not a question."""
    return _cached(context, texts, "passage")


def _cached(context: Context, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
    keys = [f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts]
    vectors = context.corpus.embeddings(context.embedder.fingerprint, keys)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
    if missing:
        embed = context.embedder.embed_queries if kind == "query" else context.embedder.embed_passages
        fresh = dict(zip(missing, embed(list(missing.values())), strict=True))
        context.corpus.put_embeddings(context.embedder.fingerprint, fresh)
        vectors |= fresh
    return np.stack([vectors[key] for key in keys])
