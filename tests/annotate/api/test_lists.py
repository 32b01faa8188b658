from __future__ import annotations

import pytest

from annotate.jobs.stopping import foretell
from annotate.labelling import refresh_preferences
from annotate.reports.question_choice import ChosenQuestion, write_question_choice


def judge_all(site, verdict="A_better"):
    """Let the assessor judge every task alike, in the order of the stored pair."""
    client = site.client("assessor")
    for number, task in enumerate(client.post("/tasks/reserve", json={"count": 3}).json()["tasks"]):
        swapped = "long" in task["pair"]["a"]["text"]
        said = verdict.translate(str.maketrans("AB", "BA")) if swapped else verdict
        body = {"key": f"key-0000{number}", "verdict": said, "guideline": site.context.guideline.id}
        assert client.post(f"/tasks/{task['id']}/judgement", json=body).status_code == 201
    refresh_preferences(site.context.store)


def test_pairs_are_filtered_and_shown_one_by_one(site):
    client = site.client("lead")
    rows = client.get("/pairs").json()["items"]
    assert [row["id"] for row in rows] == sorted(site.pairs, reverse=True)
    [russian] = client.get("/pairs?language=ru").json()["items"]
    assert russian["question"].startswith("Сколько")
    [waiting] = client.get("/pairs?state=unlabelled").json()["items"]
    assert waiting["id"] == site.pairs[3]
    shown = client.get(f"/pairs/{russian['id']}").json()
    assert shown["pair"]["campaign"] == "default"
    assert shown["first"]["sources"][0]["text"] == "Two years."
    assert client.get("/pairs?state=lost").status_code == 422


def test_pairs_are_searched_by_words_page_by_page(site):
    client = site.client("lead")
    found = client.get("/pairs", params={"search": "warranty"}).json()["items"]
    assert [row["question"] for row in found] == ["How long is the warranty?"]
    first = client.get("/pairs", params={"search": "years", "limit": 3}).json()
    rest = client.get("/pairs", params={"search": "years", "limit": 3, "cursor": first["next"]}).json()
    numbers = [row["id"] for page in (first, rest) for row in page["items"]]
    assert sorted(numbers) == sorted(site.pairs)
    assert rest["next"] is None
    other = client.get("/pairs", params={"search": "gift", "limit": 3, "cursor": first["next"]})
    assert other.status_code == 422


def test_judgements_and_preferences_are_listed_with_what_they_rest_on(site):
    judge_all(site)
    client = site.client("engineer")
    said = client.get("/judgements").json()["items"]
    assert {(row["assessor"], row["kind"], row["verdict"], row["counts"]) for row in said} == {
        ("the assessor", "person", "A_better", True)
    }
    one = client.get("/judgements", params={"pair": site.pairs[1]}).json()["items"]
    assert [row["pair_id"] for row in one] == [site.pairs[1]]
    assert client.get("/judgements", params={"assessor": "nobody"}).json()["items"] == []
    rows = client.get("/preferences").json()["items"]
    assert [row["id"] for row in rows] == sorted(site.pairs[:3], reverse=True)
    assert {row["people"] for row in rows} == {1}
    assert client.get("/preferences?verdict=tie").json()["items"] == []
    [judgement] = client.get(f"/preferences/{site.pairs[1]}").json()["judgements"]
    assert judgement == one[0]["id"]


def test_the_lineage_leads_from_the_sources_to_the_verdict(site):
    judge_all(site)
    found = site.client("lead").get(f"/pairs/{site.pairs[0]}/lineage").json()
    assert [answer["contender"] for answer in found["answers"]] == ["plain", "long"]
    assert found["selection"]["campaign"] == "default"
    assert found["judgements"][0]["verdict"] == found["preference"]["verdict"] == "A_better"
    assert site.client("lead").get("/pairs/99999/lineage").status_code == 404


def test_reports_are_those_of_the_screens(site):
    judge_all(site)
    client = site.client("lead")
    progress = client.get("/reports/progress").json()
    assert (progress["pairs"], progress["tasks"], progress["judged_by_people"]) == (4, 3, 3)
    quality = client.get("/reports/quality").json()
    assert quality["fresh"]
    assert [one["name"] for one in quality["board"]["quality"]["assessors"]] == ["the assessor"]
    assert client.get("/reports/coverage").json() == {"clusters": []}
    assert client.get("/reports/gaps").json() == {"gaps": []}


def test_what_was_foretold_and_chosen_is_reported(site):
    client = site.client("lead")
    assert client.get("/reports/forecast").json() == {"forecast": None, "text": ""}
    assert client.get("/reports/questions").json() == {"questions": [], "unpaired": 0, "computed_at": None}
    foretell(site.context, 20)
    write_question_choice(site.context.store, [ChosenQuestion(7, "Why?", 0.25, 1.0)], 9, 0.1)
    told = client.get("/reports/forecast").json()
    assert (told["forecast"]["labels"], told["forecast"]["more"], told["forecast"]["gain"]) == (0, 20, None)
    assert "wanted at least 60" in told["text"]
    chosen = client.get("/reports/questions").json()
    assert chosen["questions"] == [{"question": 7, "text": "Why?", "score": 0.25, "novelty": 1.0}]
    assert chosen["unpaired"] == 9


@pytest.mark.parametrize("form", ["jsonl", "csv", "trl", "datasets", "argilla"])
def test_exports_come_as_files_of_their_format(site, form):
    judge_all(site)
    answer = site.client("lead").post("/exports", json={"form": form})
    assert answer.status_code == 200, answer.text
    kinds = {"csv": "text/csv; charset=utf-8", "datasets": "application/zip", "argilla": "application/json"}
    assert answer.headers["content-type"] == kinds.get(form, "application/x-ndjson")
    assert int(answer.headers["x-lines"]) == 3
    assert "attachment" in answer.headers["content-disposition"]
    if form in ("jsonl", "trl"):
        assert len(answer.text.splitlines()) == 3
    if form == "datasets":
        assert answer.content.startswith(b"PK")


def test_an_export_that_would_leak_is_refused_and_nothing_is_left_behind(site, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    judge_all(site)
    client = site.client("lead")
    answer = client.post("/exports", json={"form": "jsonl", "frozen": ["how long is the WARRANTY"]})
    assert (answer.status_code, answer.json()["type"]) == (409, "refused")
    assert "nothing was written" in answer.json()["detail"]
    held = client.post("/exports", json={"form": "jsonl", "frozen": ["Something else entirely?"]})
    assert held.status_code == 200
    assert list(tmp_path.glob("pairloop-export-*")) == []


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"form": "papyrus"}, 409),
        ({"form": "jsonl", "split": "half"}, 422),
        ({"form": "jsonl", "questions": ["unknown"]}, 409),
        ({"form": "jsonl", "against": ["/etc/passwd"]}, 422),
    ],
)
def test_an_export_that_cannot_be_is_refused(site, wish, status):
    assert site.client("lead").post("/exports", json=wish).status_code == status


def test_what_was_taken_away_is_in_the_audit_log(site):
    judge_all(site)
    site.client("lead").post("/exports", json={"form": "jsonl"})
    from annotate.store import AuditEntry

    with site.context.store.reading() as session:
        assert [(one.actor, one.action, one.target) for one in session.query(AuditEntry)] == [
            ("the lead", "export", "jsonl")
        ]
