"""Generate through an OpenAI-compatible endpoint: vLLM, Ollama, OpenAI and others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from openai import OpenAI, OpenAIError

from rag.errors import EndpointError
from rag.generators.base import Decoding, Generation, Messages, Progress

TOP_LOGPROBS = 20
CHARACTERS_PER_TOKEN = 3.5  # an estimate: the server's tokenizer is not known here


class EndpointGenerator:
    """Ask a server for chat completions, a few requests at a time; the client retries."""

    def __init__(self, client: OpenAI, model: str, concurrency: int = 4) -> None:
        self._client, self._model, self._concurrency = client, model, concurrency

    @property
    def fingerprint(self) -> str:
        """Name the server and the model."""
        return f"{self._client.base_url}|{self._model}"

    def generate(
        self, prompts: Sequence[Messages], decoding: Decoding, progress: Progress | None = None
    ) -> list[Generation]:
        """Return one text for each prompt, in order; raise EndpointError when the server fails."""

        def one(messages: Messages) -> Generation:
            started = time.perf_counter()
            reply = self._ask(
                messages,
                max_tokens=decoding.max_new_tokens,
                temperature=decoding.temperature,
                top_p=decoding.top_p,
                seed=decoding.seed,
            )
            text = reply.choices[0].message.content or ""
            size = reply.usage.completion_tokens if reply.usage else self.count_tokens(text)
            return Generation(text.strip(), size, time.perf_counter() - started)

        return self._each(one, prompts, progress)

    def option_logprobs(
        self, prompts: Sequence[Messages], options: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """Return log-probabilities (n, options) from the server's top tokens.

        An option that is not among them gets minus infinity. Raises EndpointError when the
        server reports no log-probabilities at all.
        """

        def one(messages: Messages) -> list[float]:
            reply = self._ask(
                messages, max_tokens=1, temperature=0.0, logprobs=True, top_logprobs=TOP_LOGPROBS
            )
            reported = reply.choices[0].logprobs
            if not reported or not reported.content:
                raise EndpointError(f"{self._client.base_url}: {self._model} reports no log-probabilities")
            found: dict[str, float] = {}
            for token in reported.content[0].top_logprobs:
                word = token.token.strip()
                found[word] = float(np.logaddexp(found.get(word, -np.inf), token.logprob))
            return [found.get(option, -np.inf) for option in options]

        rows = self._each(one, prompts, progress)
        return np.asarray(rows, np.float64).reshape(len(prompts), len(options))

    def count_tokens(self, text: str) -> int:
        """Estimate the tokens of a text from its length."""
        return round(len(text) / CHARACTERS_PER_TOKEN)

    def _ask(self, messages: Messages, **options: Any) -> Any:
        # Most servers do not continue a message; models of their size begin well without an opening.
        asked = messages[:-1] if messages[-1]["role"] == "assistant" else messages
        place = f"{self._client.base_url}: no answer from {self._model}"
        try:
            reply: Any = self._client.chat.completions.create(
                model=self._model, messages=cast(Any, list(asked)), **options
            )
        except OpenAIError as error:
            raise EndpointError(f"{place}: {' '.join(str(error).split())}") from error
        if not getattr(reply, "choices", None):
            raise EndpointError(f"{place}: the reply is not that of an OpenAI-compatible server")
        return reply

    def _each(self, function: Any, prompts: Sequence[Messages], progress: Progress | None) -> list[Any]:
        results = []
        with ThreadPoolExecutor(self._concurrency) as pool:
            for result in pool.map(function, prompts):
                results.append(result)
                if progress:
                    progress(len(results), len(prompts))
        return results
