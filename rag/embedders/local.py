"""Embed with a sentence-transformers model in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models.wheels import sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_SLICE = 256  # texts between two calls of progress


class LocalEmbedder:
    """Run a sentence-transformers folder; the prompts `query` and `passage` are its own."""

    def __init__(self, folder: Path, batch_size: int = 8) -> None:
        if not (folder / "modules.json").exists():
            raise ModelError(f"{folder}: not a sentence-transformers model (no modules.json)")
        self._folder = folder
        self._batch_size = batch_size

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the weights and of the prompts."""
        weights = sorted(self._folder.rglob("*.safetensors"))
        settings = (self._folder / "config_sentence_transformers.json").read_text()
        digests = "".join(sha256(path) for path in weights) + settings
        return f"st-{hashlib.sha256(digests.encode()).hexdigest()[:16]}"

    @property
    def folder(self) -> Path:
        """Return the folder of the weights."""
        return self._folder

    @property
    def prefixes(self) -> dict[str, str]:
        """Return what the model puts before questions and answers, under the names training uses."""
        prompts = self._model.prompts
        return {"question_prefix": prompts.get("query") or "", "answer_prefix": prompts.get("passage") or ""}

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(self._folder), local_files_only=True)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for questions."""
        return self._encode(texts, "query", None)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for texts that are searched."""
        return self._encode(texts, "passage", progress)

    def _encode(
        self, texts: Sequence[str], prompt: str, progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
        dimension = self._model.get_embedding_dimension() or 0
        if not texts:
            return np.zeros((0, dimension), np.float32)
        # Texts of similar length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        vectors = np.empty((len(texts), dimension), np.float32)
        prompt_name = prompt if self._model.prompts.get(prompt) else None
        for at in range(0, len(order), _SLICE):
            some = order[at : at + _SLICE]
            vectors[some] = self._model.encode(
                [texts[i] for i in some],
                prompt_name=prompt_name,
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if progress:
                progress(min(at + _SLICE, len(order)), len(order))
        return vectors
