"""Define what a generator is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Messages = Sequence[dict[str, str]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Decoding:
    """Say how tokens are chosen; temperature 0 is greedy."""

    max_new_tokens: int = 96
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Generation:
    """Hold one generated text with its size in tokens."""

    text: str
    new_tokens: int
    seconds: float


class Generator(Protocol):
    """Write texts from chat messages, and weigh one-token options against each other.

    A last message of the role `assistant` is the opening of the text to be written: a local
    engine goes on from it, and the text returned holds it. Remote engines leave it out.
    """

    @property
    def fingerprint(self) -> str:
        """Identify the weights or the remote model."""
        ...

    def generate(
        self, prompts: Sequence[Messages], decoding: Decoding, progress: Progress | None = None
    ) -> list[Generation]:
        """Return one text for each prompt, in order."""
        ...

    def stream(self, messages: Messages, decoding: Decoding) -> Iterator[str]:
        """Yield the text of one prompt piece by piece while it is written."""
        ...

    def option_logprobs(
        self, prompts: Sequence[Messages], options: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """Return log-probabilities (n, options) of each option as the next token.

        Options that the engine does not report get minus infinity.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text; remote models may estimate."""
        ...
