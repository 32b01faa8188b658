"""Rebuild the indexes of a workspace, or tell whether they fit its corpus."""

from __future__ import annotations

from typing import Any

from annotate.errors import SettingsError
from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter, Silent
from rag.indexes import VECTOR_BACKENDS, WORD_BACKENDS, Backends, index_status, rebuild


def choose_backends(context: Context, vectors: str = "", words: str = "", qdrant_url: str = "") -> Backends:
    """Return the backends of these names, else those of the settings.

    PostgreSQL is the workspace's own, where it has one.

    Raises SettingsError when there is no backend of a name.
    """
    settings = context.settings.index
    vectors, words = vectors or settings.vectors, words or settings.words
    if vectors not in VECTOR_BACKENDS:
        raise SettingsError(f"no vector index called {vectors}; known: {', '.join(VECTOR_BACKENDS)}")
    if words not in WORD_BACKENDS:
        raise SettingsError(f"no index of words called {words}; known: {', '.join(WORD_BACKENDS)}")
    url = context.workspace.database_url
    return Backends(
        vectors,
        words,
        postgres_url=url if url.startswith("postgresql") else "",
        qdrant_url=qdrant_url or settings.qdrant_url or str(context.workspace.folder / "qdrant"),
    )


def rebuild_indexes(context: Context, backends: Backends, reporter: Reporter | None = None) -> dict[str, Any]:
    """Build the indexes anew beside the old ones and swap them in; return their status."""
    with (reporter or Silent()).track("building the indexes") as progress:
        folder = context.workspace.indexes
        rebuild(context.corpus, context.embedder, folder, progress, backends).close()
    return status_of_indexes(context, backends)


def status_of_indexes(context: Context, backends: Backends) -> dict[str, Any]:
    """Tell fingerprint, whether the indexes fit, counts and bytes."""
    status = index_status(context.corpus, context.embedder, context.workspace.indexes, backends)
    return {
        "fits": status.fits,
        "fingerprint": status.wanted,
        "built": list(status.built),
        "backends": {"vectors": backends.vectors, "words": backends.words},
        "chunks": status.chunks,
        "vectors": status.vectors,
        "words": status.words,
        "bytes": status.size_bytes,
        "error": status.error,
    }
