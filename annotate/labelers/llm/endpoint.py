"""Ask an OpenAI-compatible server to judge; the client retries with backoff and jitter."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from annotate.labelers.llm.errors import JudgeUnavailable
from annotate.labelers.llm.models import Reply, Request

if TYPE_CHECKING:
    from openai import OpenAI

TOP_LOGPROBS = 20
CHARACTERS_PER_TOKEN = 3.5  # an estimate: the server's tokenizer is not known here
# A model that thinks in Russian answers with the Cyrillic letters that look the same.
_LOOKALIKES = str.maketrans("АВ", "AB")


class EndpointModel:
    """Send one request at a time to a server, at most `concurrency` at once."""

    def __init__(self, client: OpenAI, model: str, concurrency: int = 4) -> None:
        self._client, self._model, self.concurrency = client, model, concurrency

    @property
    def fingerprint(self) -> str:
        """Name the server and the model."""
        return f"{self._client.base_url}|{self._model}"

    def answer(self, request: Request) -> Reply:
        """Return the reply; raise JudgeUnavailable when the server fails after all retries."""
        started = time.perf_counter()
        reply = self._ask(request)
        choice = reply.choices[0]
        text = (choice.message.content or "") if choice.message else ""
        logprobs = {} if request.schema is not None else self._options(choice, request.options)
        usage = reply.usage
        return Reply(
            text=text,
            logprobs=logprobs,
            prompt_tokens=usage.prompt_tokens if usage else self._size(request),
            completion_tokens=usage.completion_tokens if usage else self.count_tokens(text),
            seconds=time.perf_counter() - started,
        )

    def count_tokens(self, text: str) -> int:
        """Estimate the tokens of a text from its length."""
        return round(len(text) / CHARACTERS_PER_TOKEN)

    def _size(self, request: Request) -> int:
        return sum(self.count_tokens(message["content"]) for message in request.messages)

    def _ask(self, request: Request) -> Any:
        from openai import OpenAIError

        options: dict[str, Any] = {"temperature": 0.0, "max_tokens": request.max_tokens, "seed": 0}
        if request.schema is None:
            options |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
        else:
            schema = {"name": "ruling", "strict": True, "schema": request.schema}
            options["response_format"] = {"type": "json_schema", "json_schema": schema}
        try:
            reply: Any = self._client.chat.completions.create(
                model=self._model, messages=cast(Any, list(request.messages)), **options
            )
        except OpenAIError as error:
            raise self._unavailable(" ".join(str(error).split())) from error
        if not getattr(reply, "choices", None):
            raise self._unavailable("the reply is not that of an OpenAI-compatible server")
        return reply

    def _options(self, choice: Any, options: tuple[str, ...]) -> dict[str, float]:
        """Return the log-probability of each option among the server's top tokens."""
        if not choice.logprobs or not choice.logprobs.content:
            raise self._unavailable("it reports no log-probabilities; set mode = 'structured' under [judge]")
        found: dict[str, float] = {}
        for token in choice.logprobs.content[0].top_logprobs:
            word = token.token.strip().translate(_LOOKALIKES)
            if word in options and np.isfinite(token.logprob):
                found[word] = float(np.logaddexp(found.get(word, -np.inf), token.logprob))
        return found

    def _unavailable(self, said: str) -> JudgeUnavailable:
        return JudgeUnavailable(f"{self._client.base_url}: no verdict from {self._model}: {said}")
