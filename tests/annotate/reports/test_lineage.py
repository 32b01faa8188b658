"""One pair, from its passages to the models it trained."""

import json
from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.reports import report_lineage
from annotate.store import ModelVersion, Run
from tests.annotate.conftest import Ledger


def test_a_pair_knows_every_step_of_its_way(ledger: Ledger, tmp_path: Path) -> None:
    passage = {"chunk": 3, "title": "Срок", "text": "Две недели.", "document": "d:terms", "text_hash": "h"}
    first = {
        "passages": [passage],
        "flags": [{"kind": "uncited", "detail": "x"}],
        "circumstances": {"embedder": "e5", "seed": 7, "decision": {"action": "answer", "reason": "fits"}},
    }
    pair = ledger.pair("Сколько?", "ru", first=first)
    why = {"strategy": "bald", "score": 0.4, "text": "the judges disagree"}
    create_tasks(ledger.store, [ChosenPair(pair, priority=2.0, chosen_by=why)], overlap=2)
    ledger.judge(ledger.person("anna"), "A_better", comment="яснее")
    ledger.judge(ledger.machine("robot"), "A_much_better")
    refresh_preferences(ledger.store)
    (tmp_path / "train.jsonl").write_text('{"id": "pair-99", "weight": 1, "margin": 0}\n', "utf-8")
    row = {"id": f"pair-{pair}", "weight": 0.9, "margin": 1.5}
    (tmp_path / "test.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    with ledger.store.writing.begin() as session:
        frozen = Run(kind="dpo", state="finished", recipe={}, folder=str(tmp_path), snapshot="s1")
        asked_for = Run(kind="dpo", recipe={}, folder=str(tmp_path / "later"))
        session.add_all([frozen, asked_for])
        session.flush()
        session.add(ModelVersion(role="policy", path="p", fingerprint="weights", run_id=frozen.id))
    found = report_lineage(ledger.store, pair)
    assert (found.pair.question, found.cluster) == ("Сколько?", "")
    answer = found.answers[0]
    assert (answer.passages[0]["document"], answer.embedder, answer.seed) == ("d:terms", "e5", 7)
    assert (answer.decision["reason"], answer.flags[0]["kind"]) == ("fits", "uncited")
    assert found.selection is not None
    assert (found.selection.chosen_by, found.selection.priority, found.selection.pool) == (why, 2.0, "main")
    assert [(one.assessor, one.state) for one in found.assignments] == [
        ("anna", "submitted"),
        ("robot", "submitted"),
    ]
    assert [one.kind for one in found.judgements] == ["person", "machine"]
    assert found.judgements[0].comment == "яснее"
    assert found.judgements[0].guideline == ledger.guideline.content_hash
    assert found.preference is not None
    assert (found.preference.people, found.preference.machines) == (1, 1)
    [line] = found.rows
    assert (line.side, line.weight, line.margin, line.models) == ("test", 0.9, 1.5, ("weights",))


def test_a_fresh_pair_has_only_its_answers(ledger: Ledger) -> None:
    found = report_lineage(ledger.store, ledger.pair())
    assert (found.selection, found.assignments, found.judgements, found.preference, found.rows) == (
        None,
        (),
        (),
        None,
        (),
    )
    with pytest.raises(JobError, match="no pair number 404"):
        report_lineage(ledger.store, 404)
