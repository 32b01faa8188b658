from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import EndpointError
from rag.generators.circuit_breaker import CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_failures_far_apart_open_nothing() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=2, window_seconds=10, clock=clock)
    for _ in range(5):
        breaker.failed()
        clock.now += 11
        assert breaker.state == "closed"
    breaker.failed()
    breaker.failed()
    assert breaker.state == "open"


def test_one_trial_passes_and_the_others_wait_for_its_end() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=1, open_seconds=5, clock=clock)
    breaker.failed()
    with pytest.raises(EndpointError, match=r"here: it failed 1 times .* try again in 5 seconds"):
        breaker.check("here")
    clock.now = 5
    assert breaker.state == "half-open"
    breaker.check("here")
    with pytest.raises(EndpointError):
        breaker.check("here")
    breaker.abandoned()
    breaker.check("here")
    breaker.succeeded()
    assert breaker.state == "closed"
    breaker.check("here")


def test_a_late_success_of_an_earlier_request_closes_nothing() -> None:
    breaker = CircuitBreaker(failures=1, clock=Clock())
    breaker.failed()
    breaker.succeeded()
    assert breaker.state == "open"


@given(st.lists(st.sampled_from(["fail", "succeed", "wait"]), max_size=40))
def test_an_open_circuit_always_comes_back(steps: list[str]) -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=2, window_seconds=10, open_seconds=5, clock=clock)
    for step in steps:
        clock.now += 6 if step == "wait" else 0
        try:
            breaker.check("here")
        except EndpointError:
            assert breaker.state == "open"
            continue
        breaker.failed() if step == "fail" else breaker.succeeded()
    clock.now += 6
    breaker.check("here")
    breaker.succeeded()
    assert breaker.state == "closed"
