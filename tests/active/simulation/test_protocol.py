"""The protocol on pairs whose model is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, NotEnoughLabelsError, UnknownStrategyError
from active.simulation import Proof, Protocol, prove


def proof_of(data: Any, protocol: Protocol) -> Proof:
    return prove(data.features, data.targets, data.groups, protocol, np.random.default_rng(0))


def test_it_runs_every_arm_on_every_split(simulate: Callable[..., Any]) -> None:
    data = simulate(200, 5, seed=1)
    told: list[tuple[int, int]] = []
    protocol = Protocol(("entropy", "dopt"), seeds=3, start=10, batch=20, budget=70)
    proof = prove(
        data.features, data.targets, None, protocol, np.random.default_rng(0),
        lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert [arm.name for arm in proof.arms] == ["random", "entropy", "dopt"]
    assert (proof.pool, proof.test) == (140, 60)
    assert told == [(done, 9) for done in range(1, 10)]
    assert proof.curves["dopt"][0].labels[-1] == 70
    assert proof.curves["random"][0].labels[-1] == 140
    assert proof.curves["random"][0].accuracy[-1] == pytest.approx(proof.full, abs=0.1)


def test_by_question_no_question_is_on_both_sides(simulate: Callable[..., Any]) -> None:
    data = simulate(160, 5, seed=1)
    marked = np.column_stack([data.features, data.groups])
    seen: list[set[float]] = []
    from active.simulation.protocol import _splits

    protocol = Protocol(("dopt",), seeds=4, by_question=True)
    for known in _splits(marked, data.targets, data.groups, protocol, np.random.default_rng(0)):
        pool, test = set(known.pool.features[:, -1].tolist()), set(known.test_features[:, -1].tolist())
        assert not pool & test
        assert pool | test == set(data.groups.tolist())
        seen.append(test)
    assert any(one != seen[0] for one in seen)


def test_ties_are_left_out(simulate: Callable[..., Any]) -> None:
    data = simulate(200, 5, seed=1)
    targets = data.targets.copy()
    targets[:100] = 0.5
    proof = prove(
        data.features, targets, None, Protocol(("dopt",), seeds=1, budget=40), np.random.default_rng(0)
    )
    assert proof.pool + proof.test == 100


def test_what_cannot_be_proven_is_refused(simulate: Callable[..., Any]) -> None:
    data = simulate(80, 5)
    with pytest.raises(NotEnoughLabelsError, match="only 30 labelled pairs"):
        prove(data.features[:30], data.targets[:30], None, Protocol(), np.random.default_rng(0))
    with pytest.raises(InvalidOptionError, match="two questions"):
        prove(data.features, data.targets, None, Protocol(by_question=True), np.random.default_rng(0))
    with pytest.raises(InvalidOptionError, match="budget"):
        proof_of(data, Protocol(budget=79))
    with pytest.raises(UnknownStrategyError):
        proof_of(data, Protocol(("best",), seeds=1, budget=40))
    with pytest.raises(InvalidOptionError, match="at least 1"):
        Protocol(seeds=0)
