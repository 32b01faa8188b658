"""Who may steer campaigns, ask for documents and settle signals."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from annotate.access.permissions import ROLES, Actor
from annotate.actions.gaps import make_quota, request_documents, settle_request
from annotate.actions.signals import let_work_again, settle_signal
from annotate.errors import AccessDenied, LabellingError
from annotate.labelling.assessors import find_assessor
from annotate.store import AuditEntry, Cluster, ClusterMember, Pair, Signal
from tests.annotate.conftest import Ledger


@pytest.fixture
def context(sqlite_ledger: Ledger) -> SimpleNamespace:
    """What the actions need of a workspace: its store, with one cluster of one question, and a signal."""
    [pair], anna = sqlite_ledger.tasks(1), sqlite_ledger.person("anna")
    with sqlite_ledger.store.writing.begin() as session:
        cluster = Cluster(number=0, name="rent", keywords=[])
        session.add(cluster)
        session.flush()
        session.add(ClusterMember(question_id=session.get_one(Pair, pair).question_id, cluster_id=cluster.id))
        session.add(Signal(assessor_id=anna.id, kind="too_fast", strength=5.0))
    return SimpleNamespace(store=sqlite_ledger.store)


def someone(role: str) -> Actor:
    return Actor(None, role, role, permissions=ROLES[role])


ACTIONS = {
    "quota": lambda context, actor: make_quota(context, actor, "default", 0, share=0.5),
    "request": lambda context, actor: request_documents(context, actor, 0, [1], "please"),
    "signal": lambda context, actor: settle_signal(context, actor, 1, "pause", "too fast"),
    "lift": lambda context, actor: let_work_again(context, actor, "anna", "talked"),
}
LEADS = {"lead", "admin"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ACTIONS)
def test_only_leads_act(context, role: str, name: str) -> None:
    if role in LEADS:
        ACTIONS[name](context, someone(role))
        return
    with pytest.raises(AccessDenied):
        ACTIONS[name](context, someone(role))
    with context.store.reading() as session:
        assert session.scalar(select(AuditEntry)) is None


@pytest.mark.parametrize("role", ROLES)
def test_those_who_bring_documents_close_requests(context, role: str) -> None:
    number = request_documents(context, someone("lead"), 0, [1], "please")
    if role == "assessor":
        with pytest.raises(AccessDenied):
            settle_request(context, someone(role), number, "done")
    else:
        settle_request(context, someone(role), number, "done")
        with pytest.raises(LabellingError, match="closed"):
            settle_request(context, someone(role), number, "done")


def test_a_failed_change_is_in_the_audit_log_as_failed(context) -> None:
    with pytest.raises(LabellingError):
        make_quota(context, someone("lead"), "default", 7, share=0.5)
    with context.store.reading() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["campaign.quota", "campaign.quota.failed"]
    settle_signal(context, someone("lead"), 1, "ban", "copied")
    assert find_assessor(context.store, "anna").state == "banned"
