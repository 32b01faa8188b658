from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from annotate.jobs.webhooks.delivery import (
    LONGEST_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    deliver_due,
    delivering,
    pause,
)
from annotate.jobs.webhooks.keys import key_of, server_secret, signed
from annotate.jobs.webhooks.registry import add_webhook, change_webhook, ping, try_again
from annotate.store import Delivery, Webhook, now
from annotate.store.exchanges import DELIVERED, GIVEN_UP, WAITING


def due_again(context):
    """Let the time pass until the next try."""
    with context.store.writing.begin() as session:
        session.execute(update(Delivery).values(due_at=now() - timedelta(seconds=1)))


def test_a_message_arrives_signed_over_its_id_its_time_and_its_body(context, receiver, deliveries):
    hook = add_webhook(context, receiver.url, ["run.finished"], "ada")
    number = ping(context, hook)
    assert deliver_due(context) == 1
    [(headers, body)] = receiver.seen
    key = key_of(server_secret(context.workspace.folder), hook)
    sent_at = int(headers["webhook-timestamp"])
    expected = signed(key, f"msg_{number}", sent_at, body)
    assert {name: headers[name] for name in expected} == expected
    assert abs(sent_at - time.time()) < 60
    assert json.loads(body)["type"] == "ping"
    forged = signed(key, f"msg_{number}", sent_at, body + b" ")
    assert forged["webhook-signature"] != headers["webhook-signature"]
    [row] = deliveries()
    assert (row.state, row.attempts, row.status, row.error) == (DELIVERED, 1, 204, "")


def test_a_message_is_tried_again_with_a_pause_until_it_arrives(context, receiver, deliveries):
    ping(context, add_webhook(context, receiver.url, ["run.finished"], "ada"))
    receiver.answers = [500, 302, 204]
    assert deliver_due(context) == 0
    [row] = deliveries()
    assert (row.state, row.attempts, row.status) == (WAITING, 1, 500)
    assert row.due_at > now() + timedelta(seconds=3)
    assert deliver_due(context) == 0
    assert len(receiver.seen) == 1  # not before its time
    due_again(context)
    deliver_due(context)
    assert deliveries()[0].error == "answered with 302"  # a redirect is not followed
    due_again(context)
    assert deliver_due(context) == 1
    ids = {headers["webhook-id"] for headers, _ in receiver.seen}
    assert len(ids) == 1  # the receiver can tell that it is the same message


def test_a_message_that_never_arrives_is_given_up_visibly_and_can_be_sent_again(
    context, receiver, deliveries, caplog
):
    hook = add_webhook(context, receiver.url, ["run.finished"], "ada")
    number = ping(context, hook)
    receiver.answers = [503] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS + 2):
        due_again(context)
        deliver_due(context)
    assert len(receiver.seen) == MOST_ATTEMPTS
    assert (deliveries()[0].state, deliveries()[0].error) == (GIVEN_UP, "answered with 503")
    assert "given up after 9 tries" in caplog.text
    try_again(context, hook, number)
    assert deliver_due(context) == 1


def test_the_receiver_may_ask_for_time_and_may_want_no_more(context, receiver, deliveries):
    hook = add_webhook(context, receiver.url, ["run.finished"], "ada")
    ping(context, hook)
    receiver.answers, receiver.headers = [429, 410], {"Retry-After": "3600"}
    deliver_due(context)
    assert deliveries()[0].due_at > now() + timedelta(minutes=59)
    due_again(context)
    deliver_due(context)
    assert deliveries()[0].state == GIVEN_UP
    with context.store.reading() as session:
        assert not session.get_one(Webhook, hook).active


def test_a_paused_webhook_is_sent_nothing_until_it_goes_on(context, receiver):
    hook = add_webhook(context, receiver.url, ["run.finished"], "ada")
    ping(context, hook)
    change_webhook(context, hook, active=False)
    assert deliver_due(context) == 0
    change_webhook(context, hook, active=True)
    assert deliver_due(context) == 1


@pytest.mark.parametrize("attempts", range(1, MOST_ATTEMPTS + 1))
def test_pauses_grow_and_have_an_end(attempts):
    assert 0 < pause(attempts) <= LONGEST_PAUSE_SECONDS * 1.2
    if attempts > 1:
        assert pause(attempts) > pause(attempts - 1) or pause(attempts) >= LONGEST_PAUSE_SECONDS * 0.8


def test_a_dead_server_is_a_reason_and_no_crash(context, receiver, deliveries):
    ping(context, add_webhook(context, "http://127.0.0.1:9/hook", ["run.finished"], "ada"))
    assert deliver_due(context) == 0
    assert (deliveries()[0].state, deliveries()[0].status) == (WAITING, None)
    assert "cannot be fetched" in deliveries()[0].error


def test_messages_do_not_go_to_private_addresses_unless_the_settings_say_so(
    open_workspace, context, receiver, deliveries
):
    ping(context, add_webhook(context, receiver.url, ["run.finished"], "ada"))
    strict = open_workspace("")
    assert deliver_due(strict) == 0
    assert receiver.seen == []
    assert "not a public address" in deliveries()[0].error


def test_messages_are_sent_in_the_background_by_one_server_of_two(context, receiver):
    hook = add_webhook(context, receiver.url, ["run.finished"], "ada")
    with delivering(context), delivering(context):
        ping(context, hook)
        end = time.monotonic() + 10
        while not receiver.seen and time.monotonic() < end:
            time.sleep(0.05)
    assert len(receiver.seen) == 1
