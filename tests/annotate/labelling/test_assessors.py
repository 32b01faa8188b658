"""Assessors: people and machines, never one as the other."""

import pytest

from annotate.errors import LabellingError
from annotate.labelling import list_assessors, register, reserve, set_active
from annotate.store import Store
from tests.annotate.conftest import Ledger


def test_registering_twice_is_one_assessor(store: Store) -> None:
    anna = register(store, " anna ", "person", ["ru"])
    assert (anna.name, anna.kind, anna.languages, anna.active) == ("anna", "person", ("ru",), True)
    assert register(store, "anna", "person") == anna
    assert list_assessors(store) == [anna]


def test_a_name_belongs_to_one_kind_and_one_machine(store: Store) -> None:
    register(store, "anna", "person")
    register(store, "robot", "machine", fingerprint="v1")
    with pytest.raises(LabellingError, match="anna is a person"):
        register(store, "anna", "machine")
    with pytest.raises(LabellingError, match="robot is a machine"):
        register(store, "robot", "person")
    with pytest.raises(LabellingError, match="other settings"):
        register(store, "robot", "machine", fingerprint="v2")
    assert [(one.name, one.kind) for one in list_assessors(store)] == [
        ("anna", "person"),
        ("robot", "machine"),
    ]


@pytest.mark.parametrize("name", ["", "  "])
def test_a_name_is_needed(store: Store, name: str) -> None:
    with pytest.raises(LabellingError, match="name"):
        register(store, name, "person")


def test_an_inactive_assessor_gets_no_tasks_until_active_again(ledger: Ledger) -> None:
    ledger.tasks(1)
    anna = ledger.person()
    assert not set_active(ledger.store, "anna", False).active
    with pytest.raises(LabellingError, match="not active"):
        reserve(ledger.store, anna.id)
    set_active(ledger.store, "anna", True)
    assert len(reserve(ledger.store, anna.id)) == 1
    with pytest.raises(LabellingError, match="no assessor named nobody"):
        set_active(ledger.store, "nobody", True)
