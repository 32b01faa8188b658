"""Embed with a sentence-transformers model in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from rag.embedders.openvino_engine import OpenVinoEngine, open_engine
from rag.embedders.query_cache import QueryCache
from rag.errors import ModelError
from rag.models.wheels import sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EngineName = Literal["auto", "torch"]
_SLICE = 1_024  # texts that are sorted by their length together


class LocalEmbedder:
    """Run a sentence-transformers folder; the prompts `query` and `passage` are its own.

    The engine `auto` is OpenVINO where it gives the vectors of sentence-transformers, which is
    tried once a model, and sentence-transformers elsewhere; `torch` is always the latter.
    """

    def __init__(self, folder: Path, batch_size: int = 8, engine: EngineName = "auto") -> None:
        if not (folder / "modules.json").exists():
            raise ModelError(f"{folder}: not a sentence-transformers model (no modules.json)")
        self._folder = folder
        self._batch_size = batch_size
        self._wanted = engine
        self._queries = QueryCache()
        self._loading = Lock()

    @cached_property
    def _digest(self) -> str:
        """Return a hash of the weights and of the prompts."""
        weights = sorted(self._folder.rglob("*.safetensors"))
        settings = (self._folder / "config_sentence_transformers.json").read_text()
        digests = "".join(sha256(path) for path in weights) + settings
        return hashlib.sha256(digests.encode()).hexdigest()[:16]

    @property
    def fingerprint(self) -> str:
        """Return a hash of weights and prompts with the engine: vectors of two engines never mix."""
        engine = self._engine
        return f"{f'ov-{engine.precision}' if engine else 'st'}-{self._digest}"

    @property
    def folder(self) -> Path:
        """Return the folder of the weights."""
        return self._folder

    @property
    def prefixes(self) -> dict[str, str]:
        """Return what the model puts before questions and answers, under the names training uses."""
        return {"question_prefix": self._prefix("query"), "answer_prefix": self._prefix("passage")}

    @cached_property
    def _engine(self) -> OpenVinoEngine | None:
        if self._wanted == "torch":
            return None
        with self._loading:
            return open_engine(self._folder, self._digest, lambda: self._model)

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(self._folder), local_files_only=True)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for questions; those of the questions asked last are kept."""
        return self._queries.embed(texts, lambda missing: self._encode(missing, "query", None))

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for texts that are searched."""
        return self._encode(texts, "passage", progress)

    def _prefix(self, prompt: str) -> str:
        prompts = self._engine.prompts if self._engine else self._model.prompts
        return prompts.get(prompt) or ""

    def _encode(
        self, texts: Sequence[str], prompt: str, progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
        prefix = self._prefix(prompt)
        dimension = self._engine.dimension if self._engine else self._model.get_embedding_dimension() or 0
        # Texts of similar length share a batch, so that little or nothing of it is padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        vectors = np.empty((len(texts), dimension), np.float32)
        for at in range(0, len(order), _SLICE):
            some = order[at : at + _SLICE]
            tell = partial(_add, progress, at, len(order)) if progress else None
            vectors[some] = self._embed([prefix + texts[i] for i in some], tell)
        return vectors

    def _embed(self, texts: list[str], progress: Callable[[int, int], None] | None) -> NDArray[np.float32]:
        if self._engine:
            return self._engine.encode(texts, progress)
        vectors: NDArray[np.float32] = self._model.encode(
            texts, prompt="", batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        if progress:
            progress(len(texts), len(texts))
        return vectors


def _add(progress: Callable[[int, int], None], before: int, total: int, done: int, _: int) -> None:
    """Tell the progress of a part as that of the whole."""
    progress(before + done, total)
