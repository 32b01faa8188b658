"""Caps hold, also for calls in flight, and what was set aside comes back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelers.llm import Budget, BudgetSpent, Caps, Prices, Reply


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), max_size=30), st.integers(0, 500))
def test_no_sequence_of_calls_passes_a_cap_on_tokens(calls: list[tuple[int, int]], cap: int) -> None:
    budget = Budget(Caps(tokens=cap))
    for prompt, completion in calls:
        try:
            budget.admit(prompt, completion)
        except BudgetSpent:
            continue
        budget.settle(prompt, completion, Reply(prompt_tokens=prompt, completion_tokens=completion // 2))
    assert budget.prompt_tokens + budget.completion_tokens <= cap


def test_calls_in_flight_cannot_pass_the_cap_together() -> None:
    budget = Budget(Caps(calls=10, cost=5e-4), Prices(10.0, 20.0))

    def call(_: int) -> bool:
        try:
            budget.admit(5, 5)
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        admitted = sum(pool.map(call, range(40)))
    assert admitted == 3  # 150 millionths each
    budget.settle(5, 5, None)
    budget.admit(5, 5)
    assert budget.calls == 4


def test_cost_is_counted_by_the_price_of_each_side() -> None:
    budget = Budget(prices=Prices(2.0, 8.0))
    budget.admit(1000, 500)
    budget.settle(1000, 500, Reply(prompt_tokens=900, completion_tokens=100))
    assert budget.cost == pytest.approx((900 * 2 + 100 * 8) / 1e6)
    assert (budget.calls, budget.prompt_tokens, budget.completion_tokens) == (1, 900, 100)


@pytest.mark.parametrize(
    ("caps", "said"), [(Caps(calls=0), "0 calls"), (Caps(tokens=9), "9 tokens"), (Caps(cost=0.0), "0 cost")]
)
def test_the_cap_that_holds_is_named(caps: Caps, said: str) -> None:
    with pytest.raises(BudgetSpent, match=said):
        Budget(caps, Prices(1.0, 1.0)).admit(5, 5)
