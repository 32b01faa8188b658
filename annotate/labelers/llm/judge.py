"""Judge pairs with a language model, in both orders, by log-probabilities or by a JSON document."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from threading import Event
from typing import Any, Literal

from annotate.labelers.base import Abstention, MachineJudgement, Outcome, Progress
from annotate.labelers.llm.budget import Budget
from annotate.labelers.llm.calls import Asked, CallLog, Desk, MemoryCalls
from annotate.labelers.llm.criteria import criteria
from annotate.labelers.llm.errors import BudgetSpent, JudgeUnavailable, MalformedReply
from annotate.labelers.llm.logprobs import OPTIONS, join_options, read_options
from annotate.labelers.llm.models import JudgeModel, Request
from annotate.labelers.llm.prompt import VERSION, judge_messages
from annotate.labelers.llm.structured import MAX_TOKENS, join_rulings, read_ruling, ruling_schema
from annotate.labelling.guidelines import GuidelineVersion
from annotate.labelling.views import AnswerView, PairView

Mode = Literal["logprobs", "structured"]
FindOrders = Callable[[str], Sequence[str]]
_STOPPED = "the judge had stopped before this pair"


class LlmLabeler:
    """Ask a model which answer is better, in both orders, by the current guideline.

    `find_orders` finds sentences that order a model about; what it finds in an answer is kept
    with the judgement, so that a person can look at it.
    """

    def __init__(
        self,
        model: JudgeModel,
        name: str = "llm-judge",
        *,
        guideline: GuidelineVersion | None = None,
        guideline_tokens: int = 300,
        mode: Mode = "logprobs",
        log: CallLog | None = None,
        budget: Budget | None = None,
        find_orders: FindOrders | None = None,
    ) -> None:
        self.name, self._model, self._mode = name, model, mode
        self._guideline, self._guideline_tokens = guideline, guideline_tokens
        self.budget = budget or Budget()
        self._desk = Desk(model, name, log or MemoryCalls(), self.budget)
        self._find_orders = find_orders
        self._criteria = cache(self._criteria_in)

    @property
    def fingerprint(self) -> str:
        """Name the method's version, the model and the guideline."""
        by = (
            f"{self._guideline.content_hash[:12]}/{self._guideline_tokens}"
            if self._guideline
            else "no guideline"
        )
        return f"llm-{VERSION}-{self._mode}|{self._model.fingerprint}|{by}"

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[Outcome]:
        """Return one judgement or abstention for each pair, in order.

        Once the budget is spent or the server is away, the pairs left are abstained from at once.
        """
        judged: list[Outcome] = []
        stop = Event()
        with ThreadPoolExecutor(self._model.concurrency) as pool:
            try:
                for found in pool.map(lambda pair: self._judge(pair, stop), pairs):
                    judged.append(found)
                    if progress:
                        progress(len(judged), len(pairs))
            except BaseException:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return judged

    def _judge(self, pair: PairView, stop: Event) -> Outcome:
        if stop.is_set():
            return Abstention(_STOPPED, stops=True)
        started = time.perf_counter()
        try:
            made, asked = self._both_orders(pair)
        except MalformedReply as error:
            return Abstention(f"malformed reply: {error}", details={"malformed": True})
        except (BudgetSpent, JudgeUnavailable) as error:
            stop.set()
            return Abstention(str(error), stops=True)
        details = made.details | _accounts(asked) | {"elapsed_seconds": time.perf_counter() - started}
        if orders := self._orders(pair):
            details["orders_in_answers"] = orders
        return replace(made, details=details)

    def _both_orders(self, pair: PairView) -> tuple[MachineJudgement, list[Asked[Any]]]:
        requests = [self._request(pair, a, b) for a, b in ((pair.a, pair.b), (pair.b, pair.a))]
        if self._mode == "logprobs":
            letters = [self._desk.ask(request, read_options) for request in requests]
            return join_options(letters[0].value, letters[1].value), list(letters)
        rulings = [self._desk.ask(request, read_ruling) for request in requests]
        return join_rulings(rulings[0].value, rulings[1].value), list(rulings)

    def _request(self, pair: PairView, a: AnswerView, b: AnswerView) -> Request:
        by = self._criteria(pair.language)
        if self._mode == "logprobs":
            return Request(judge_messages(pair, a, b, by), OPTIONS)
        return Request(
            judge_messages(pair, a, b, by, "document"), schema=ruling_schema(), max_tokens=MAX_TOKENS
        )

    def _criteria_in(self, language: str) -> str:
        if self._guideline is None or not self._guideline_tokens:
            return ""
        texts = self._guideline.in_language(language)
        return criteria(texts, self._guideline_tokens, self._model.count_tokens)

    def _orders(self, pair: PairView) -> dict[str, list[str]]:
        if self._find_orders is None:
            return {}
        found = {"A": self._find_orders(pair.a.text), "B": self._find_orders(pair.b.text)}
        return {side: list(sentences) for side, sentences in found.items() if sentences}


def _accounts(asked: Sequence[Asked[Any]]) -> dict[str, Any]:
    return {
        "calls": sum(not one.cached for one in asked),
        "prompt_tokens": sum(one.reply.prompt_tokens for one in asked),
        "completion_tokens": sum(one.reply.completion_tokens for one in asked),
        "cost": sum(one.cost for one in asked),
        "seconds": sum(one.reply.seconds for one in asked),
    }
