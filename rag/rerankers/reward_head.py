"""Rerank with a reward head: weights learned from people's preferences between answers.

The folder is what the training of a `reward_head` leaves: `config.json` with the embedder and its
prefixes, `model.safetensors` with one vector of weights over (b, a * b, |a - b|), where a is the
embedding of the question and b that of the text. It was trained on answers; on passages it prefers
what people preferred in answers to such questions, so measure it before it goes into service.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from rag.errors import ModelError
from rag.models.wheels import sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class RewardHeadReranker:
    """Score texts by a trained head over frozen embeddings.

    Raises ModelError where the folder is not a head or its embedder is not the one it was trained on.
    Source: Bradley & Terry (1952), Biometrika 39(3/4).
    """

    def __init__(self, folder: Path, base: Path | None = None) -> None:
        """Open a head; `base` says where its embedder lies now, if it moved."""
        try:
            config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
            if config["kind"] != "reward_head":
                raise ValueError(f"its kind is {config['kind']}")
            self._weights = _one_vector(load_file(folder / "model.safetensors")["weights"])
            self._centre = _centre(folder)
            self._base = base or Path(config["base"])
            self._prefixes = str(config["question_prefix"]), str(config["answer_prefix"])
            self._batch_size = int(config["batch_size"])
            trained_on = str(config["base_fingerprint"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise ModelError(f"{folder}: not a reward head ({' '.join(str(error).split())})") from error
        if _weights_fingerprint(self._base) != trained_on:
            raise ModelError(f"{self._base}: not the embedder that this head was trained on; give base=")
        self._trained_on = trained_on

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the head and its embedder."""
        digest = hashlib.sha256(self._weights.tobytes() + self._trained_on.encode())
        return f"reward-head-{digest.hexdigest()[:16]}"

    @cached_property
    def _embedder(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(self._base), local_files_only=True)

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return a reward for each text, shape (n,)."""
        if not texts:
            return np.zeros(0)
        asked, written = self._prefixes
        vectors = self._embedder.encode(
            [asked + query, *(written + text for text in texts)],
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        question, answers = np.asarray(vectors[0], np.float64), np.asarray(vectors[1:], np.float64)
        features = np.hstack([answers, question * answers, np.abs(question - answers)])
        if features.shape[1] != len(self._weights):
            raise ModelError(f"{self._base}: {features.shape[1]} features for {len(self._weights)} weights")
        return np.asarray(features @ self._weights - self._centre)


def _one_vector(weights: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the mean of the heads (heads, d), or the only head (d,): a mean of scores is that score."""
    return np.asarray(np.atleast_2d(weights).mean(axis=0), np.float64)


def _centre(folder: Path) -> float:
    """Return the mean score of the answers it was trained on, 0 for heads that were saved without it.

    Raises ValueError where its heads are joined in another way than by the mean of their scores.
    """
    file = folder / "reward.json"
    if not file.is_file():
        return 0.0
    joined = json.loads(file.read_text("utf-8"))
    if joined.get("ensemble", "mean") != "mean" or joined.get("length_slope", 0.0):
        raise ValueError("reranking needs ensemble: mean and no residual length control; train it so")
    return float(np.mean(joined["centres"]))


def _weights_fingerprint(folder: Path) -> str:
    """Return the hash that training writes: over the safetensors files in order of their names."""
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder}: no model here (no safetensors weights); give base=")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(bytes.fromhex(sha256(file)))
    return digest.hexdigest()
