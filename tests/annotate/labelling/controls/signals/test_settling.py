"""A signal is settled once, together with what follows for the assessor."""

from __future__ import annotations

import pytest

from annotate.errors import LabellingError
from annotate.labelling.assessors import find_assessor
from annotate.labelling.controls.signals import list_signals
from annotate.labelling.controls.signals.settling import CONSEQUENCES, settle_with
from annotate.store import Event, Signal
from tests.annotate.conftest import Ledger

STATES = {"none": "active", "warn": "active", "pause": "paused", "ban": "banned"}


def raise_signal(ledger: Ledger, name: str = "anna") -> int:
    assessor = ledger.person(name)
    with ledger.store.writing.begin() as session:
        found = Signal(assessor_id=assessor.id, kind="too_fast", strength=5.0)
        session.add(found)
        session.flush()
        return found.id


@pytest.mark.parametrize("consequence", CONSEQUENCES)
def test_what_follows_is_done_and_recorded(ledger: Ledger, consequence) -> None:
    number = raise_signal(ledger)
    settle_with(ledger.store, number, consequence, by="lea", reason=" two seconds a pair ")
    assert list_signals(ledger.store) == []
    [settled] = list_signals(ledger.store, settled=True)
    assert (settled.settled_by, settled.resolution) == ("lea", f"{consequence}: two seconds a pair")
    assert find_assessor(ledger.store, "anna").state == STATES[consequence]
    with ledger.store.reading() as session:
        kinds = {kind for (kind,) in session.query(Event.kind)}
    assert ("warned" in kinds) == (consequence == "warn")
    with pytest.raises(LabellingError, match="settled already"):
        settle_with(ledger.store, number, "none", by="lea", reason="again")


def test_without_a_reason_nothing_follows(ledger: Ledger) -> None:
    number = raise_signal(ledger)
    with pytest.raises(LabellingError, match="resolution"):
        settle_with(ledger.store, number, "ban", by="lea", reason="  ")
    assert find_assessor(ledger.store, "anna").state == "active"
    assert len(list_signals(ledger.store)) == 1


def test_a_pause_does_not_soften_a_ban(ledger: Ledger) -> None:
    first, second = raise_signal(ledger), raise_signal(ledger)
    settle_with(ledger.store, first, "ban", by="lea", reason="copied everything")
    settle_with(ledger.store, second, "pause", by="lea", reason="too fast as well")
    assert find_assessor(ledger.store, "anna").state == "banned"
