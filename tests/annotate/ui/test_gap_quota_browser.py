"""A lead makes a cluster a quota in a real browser, and the next pair that is handed out comes from it."""

from __future__ import annotations

import pytest

from annotate.labelling import register, reserve
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.quotas import follow_clusters
from annotate.store import Task

pytestmark = pytest.mark.browser
CLUSTER, NAME = 1, "права потребителя"


@pytest.mark.slow
def test_gap_to_quota_to_the_next_pair(server, open_signed_in):
    store = server.store
    follow_clusters(store)
    anna = register(store, "anna", "person")
    [first] = reserve(store, anna.id, count=1)
    assert cluster_of(store, first.pair.pair_id) != CLUSTER  # the most urgent pair lies elsewhere
    page = open_signed_in(server, "lead", "/gaps")
    page.get_by_role("heading", name=NAME).wait_for()
    slider = page.get_by_role("slider", name="Share of the next pairs")
    slider.focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Set the quota").click()
    page.get_by_text("of the next pairs of default come from").wait_for()
    assert find_campaign(store, "default").rules.cluster_shares == {CLUSTER: 1.0}
    vera = register(store, "vera", "person")
    for number in range(3):
        held = reserve(store, vera.id, count=number + 1)[-1]
        assert cluster_of(store, held.pair.pair_id) == CLUSTER


def cluster_of(store, pair_id: int) -> int | None:
    with store.reading() as session:
        return session.query(Task.cluster).filter_by(pair_id=pair_id).scalar()
