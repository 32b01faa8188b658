"""Weigh given texts with a local language model: mean log-probability a token.

The opening is read once for all texts that go on from it; its keys and values are kept and cut
back after each text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

MAX_TOKENS = 2048  # of the opening; what is longer loses its beginning


class LikelihoodScorer:
    """Run a causal language model from a Hugging Face folder; the weights load on first use.

    Threads may share a scorer: they take turns.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        if not (folder / "config.json").is_file():
            raise ModelError(f"{folder}: no model folder (no config.json)")
        self._folder, self._fingerprint = folder, fingerprint
        self._turn = Lock()

    @property
    def fingerprint(self) -> str:
        """Return the name of the weights."""
        return self._fingerprint

    def mean_logprobs(self, opening: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the mean log-probability a token (n,), in nats, of each text after the opening.

        An empty text has the mean 0.
        """
        import torch

        with self._turn, torch.inference_mode():
            given = self._tokens(opening)[-MAX_TOKENS:] or self._tokens("\n")
            device = self._model.device
            read = self._model(torch.tensor([given], device=device), use_cache=True, logits_to_keep=1)
            return np.array([self._mean(read, self._tokens(text)) for text in texts])

    def _mean(self, read: Any, tokens: list[int]) -> float:
        import torch

        if not tokens:
            return 0.0
        ids = torch.tensor([tokens], device=self._model.device)
        states = read.past_key_values
        logits = read.logits[:, -1:]
        if len(tokens) > 1:
            rest = self._model(ids[:, :-1], past_key_values=states, use_cache=True).logits
            states.crop(1 - len(tokens))  # back to the opening
            logits = torch.cat([logits, rest], dim=1)
        chosen = logits.float().log_softmax(-1).gather(-1, ids[..., None])
        return float(chosen.mean())

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)

    @cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModelForCausalLM

        model: Any = AutoModelForCausalLM.from_pretrained(
            str(self._folder), local_files_only=True, dtype=torch.float32
        )
        return model.eval()
