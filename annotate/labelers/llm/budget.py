"""Cap what a judge may spend: calls, tokens and money; safe among threads."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from annotate.labelers.llm.errors import BudgetSpent
from annotate.labelers.llm.models import Reply


@dataclass(frozen=True)
class Prices:
    """Hold what a million tokens cost, in any one currency."""

    input_per_million: float = 0.0
    output_per_million: float = 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the cost of one call."""
        return (prompt_tokens * self.input_per_million + completion_tokens * self.output_per_million) / 1e6


@dataclass(frozen=True)
class Caps:
    """Say how much may be spent; None is no cap."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


class Budget:
    """Count what was spent and refuse the call that could pass a cap.

    A call is admitted with the most it may use and settled with what it did use, so that calls
    in flight cannot pass the cap together.
    """

    def __init__(self, caps: Caps | None = None, prices: Prices | None = None) -> None:
        self.caps, self.prices = caps or Caps(), prices or Prices()
        self.calls, self.prompt_tokens, self.completion_tokens, self.cost = 0, 0, 0, 0.0
        self._pending_tokens, self._pending_cost = 0, 0.0
        self._lock = Lock()

    def admit(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Set the most that a call may use aside; raise BudgetSpent where that passes a cap."""
        tokens, cost = prompt_tokens + completion_tokens, self.prices.cost(prompt_tokens, completion_tokens)
        with self._lock:
            used = self.prompt_tokens + self.completion_tokens + self._pending_tokens + tokens
            money = self.cost + self._pending_cost + cost
            for name, cap, wanted in (
                ("calls", self.caps.calls, self.calls + 1),
                ("tokens", self.caps.tokens, used),
                ("cost", self.caps.cost, money),
            ):
                if cap is not None and wanted > cap:
                    raise BudgetSpent(f"the budget of {cap:g} {name} is spent; what was judged is kept")
            self.calls += 1
            self._pending_tokens += tokens
            self._pending_cost += cost

    def settle(self, prompt_tokens: int, completion_tokens: int, reply: Reply | None) -> None:
        """Put what an admitted call used in the place of the most it might have used."""
        with self._lock:
            self._pending_tokens -= prompt_tokens + completion_tokens
            self._pending_cost -= self.prices.cost(prompt_tokens, completion_tokens)
            if reply is not None:
                self.prompt_tokens += reply.prompt_tokens
                self.completion_tokens += reply.completion_tokens
                self.cost += self.prices.cost(reply.prompt_tokens, reply.completion_tokens)
