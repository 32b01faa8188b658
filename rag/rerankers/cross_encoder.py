"""Rerank with any sentence-transformers cross-encoder folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from rag.errors import ModelError
from rag.models.wheels import sha256

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """Run a model that reads query and text together and gives one number.

    Source: Nogueira & Cho, "Passage Re-ranking with BERT", 2019.
    """

    def __init__(self, folder: Path, batch_size: int = 16) -> None:
        if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
            raise ModelError(f"{folder}: not a cross-encoder (no config.json with safetensors weights)")
        self._folder, self._batch_size = folder, batch_size

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the weights and the configuration."""
        files = [self._folder / "config.json", *sorted(self._folder.glob("*.safetensors"))]
        digests = "".join(sha256(path) for path in files)
        return f"cross-encoder-{hashlib.sha256(digests.encode()).hexdigest()[:16]}"

    @cached_property
    def _model(self) -> CrossEncoder:
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(str(self._folder), local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"{self._folder}: cannot be loaded as a cross-encoder: {reason}") from error
        if model.num_labels != 1:
            raise ModelError(f"{self._folder}: gives {model.num_labels} numbers a pair; a reranker gives one")
        return model

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one score a text, shape (n,); raise ModelError where the folder is no reranker."""
        if not texts:
            return np.zeros(0)
        pairs = [(query, text) for text in texts]
        scores = self._model.predict(pairs, batch_size=self._batch_size, show_progress_bar=False)
        return np.asarray(scores, dtype=np.float64).reshape(len(texts))
