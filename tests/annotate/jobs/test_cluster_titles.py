"""Clusters are named by the endpoint of the settings where one is set, and by their keywords elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from annotate.jobs.cluster_titles import Group, title_clusters
from annotate.jobs.context import Context
from annotate.settings import SETTINGS_FILE
from annotate.store import JudgeCall
from tests.annotate.conftest import put_blank
from tests.annotate.labelers.conftest import serve as answering  # noqa: F401 - a fixture

GROUPS = [
    Group("refund, receipt", ("refund", "receipt"), ("How do I get a refund?", "Is a receipt needed?")),
    Group("parking, station", ("parking", "station"), ("Where can I park?",)),
]


@pytest.fixture
def named(workspace, answering) -> Callable[..., tuple[Context, object]]:  # noqa: F811
    """Open a workspace whose endpoint answers by a function of the request."""

    def open_(judge) -> tuple[Context, object]:
        server = answering(judge)
        with (workspace / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
            settings.write(f'[endpoint]\nbase_url = "{server.url}"\nmodel = "small"\nmax_retries = 0\n')
        put_blank(workspace)
        return Context.open(workspace), server

    return open_


def test_the_model_sees_keywords_and_examples_and_is_asked_once(named) -> None:
    def judge(asked) -> str:
        shown = json.loads(asked["messages"][1]["content"])
        return json.dumps({"name": f"All about {shown['keywords'][0]}."})

    context, server = named(judge)
    for _ in range(2):
        names, trouble = title_clusters(context, GROUPS)
        assert (names, trouble) == (["All about refund", "All about parking"], "")
    assert len(server.asked) == 2
    assert "Is a receipt needed?" in server.asked[0]["messages"][1]["content"]
    assert server.asked[0]["response_format"]["type"] == "json_schema"
    with context.store.reading() as session:
        assert {call.assessor for call in session.query(JudgeCall)} == {"cluster-names"}


def test_names_stay_different_and_useless_ones_are_not_taken(named) -> None:
    context, _ = named(lambda asked: json.dumps({"name": "Questions"}))
    assert title_clusters(context, GROUPS)[0] == ["Questions", "Questions (parking, station)"]


@pytest.mark.parametrize(
    "made", ["no JSON", '{"title": "x"}', '{"name": ""}', json.dumps({"name": "x" * 99})]
)
def test_a_reply_without_a_name_leaves_the_keywords(named, made: str) -> None:
    context, _ = named(lambda asked: made)
    assert title_clusters(context, GROUPS) == ([group.name for group in GROUPS], "")


def test_a_server_in_trouble_is_said_and_costs_no_cluster(named) -> None:
    context, server = named(lambda asked: "{}")
    server.troubles.extend(["500", "500"])
    names, trouble = title_clusters(context, GROUPS)
    assert names == [group.name for group in GROUPS]
    assert "no verdict from small" in trouble
    assert len(server.asked) == 1


def test_without_an_endpoint_nobody_is_asked(context) -> None:
    assert title_clusters(context, GROUPS) == (["refund, receipt", "parking, station"], "")
