from __future__ import annotations

from typing import Any

import pytest

from annotate.bridges.label_studio.client import TOKEN_VARIABLE, LabelStudioClient, Retrying
from annotate.bridges.label_studio.config import labelling_config
from annotate.bridges.label_studio.links import find_link, list_links
from annotate.bridges.label_studio.projects import (
    ProjectWish,
    adopt_project,
    check_project,
    create_project,
    renew_guideline,
)
from annotate.errors import BridgeError
from annotate.labelling import adopt_guidelines
from annotate.labelling.campaigns import open_campaign

pytestmark = pytest.mark.timeout(300)
PAIRWISE = """<View><Header value="$question"/><Pairwise name="pw" toName="a,b"/>
<Text name="a" value="$answer_a"/><Text name="b" value="$answer_b"/></View>"""
STARS = """<View><Text name="a" value="$answer_a"/><Image name="i" value="$picture"/>
<Rating name="stars" toName="a"/></View>"""


def project_with(remote: Any, config: str, **settings: Any) -> int:
    body = {"title": "Theirs", "label_config": config, "maximum_annotations": 2, **settings}
    return int(remote.call("POST", "/api/projects/", json=body)["id"])


def adopt(ledger: Any, client: Any, project: int) -> Any:
    campaign = open_campaign(ledger.store, "default")
    return adopt_project(ledger.store, client, project, campaign, ledger.guideline, ProjectWish())


@pytest.mark.parametrize("kind", ["legacy_token", "personal_token"])
def test_both_kinds_of_tokens_work(server: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, getattr(server, kind))
    with LabelStudioClient.from_environment(server.base_url + "/") as client:
        assert client.user(1) == server.email
        assert client.user(10**6) == ""


def test_a_wrong_token_is_told_in_one_line(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong_signature = server.personal_token[:-4] + "AAAA"
    for token in ("0" * 40, wrong_signature):
        with (
            LabelStudioClient(server.base_url, token) as client,
            pytest.raises(BridgeError, match="401") as caught,
        ):
            client.project(1)
        assert "\n" not in str(caught.value)
        assert token not in str(caught.value)
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(BridgeError, match=TOKEN_VARIABLE):
        LabelStudioClient.from_environment(server.base_url)


def test_a_server_that_is_not_there_is_told_in_one_line() -> None:
    retrying = Retrying(attempts=2, first_wait_seconds=0.0)
    with (
        LabelStudioClient("http://127.0.0.1:9", "token", retrying=retrying) as client,
        pytest.raises(BridgeError, match=r"127\.0\.0\.1:9: GET /api/projects/1/"),
    ):
        client.project(1)


def test_the_server_checks_the_config(client: Any) -> None:
    client.validate_config(labelling_config())
    with pytest.raises(BridgeError, match="400"):
        client.validate_config("<View><Choices/></View>")


def test_a_project_with_pairwise_is_adopted(sqlite_ledger: Any, client: Any, remote: Any) -> None:
    project = project_with(remote, PAIRWISE)
    link = adopt(sqlite_ledger, client, project)
    assert (link.seats, link.campaign) == (2, "default")
    found = client.project(project)
    assert found["label_config"] == PAIRWISE
    assert "Compare." in found["expert_instruction"]
    assert adopt(sqlite_ledger, client, project).id == link.id


def test_what_an_other_config_lacks_is_named(sqlite_ledger: Any, client: Any, remote: Any) -> None:
    project = project_with(remote, STARS)
    before = client.project(project)
    with pytest.raises(BridgeError) as caught:
        adopt(sqlite_ledger, client, project)
    message = str(caught.value)
    assert "\n" not in message
    for lack in ("no <Choices name='verdict'>", "$answer_b", "$picture"):
        assert lack in message
    assert client.project(project)["expert_instruction"] == before["expert_instruction"]
    assert list_links(sqlite_ledger.store) == []


def test_a_verdict_that_is_missing_is_named(sqlite_ledger: Any, client: Any, remote: Any) -> None:
    config = labelling_config().replace('    <Choice value="tie" hotkey="3"/>\n', "")
    with pytest.raises(BridgeError, match="lacks the verdicts tie"):
        adopt(sqlite_ledger, client, project_with(remote, config))


def test_a_project_that_wants_more_than_the_campaign_is_refused(
    sqlite_ledger: Any, client: Any, remote: Any
) -> None:
    with pytest.raises(BridgeError, match="wants 9 annotations"):
        adopt(sqlite_ledger, client, project_with(remote, PAIRWISE, maximum_annotations=9))


def test_a_config_that_was_changed_is_noticed(sqlite_ledger: Any, client: Any, remote: Any) -> None:
    link = adopt(sqlite_ledger, client, project_with(remote, PAIRWISE))
    client.update_project(link.project, {"label_config": PAIRWISE.replace("$question", "$answer_a")})
    assert check_project(sqlite_ledger.store, client, link).config_hash != link.config_hash
    client.update_project(link.project, {"label_config": STARS})
    with pytest.raises(BridgeError, match="cannot be adopted"):
        check_project(sqlite_ledger.store, client, link)


def test_a_project_serves_one_campaign(sqlite_ledger: Any, client: Any, remote: Any) -> None:
    link = adopt(sqlite_ledger, client, project_with(remote, PAIRWISE))
    other = open_campaign(sqlite_ledger.store, "other")
    with pytest.raises(BridgeError, match="linked to the campaign default"):
        adopt_project(
            sqlite_ledger.store, client, link.project, other, sqlite_ledger.guideline, ProjectWish()
        )


def test_a_new_guideline_is_shown(sqlite_ledger: Any, client: Any, guidelines_folder: Any) -> None:
    campaign = open_campaign(sqlite_ledger.store, "default")
    wish = ProjectWish(title="Русский", language="ru")
    link = create_project(sqlite_ledger.store, client, campaign, sqlite_ledger.guideline, wish)
    assert "Сравни." in client.project(link.project)["expert_instruction"]
    (guidelines_folder / "ru" / "comparison.md").write_text("Сравни <ещё> раз.", "utf-8")
    newer = adopt_guidelines(sqlite_ledger.store, guidelines_folder)
    renewed = renew_guideline(sqlite_ledger.store, client, link, newer)
    assert "Сравни &lt;ещё&gt; раз." in client.project(link.project)["expert_instruction"]
    assert renewed.cursor["guideline"] == newer.id
    assert find_link(sqlite_ledger.store, client.base_url, link.project) == renewed
