"""Keep the launch classifier: logistic regression over embeddings and lexical features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedders import Embedder
from rag.errors import ModelError
from rag.launch.decisions import ACTIONS, Action
from rag.launch.features import LEXICAL_NAMES, question_features

WEIGHTS_FILE = "weights.safetensors"
SHIPPED = Path(__file__).parent
# Another engine of the same weights has another fingerprint and the same vectors: these tell.
PROBES = ("How many days does delivery take?", "Покажи документы об отпуске", "Спасибо, до свидания")
SAME_VECTORS = 0.995  # cosine; a 4-bit and a full-precision e5 agree above it


@dataclass(frozen=True)
class LaunchClassifier:
    """Hold weights (actions, features), their scaling, and the embedder that they belong to.

    `thresholds` are the probabilities from which an action other than `answer` is taken.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    probes: NDArray[np.float32]
    thresholds: dict[str, float]
    embedder: str

    def probabilities(self, questions: list[str], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return an array (n, 4), its columns in the order of ACTIONS, rows summing to 1."""
        scaled = (question_features(questions, vectors) - self.mean) / self.scale
        logits = (scaled @ self.weights.T + self.bias).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return found

    def choose(self, probabilities: NDArray[np.float64]) -> Action:
        """Return the likeliest action, or `answer` where it does not reach its threshold."""
        best = ACTIONS[int(np.argmax(probabilities))]
        reached = probabilities.max() >= self.thresholds.get(best, 0.0)
        return best if reached else "answer"

    def fits(self, embedder: Embedder) -> bool:
        """Tell whether the weights were trained on this embedder's vectors."""
        if embedder.fingerprint == self.embedder:
            return True
        vectors = embedder.embed_queries(PROBES)
        if vectors.shape != self.probes.shape:
            return False
        return bool((vectors * self.probes).sum(axis=1).min() >= SAME_VECTORS)

    def save(self, folder: Path) -> Path:
        """Write the weights into a folder and return the file."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        described = {
            "embedder": self.embedder,
            "thresholds": json.dumps(self.thresholds),
            "actions": json.dumps(ACTIONS),
            "lexical": json.dumps(LEXICAL_NAMES),
        }
        arrays = {name: getattr(self, name) for name in ("weights", "bias", "mean", "scale", "probes")}
        target = folder / WEIGHTS_FILE
        scratch = target.with_suffix(".new")
        save_file(arrays, scratch, metadata=described)
        return scratch.replace(target)

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> LaunchClassifier:
        """Read the weights of a folder; raise ModelError where they are missing or of another version."""
        from safetensors import SafetensorError, safe_open

        path = folder / WEIGHTS_FILE
        if not path.is_file():
            raise ModelError(f"{path}: no launch weights; make them with `python -m rag.launch.train`")
        try:
            with safe_open(path, framework="numpy") as opened:
                described = opened.metadata() or {}
                arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            if json.loads(described["actions"]) != list(ACTIONS):
                raise KeyError("actions")
            if json.loads(described["lexical"]) != list(LEXICAL_NAMES):
                raise KeyError("lexical features")
            thresholds = {name: float(value) for name, value in json.loads(described["thresholds"]).items()}
            return cls(**arrays, thresholds=thresholds, embedder=described["embedder"])
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{path}: not launch weights of this version ({error}); "
                "make them anew with `python -m rag.launch.train`"
            ) from error
