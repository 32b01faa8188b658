"""The gaps screen: the map, the ranking, quotas, requests for documents; every role, full and empty."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.labelling.campaigns import find_campaign
from annotate.reports.document_requests import report_document_requests
from annotate.reports.text_clusters import VERSION, stored_as
from annotate.store import AuditEntry, Cluster, Figures
from tests.annotate.ui.conftest import open_workspace
from tests.annotate.ui.screens.busy_ledger import fill

GUIDELINES = Path(__file__).parents[4] / "instructions"
SOURCELESS = 3  # the cluster of the busy ledger whose questions the documents do not answer
GUIDELINE = {
    "kind": "guideline", "action": "clarify guideline", "severity": 0.4, "impact": 0.1, "labels_needed": 12,
}  # fmt: skip
ANSWERS = {
    "version": VERSION,
    "texts": 5,
    "clusters": [
        {
            "number": number, "name": name, "texts": texts, "examples": ["You may."],
            "figures": {"share": [texts / 5, 0.1, 0.9, 5], "preferred": [0.6, 0.2, 0.9, texts]},
        }
        for number, name, texts in ((0, "refund, receipt", 4), (-1, "", 1))
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    opened = open_workspace(tmp_path_factory.mktemp("clusters"))
    fill(opened.store, GUIDELINES, tasks=24)
    opened.store.engine.dispose()
    return opened.folder


@pytest.fixture
def clustered(filled: Path, empty_workspace):
    empty_workspace.store.engine.dispose()
    shutil.copy(filled / "pairloop.db", empty_workspace.folder)
    return empty_workspace


def button(at, label: str):
    return at.button[[one.label for one in at.button].index(label)]


def drawn(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def test_the_ranking_begins_with_what_hurts_most(clustered, show):
    at = show("gaps", "lead")
    ranked = at.dataframe[0].value
    assert list(ranked["impact"]) == sorted(ranked["impact"], reverse=True)
    assert ranked.iloc[0][["cluster", "gap", "action"]].to_list() == [
        "обмен товара", "sources", "Write documents on this",
    ]  # fmt: skip
    labels = ranked[ranked["labels_needed"].notna()]
    assert (labels["price"] == labels["labels_needed"] * 2 * 0.1).all()
    assert [metric.value for metric in at.metric[:3]] == ["4", "4", "36"]
    assert len(at.dataframe) == len(at.get("download_button"))


def test_the_map_shows_every_question_and_its_cluster(clustered, show):
    at = show("gaps", "lead")
    specs = [json.loads(chart.proto.spec) for chart in at.get("vega_lite_chart")]
    [spec] = [spec for spec in specs if "Map of the questions" in spec["description"]]
    assert "pick" in [param["name"] for param in spec["params"]]


def test_another_cluster_is_chosen_with_the_keyboard(clustered, show):
    at = show("gaps", "lead")
    assert "обмен товара</h2>" in drawn(at)
    at.selectbox(key="cluster").set_value(0).run()
    assert "assert statements</h2>" in drawn(at)
    questions = at.dataframe[1].value
    assert set(questions["language"]) == {"en"}
    at.text_input(key="search-0").set_value("LINE 4 ").run()
    assert at.dataframe[1].value["question"].to_list() == [
        "Why does the assert on line 4 vanish when Python runs optimised?"
    ]


def test_a_cluster_becomes_a_quota_and_is_lifted_again(clustered, show):
    at = show("gaps", "lead")
    at.slider(key=f"quota-share-{SOURCELESS}-default").set_value(80)
    at.number_input(key=f"quota-count-{SOURCELESS}-default").set_value(40)
    button(at, "Set the quota").click().run()
    assert not at.exception, at.exception
    rules = find_campaign(clustered.store, "default").rules
    assert (rules.cluster_shares, rules.cluster_counts) == ({SOURCELESS: 0.8}, {SOURCELESS: 40})
    assert "default 80%" in at.dataframe[-1].value["quota"].to_list()
    with clustered.store.reading() as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.quota"))
        assert (entry.actor, entry.details["share"]) == ("lead", 0.8)
    button(at, "Lift it").click().run()
    assert not find_campaign(clustered.store, "default").rules.cluster_shares


def test_shares_beyond_all_are_refused(clustered, show):
    at = show("gaps", "lead")
    at.slider(key=f"quota-share-{SOURCELESS}-default").set_value(80)
    button(at, "Set the quota").click().run()
    at.selectbox(key="cluster").set_value(0).run()
    at.slider(key="quota-share-0-default").set_value(30)
    button(at, "Set the quota").click().run()
    assert "add up to at most 1" in at.error[0].value
    assert find_campaign(clustered.store, "default").rules.cluster_shares == {SOURCELESS: 0.8}


def test_documents_are_asked_for_and_the_request_is_closed(clustered, show):
    at = show("gaps", "lead")
    at.text_area(key=f"request-note-{SOURCELESS}").set_value("the law on returns")
    button(at, "Ask for documents").click().run()
    assert not at.exception, at.exception
    [request] = report_document_requests(clustered.store)
    assert (request.name, request.note, request.requested_by) == (
        "обмен товара",
        "the law on returns",
        "lead",
    )
    assert all("куртку" in question for question in request.questions)
    at = show("gaps", "engineer")
    button(at, "The documents are here").click().run()
    assert not report_document_requests(clustered.store)
    [request] = report_document_requests(clustered.store, settled=True)
    assert (request.state, request.settled_by) == ("done", "engineer")


def test_an_engineer_sees_the_gaps_and_sets_no_quota(clustered, show):
    at = show("gaps", "engineer")
    labels = [one.label for one in at.button]
    assert "Cluster anew" in labels
    assert not {"Set the quota", "Ask for documents"} & set(labels)
    assert len(at.dataframe[0].value) == 4


def test_an_assessor_is_refused(clustered, show):
    at = show("gaps", "assessor")
    assert "not for your role" in at.subheader[0].value
    assert not at.dataframe


def test_clusters_without_a_map_say_how_to_get_one(workspace, show):
    at = show("gaps", "lead")
    assert "cluster the questions anew" in at.info[0].value
    assert "права потребителя" in drawn(at)
    assert [metric.value for metric in at.metric[:3]] == ["2", "4", "20"]
    assert at.selectbox(key="cluster").options[-1] == "Questions like no others"


def test_an_empty_screen_names_the_command(empty_workspace, show):
    at = show("gaps", "lead")
    assert "pairloop gaps" in " ".join(element.value for element in at.markdown)
    assert not at.dataframe


def test_the_screen_speaks_russian(clustered, show):
    at = show("gaps", "lead")
    at.selectbox(key="language").set_value("ru").run()
    assert not at.exception
    assert "Сделать квотой" in " ".join(element.value for element in at.markdown)


def test_guidelines_near_duplicates_and_clusters_of_answers_are_shown(clustered, show):
    with clustered.store.writing.begin() as session:
        cluster = session.scalars(select(Cluster).where(Cluster.number == SOURCELESS)).one()
        cluster.gaps = [*cluster.gaps, GUIDELINE]
        cluster.figures = cluster.figures | {"near_duplicates": [[1, 2]], "near_duplicate_groups": 1}
        session.add(Figures(name=stored_as("answers"), value=ANSWERS))
    at = show("gaps", "lead")
    ranked = at.dataframe[0].value
    [row] = ranked[ranked["gap"] == "a clear guideline"].to_dict("records")
    assert (row["action"], row["labels_needed"]) == ("Clarify the guideline, judge again", 12)
    assert "1 group of near-duplicate questions" in [one.label for one in at.expander]
    [answers] = [one.value for one in at.dataframe if "preferred" in one.value]
    assert answers["cluster"].to_list() == ["refund, receipt", "Texts like no others"]
    assert answers["preferred"].to_list()[0] == 0.6
    assert "pairloop gaps --of passages" in " ".join(one.value for one in at.caption)
