"""Generate through an OpenAI-compatible endpoint: vLLM, Ollama, OpenAI and others.

A request passes the waiting room, then the circuit breaker, then the client, which retries
with jittered backoff and respects `Retry-After`. A failure counts once, after its retries.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI, OpenAIError

from rag.errors import EndpointError
from rag.generators.admission import WaitingRoom
from rag.generators.base import Decoding, Generation, Messages, Progress
from rag.generators.circuit_breaker import CircuitBreaker

TOP_LOGPROBS = 20
CHARACTERS_PER_TOKEN = 3.5  # an estimate: the server's tokenizer is not known here
_OVERLOADED = (408, 409, 429)  # with those from 500 up, the statuses that speak of the server's health


class EndpointGenerator:
    """Ask a server for chat completions, at most `concurrency` at a time whoever asks."""

    def __init__(
        self,
        client: OpenAI,
        model: str,
        concurrency: int = 4,
        *,
        room: WaitingRoom | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Take a client; generators of one server may share a room and a breaker."""
        self._client, self._model, self._concurrency = client, model, concurrency
        self._room = room or WaitingRoom(concurrency)
        self._breaker = breaker or CircuitBreaker()

    @property
    def fingerprint(self) -> str:
        """Name the server and the model."""
        return f"{self._client.base_url}|{self._model}"

    def generate(
        self, prompts: Sequence[Messages], decoding: Decoding, progress: Progress | None = None
    ) -> list[Generation]:
        """Return one text for each prompt, in order; raise EndpointError when the server fails."""

        def one(messages: Messages) -> Generation:
            with self._room.place(self._place):
                started = time.perf_counter()
                return self._generation(self._ask(messages, **_options(decoding)), started)

        return self._each(one, prompts, progress)

    async def generate_async(self, prompts: Sequence[Messages], decoding: Decoding) -> list[Generation]:
        """Do as `generate` does, without blocking the event loop."""
        client = self._client
        async with AsyncOpenAI(
            base_url=client.base_url,
            api_key=client.api_key,
            timeout=client.timeout,
            max_retries=client.max_retries,
        ) as remote:
            limit = asyncio.Semaphore(self._concurrency)  # a long list must not fill the waiting room

            async def one(messages: Messages) -> Generation:
                async with limit, self._room.place_async(self._place):
                    started = time.perf_counter()
                    with self._guarded():
                        reply: Any = await remote.chat.completions.create(
                            model=self._model, messages=_asked(messages), **_options(decoding)
                        )
                    return self._generation(self._checked(reply), started)

            return list(await asyncio.gather(*(one(messages) for messages in prompts)))

    def stream(self, messages: Messages, decoding: Decoding) -> Iterator[str]:
        """Yield the text as it comes; raise EndpointError when the server fails or stalls."""
        with self._room.place(self._place), self._guarded():
            reply: Any = self._client.chat.completions.create(
                model=self._model, messages=_asked(messages), stream=True, **_options(decoding)
            )
            with reply:
                came = False
                for event in reply:
                    came = came or bool(getattr(event, "choices", None))
                    if came and event.choices and (piece := event.choices[0].delta.content):
                        yield piece
        if not came:
            raise EndpointError(f"{self._place}: the reply is not that of an OpenAI-compatible server")

    def option_logprobs(
        self, prompts: Sequence[Messages], options: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """Return log-probabilities (n, options) from the server's top tokens.

        An option that is not among them gets minus infinity. Raises EndpointError when the
        server reports no log-probabilities at all.
        """

        def one(messages: Messages) -> list[float]:
            with self._room.place(self._place):
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

    @property
    def _place(self) -> str:
        return f"{self._client.base_url}: no answer from {self._model}"

    def _ask(self, messages: Messages, **options: Any) -> Any:
        with self._guarded():
            reply: Any = self._client.chat.completions.create(
                model=self._model, messages=_asked(messages), **options
            )
        return self._checked(reply)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Ask the breaker before a request, tell it the end, and name the server in every error."""
        self._breaker.check(self._place)
        try:
            yield
        except OpenAIError as error:
            if _speaks_of_health(error):
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            raise EndpointError(f"{self._place}: {' '.join(str(error).split())}") from error
        except BaseException as error:  # interrupted, or a reader left the stream
            if _is_transport_error(error):
                self._breaker.failed()
                raise EndpointError(f"{self._place}: {' '.join(str(error).split())}") from error
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()

    def _checked(self, reply: Any) -> Any:
        if not getattr(reply, "choices", None):
            raise EndpointError(f"{self._place}: the reply is not that of an OpenAI-compatible server")
        return reply

    def _generation(self, reply: Any, started: float) -> Generation:
        text = reply.choices[0].message.content or ""
        size = reply.usage.completion_tokens if reply.usage else self.count_tokens(text)
        return Generation(text.strip(), size, time.perf_counter() - started)

    def _each(self, function: Any, prompts: Sequence[Messages], progress: Progress | None) -> list[Any]:
        results = []
        with ThreadPoolExecutor(self._concurrency) as pool:
            try:
                for result in pool.map(function, prompts):
                    results.append(result)
                    if progress:
                        progress(len(results), len(prompts))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # one failure ends the list
                raise
        return results


def _asked(messages: Messages) -> Any:
    # Most servers do not continue a message; models of their size begin well without an opening.
    return cast(Any, list(messages[:-1] if messages[-1]["role"] == "assistant" else messages))


def _options(decoding: Decoding) -> dict[str, Any]:
    return {
        "max_tokens": decoding.max_new_tokens,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "seed": decoding.seed,
    }


def _speaks_of_health(error: OpenAIError) -> bool:
    """Tell whether an error is the server's, not that of a request which it refused in good health."""
    if isinstance(error, APIStatusError):
        return error.status_code >= 500 or error.status_code in _OVERLOADED
    return isinstance(error, APIConnectionError)


def _is_transport_error(error: BaseException) -> bool:
    """Tell whether a stream broke: the client hands such errors on as those of its HTTP library."""
    return any(kind.__name__ == "TransportError" for kind in type(error).__mro__)
