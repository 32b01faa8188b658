"""Preferences: rebuilt from the ledger, each traced to its judgements."""

from annotate.labelling import adopt_guidelines, amend, refresh_preferences
from annotate.labelling.preferences import current_votes
from annotate.store import Judgement, Preference
from tests.annotate.conftest import Ledger, in_order


def preferences(ledger: Ledger) -> dict[int, Preference]:
    with ledger.store.reading() as session:
        return {one.pair_id: one for one in session.query(Preference)}


def test_a_preference_holds_its_judgements_and_their_guidelines(ledger: Ledger) -> None:
    [pair] = ledger.tasks(1, audit=True)
    anna, boris, robot = ledger.person("anna"), ledger.person("boris"), ledger.machine("robot")
    ledger.judge(anna, "A_better", confidence=0.9)
    ledger.judge(boris, "A_much_better")
    ledger.judge(robot, "tie")
    assert refresh_preferences(ledger.store) == 1
    found = preferences(ledger)[pair]
    assert found.verdict == "A_better"
    assert (found.people, found.machines) == (2, 1)
    assert found.posterior["first"] == max(found.posterior.values())
    assert 0 < found.margin < 2
    assert [(vote["assessor"], vote["verdict"], vote["kind"]) for vote in found.votes] == [
        ("anna", "A_better", "person"),
        ("boris", "A_much_better", "person"),
        ("robot", "tie", "machine"),
    ]
    assert found.votes[0]["confidence"] == 0.9
    assert {vote["guideline"] for vote in found.votes} == {ledger.guideline.content_hash}
    assert all(vote["audit"] for vote in found.votes)
    with ledger.store.reading() as session:
        assert [vote["judgement_id"] for vote in found.votes] == [one.id for one in session.query(Judgement)]


def test_only_the_last_revision_counts_and_names_its_own_guidelines(ledger: Ledger, tmp_path: object) -> None:
    [pair] = ledger.tasks(1)
    anna = ledger.person()
    held = ledger.judge(anna, "A_better")
    refresh_preferences(ledger.store)
    assert preferences(ledger)[pair].verdict == "A_better"
    newer = tmp_path / "newer"  # type: ignore[operator]
    (newer / "en").mkdir(parents=True)
    (newer / "en" / "comparison.md").write_text("Compare with care.")
    ledger.guideline = adopt_guidelines(ledger.store, newer)
    made = amend(ledger.store, held.id, anna.id, ledger.says(in_order(held, "B_much_better")))
    refresh_preferences(ledger.store)
    found = preferences(ledger)[pair]
    assert found.verdict == "B_much_better"
    [vote] = found.votes
    assert (vote["judgement_id"], vote["guideline"]) == (made, ledger.guideline.content_hash)


def test_refreshing_again_changes_nothing_but_the_rows(ledger: Ledger) -> None:
    ledger.tasks(4)
    for name, verdicts in (("anna", ["A_better", "tie", "B_better", "both_bad"]), ("boris", ["tie"] * 4)):
        assessor = ledger.person(name)
        for verdict in verdicts:
            ledger.judge(assessor, verdict)
    assert refresh_preferences(ledger.store) == 4
    before = {pair: (one.verdict, one.posterior, one.votes) for pair, one in preferences(ledger).items()}
    assert refresh_preferences(ledger.store) == 4
    assert {
        pair: (one.verdict, one.posterior, one.votes) for pair, one in preferences(ledger).items()
    } == before


def test_without_judgements_there_are_no_preferences(ledger: Ledger) -> None:
    ledger.tasks(2)
    assert refresh_preferences(ledger.store) == 0
    with ledger.store.reading() as session:
        assert current_votes(session) == []
