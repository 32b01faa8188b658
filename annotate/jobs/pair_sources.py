"""Tell what became of the passages that a pair was answered from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from annotate.jobs.context import Context

Standing = Literal["same", "changed", "gone"]


def sources_now(context: Context, passages: Sequence[Mapping[str, Any]]) -> dict[int, Standing]:
    """Return for each chunk whether the corpus still holds it as it was shown."""
    shown = {
        int(passage["chunk"]): str(passage.get("text_hash", "")) for passage in passages if "chunk" in passage
    }
    now = {chunk.id: chunk.text_hash for chunk in context.corpus.chunks(sorted(shown))} if shown else {}
    return {
        chunk: "gone" if chunk not in now else "same" if now[chunk] == text_hash else "changed"
        for chunk, text_hash in shown.items()
    }
