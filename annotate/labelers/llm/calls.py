"""Ask a model through the cache, within the budget, and keep the accounts of every call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from annotate.labelers.llm.budget import Budget
from annotate.labelers.llm.errors import MalformedReply
from annotate.labelers.llm.models import JudgeModel, Reply, Request
from annotate.store import JudgeCall, Store

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """Hold one call as it is kept: who asked, the reply, what it cost, and whether it could be read."""

    key: str
    assessor: str
    reply: Reply
    cost: float
    malformed: bool


class CallLog(Protocol):
    """Keep calls by the key of their content."""

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request that was made before."""
        ...

    def put(self, call: Call) -> None:
        """Keep a call."""
        ...


class MemoryCalls:
    """Keep calls for as long as the process runs."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self._lock = Lock()

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request that was made before."""
        with self._lock:
            known = self.calls.get(key)
        return known.reply if known else None

    def put(self, call: Call) -> None:
        """Keep a call."""
        with self._lock:
            self.calls[call.key] = call


class StoredCalls:
    """Keep calls in the platform's database, where their cost can be summed by assessor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request that was made before."""
        with self._store.reading() as session:
            known = session.scalar(select(JudgeCall).where(JudgeCall.key == key))
            if known is None:
                return None
            return Reply(
                known.response["text"],
                dict(known.response["logprobs"]),
                known.prompt_tokens,
                known.completion_tokens,
                known.seconds,
            )

    def put(self, call: Call) -> None:
        """Keep a call; another process may have kept the same one first."""
        reply = call.reply
        row = JudgeCall(
            key=call.key,
            assessor=call.assessor,
            response={"text": reply.text, "logprobs": reply.logprobs},
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            cost=call.cost,
            seconds=reply.seconds,
            malformed=call.malformed,
        )
        try:
            with self._store.writing.begin() as session:
                session.add(row)
        except IntegrityError:
            if self.get(call.key) is None:
                raise


@dataclass(frozen=True)
class Asked(Generic[T]):
    """Hold what was read from a reply, with the reply itself and its cost now; cached replies are free."""

    value: T
    reply: Reply
    cost: float
    cached: bool


class Desk:
    """Ask one model for one assessor."""

    def __init__(self, model: JudgeModel, assessor: str, log: CallLog, budget: Budget) -> None:
        self.model, self.budget = model, budget
        self._assessor, self._log = assessor, log

    def ask(self, request: Request, read: Callable[[Reply], T]) -> Asked[T]:
        """Return what `read` finds in the reply, from the cache where the same was asked before.

        Raises MalformedReply where `read` does, BudgetSpent, or JudgeUnavailable.
        """
        key = content_key(self.model.fingerprint, request)
        if (known := self._log.get(key)) is not None:
            return Asked(read(known), known, 0.0, cached=True)
        size = sum(self.model.count_tokens(message["content"]) for message in request.messages)
        self.budget.admit(size, request.max_tokens)
        reply = None
        try:
            reply = self.model.answer(request)
        finally:
            self.budget.settle(size, request.max_tokens, reply)
        cost = self.budget.prices.cost(reply.prompt_tokens, reply.completion_tokens)
        try:
            value = read(reply)
        except MalformedReply:
            self._log.put(Call(key, self._assessor, reply, cost, malformed=True))
            raise
        self._log.put(Call(key, self._assessor, reply, cost, malformed=False))
        return Asked(value, reply, cost, cached=False)


def content_key(fingerprint: str, request: Request) -> str:
    """Return a hash of the model and everything it is shown, guideline and answers included."""
    shown = [
        fingerprint,
        list(request.messages),
        list(request.options),
        request.schema,
        request.max_tokens,
    ]
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
