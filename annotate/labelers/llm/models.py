"""Define how a judge asks a model, and adapt the local generator to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Messages = Sequence[dict[str, str]]


@dataclass(frozen=True)
class Request:
    """Hold one question to a model.

    With `options` it is to weigh these one-token continuations, with `schema` to write a JSON
    document that follows the schema, of at most `max_tokens`.
    """

    messages: Messages
    options: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    max_tokens: int = 1


@dataclass(frozen=True)
class Reply:
    """Hold what a model answered: a text or log-probabilities, its size in tokens and its time."""

    text: str = ""
    logprobs: dict[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


class JudgeModel(Protocol):
    """Answer requests; raises JudgeUnavailable where it cannot."""

    concurrency: int

    @property
    def fingerprint(self) -> str:
        """Identify the weights or the remote model."""
        ...

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request; threads may ask at the same time up to `concurrency`."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text; remote models may estimate."""
        ...


class OptionScorer(Protocol):
    """Weigh one-token options, as generators do."""

    @property
    def fingerprint(self) -> str:
        """Identify the weights."""
        ...

    def option_logprobs(self, prompts: Sequence[Messages], options: Sequence[str]) -> NDArray[np.float64]:
        """Return log-probabilities (n, options) of each option as the next token."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        ...


Write = Callable[[Messages, int], str]  # messages, most new tokens -> the text


class LocalModel:
    """Ask a generator on this machine; `write` is needed for documents only, which it may get wrong."""

    concurrency = 1

    def __init__(self, scorer: OptionScorer, write: Write | None = None) -> None:
        self._scorer, self._write = scorer, write

    @property
    def fingerprint(self) -> str:
        """Return that of the weights."""
        return self._scorer.fingerprint

    def answer(self, request: Request) -> Reply:
        """Weigh the options, or write a text; no schema is enforced."""
        started = time.perf_counter()
        size = sum(self.count_tokens(message["content"]) for message in request.messages)
        if request.schema is None:
            row = self._scorer.option_logprobs([request.messages], request.options)[0]
            found = {
                option: float(value)
                for option, value in zip(request.options, row, strict=True)
                if np.isfinite(value)
            }
            return Reply("", found, size, 0, time.perf_counter() - started)
        if self._write is None:
            raise ValueError("this model weighs options only")
        text = self._write(request.messages, request.max_tokens)
        return Reply(text, {}, size, self.count_tokens(text), time.perf_counter() - started)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        return self._scorer.count_tokens(text)
