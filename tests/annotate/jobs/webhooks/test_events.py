from __future__ import annotations

from datetime import timedelta

import pytest

from annotate.access.audit import audited
from annotate.access.permissions import operator
from annotate.errors import JobError
from annotate.jobs.models import record_decision, register_model
from annotate.jobs.webhooks import events
from annotate.jobs.webhooks.events import EVENTS, write_messages
from annotate.jobs.webhooks.registry import add_webhook, change_webhook, remove_webhook
from annotate.labelling.campaigns import open_campaign
from annotate.labelling.preference_changes import CHANGED
from annotate.store import Event, Run, now

URL = "https://hooks.example.org/pairloop"


def write(context) -> int:
    """Write the messages on all that happened up to now."""
    return write_messages(context.store, timedelta(0))


def finish(context, run_id, state="finished"):
    with context.store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        run.state, run.finished_at, run.result = state, now(), {"metrics": {"accuracy": {"value": 0.7}}}


def start(context) -> int:
    with context.store.writing.begin() as session:
        run = Run(kind="reward", recipe={}, folder="")
        session.add(run)
        session.flush()
        return run.id


def happen(context, tmp_path):
    """Let one of everything happen."""
    finish(context, start(context))
    model = register_model(context.store, "policy", tmp_path, "print-1", run_id=None, metrics={})
    record_decision(context.store, model, promoted=True, reason="better", evidence={})
    with audited(context.store, operator(), "campaign.open", "spring"):
        open_campaign(context.store, "spring")
    with context.store.writing.begin() as session:
        session.add(Event(kind=CHANGED, details={"pair": 7, "from": None, "to": "tie"}))


def test_what_happens_after_a_webhook_was_added_is_told_once(context, deliveries, tmp_path):
    happen(context, tmp_path)
    add_webhook(context, URL, EVENTS, "ada")
    assert write(context) == 0  # what was before is not told
    finish(context, start(context), "failed")
    model = register_model(context.store, "policy", tmp_path, "print-2", run_id=None, metrics={})
    record_decision(context.store, model, promoted=False, reason="worse", evidence={})
    record_decision(context.store, model, promoted=True, reason="by hand", evidence={})
    with audited(context.store, operator(), "campaign.turn", "spring"):
        pass
    with context.store.writing.begin() as session:
        session.add(Event(kind=CHANGED, details={"pair": 8, "from": "tie", "to": "A_better"}))
    assert write(context) == 4
    assert write(context) == 0
    told = {row.event: row.payload["data"] for row in deliveries()}
    assert told["run.finished"]["state"] == "failed"
    assert told["model.promoted"] == {
        "role": "policy",
        "fingerprint": "print-2",
        "run": None,
        "reason": "by hand",
    }
    assert told["campaign.changed"] == {
        "campaign": "spring", "change": "turn", "by": "the operator", "state": "open",
    }  # fmt: skip
    assert told["preference.changed"] == {"pair": 8, "from": "tie", "to": "A_better"}


def test_a_change_that_failed_is_not_told(context, deliveries):
    add_webhook(context, URL, ["campaign.changed"], "ada")
    with pytest.raises(JobError), audited(context.store, operator(), "campaign.open", "spring"):
        raise JobError("no")
    assert write(context) == 0


def test_each_webhook_is_told_what_it_asked_for(context, deliveries):
    add_webhook(context, URL, ["run.finished"], "ada")
    other = add_webhook(context, URL + "/2", ["model.promoted"], "ada")
    finish(context, start(context))
    assert write(context) == 1
    change_webhook(context, other, events=["run.finished"])
    assert write(context) == 0  # what was before is not told
    finish(context, start(context))
    assert write(context) == 2


def test_a_restarted_run_that_ends_again_is_told_again(context, deliveries):
    add_webhook(context, URL, ["run.finished"], "ada")
    run = start(context)
    finish(context, run, "cancelled")
    assert write(context) == 1
    finish(context, run)
    assert write(context) == 1
    assert [row.payload["data"]["state"] for row in deliveries()] == ["cancelled", "finished"]


def test_after_a_pause_a_webhook_is_told_what_happened_meanwhile(context, deliveries):
    hook = add_webhook(context, URL, ["preference.changed"], "ada")
    change_webhook(context, hook, active=False)
    with context.store.writing.begin() as session:
        session.add_all(
            Event(kind=CHANGED, details={"pair": n, "from": None, "to": "tie"})
            for n in range(events.AT_ONCE + 3)
        )
    assert write(context) == 0
    change_webhook(context, hook, active=True)
    assert write(context) == events.AT_ONCE + 3
    assert [row.payload["data"]["pair"] for row in deliveries()] == list(range(events.AT_ONCE + 3))
    remove_webhook(context, hook)
    assert deliveries() == []


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/x", "https://", "https://user:secret@example.org/", "https://example.org/#x",
     "https://example.org:99999/", "javascript:alert(1)"],
)  # fmt: skip
def test_an_address_that_will_not_do_is_refused(context, url):
    with pytest.raises(JobError):
        add_webhook(context, url, ["run.finished"], "ada")


def test_addresses_are_kept_once_and_events_exist(context):
    add_webhook(context, URL, ["run.finished"], "ada")
    with pytest.raises(JobError, match="already"):
        add_webhook(context, URL, ["run.finished"], "ada")
    for wrong in ([], ["tea.ready"]):
        with pytest.raises(JobError, match="name events"):
            add_webhook(context, URL + "/2", wrong, "ada")
