"""Preferences: rebuilt from the ledger, each traced to its judgements."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from annotate.labelling import adopt_guidelines, amend, drop_judgements, refresh_preferences, undo
from annotate.labelling.aggregation import (
    METHODS,
    PRIOR_RELIABILITY,
    Aggregation,
    Votes,
    quick_posterior,
)
from annotate.labelling.preferences import current_votes, refresh_pair
from annotate.store import Assessor, Assignment, Judgement, Preference, Review, Task
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


def three_say(ledger: Ledger, verdicts: list[list[str]]) -> list[int]:
    """Let anna, boris and vera judge as many pairs as each has verdicts; return the pairs."""
    pairs = ledger.tasks(len(verdicts[0]), overlap=3)
    for name, said in zip(("anna", "boris", "vera"), verdicts, strict=True):
        assessor = ledger.person(name)
        for verdict in said:
            ledger.judge(assessor, verdict)
    return pairs


def test_a_preference_says_how_it_came_about(ledger: Ledger) -> None:
    [pair] = three_say(ledger, [["A_better"], ["A_better"], ["tie"]])
    refresh_preferences(ledger.store)
    found = preferences(ledger)[pair]
    assert found.method == "one_coin"
    assert 0 < found.uncertainty < 1
    assert found.lineage == {
        "judgements": [vote["judgement_id"] for vote in found.votes],
        "guidelines": [ledger.guideline.content_hash],
        "snapshot": {"first": {"index": "i", "model": "m"}, "second": {"index": "i", "model": "m"}},
        "adjudicated": False,
    }
    refresh_preferences(ledger.store, METHODS["bradley_terry"])
    assert preferences(ledger)[pair].method == "bradley_terry"


def test_what_was_found_of_assessors_is_kept_with_them(ledger: Ledger) -> None:
    three_say(ledger, [["A_better"] * 6, ["A_better"] * 6, ["B_better", "tie"] * 3])
    ledger.person("new")
    refresh_preferences(ledger.store)
    with ledger.store.reading() as session:
        trust = {one.name: one.reliability for one in session.query(Assessor)}
    assert trust["new"] is None
    assert trust["anna"] == pytest.approx(trust["boris"])
    assert 0 < trust["vera"] < PRIOR_RELIABILITY < trust["anna"] < 1


def test_only_real_work_becomes_a_preference(ledger: Ledger) -> None:
    pairs = three_say(ledger, [["A_better"] * 3, ["A_better"] * 3, ["tie"] * 3])
    with ledger.store.writing.begin() as session:
        for pair, pool in zip(pairs, ("gold", "training", "main"), strict=True):
            session.execute(update(Task).where(Task.pair_id == pair).values(pool=pool))
    assert refresh_preferences(ledger.store) == 1
    assert set(preferences(ledger)) == {pairs[2]}
    with ledger.store.reading() as session:
        assert {vote.pair_id for vote in current_votes(session)} == {pairs[2]}


@pytest.mark.parametrize("at_once", [False, True])
def test_what_was_taken_back_does_not_count(ledger: Ledger, at_once: bool) -> None:
    first, second = three_say(ledger, [["A_better"] * 2, ["A_better"] * 2, ["B_much_better"] * 2])
    refresh_preferences(ledger.store)
    assert len(preferences(ledger)[first].votes) == 3
    with ledger.store.writing.begin() as session:
        for name, state in (("anna", "dropped"), ("boris", "reserved")):
            [who] = session.scalars(select(Assessor.id).where(Assessor.name == name))
            session.execute(update(Assignment).where(Assignment.assessor_id == who).values(state=state))
        if at_once:
            refresh_pair(session, first)
    if not at_once:
        refresh_preferences(ledger.store)
    found = preferences(ledger)
    assert [vote["assessor"] for vote in found[first].votes] == ["vera"]
    assert found[first].verdict == "B_much_better"
    assert found[first].people == 1
    assert len(found[second].votes) == (3 if at_once else 1)


def test_a_pair_whose_votes_are_all_gone_has_no_preference(ledger: Ledger) -> None:
    first, second = three_say(ledger, [["tie"] * 2, ["tie"] * 2, ["tie"] * 2])
    refresh_preferences(ledger.store)
    with ledger.store.writing.begin() as session:
        session.execute(
            update(Assignment)
            .where(Assignment.task_id.in_(select(Task.id).where(Task.pair_id == first)))
            .values(state="dropped")
        )
        refresh_pair(session, first)
    assert set(preferences(ledger)) == {second}
    assert refresh_preferences(ledger.store) == 1
    assert set(preferences(ledger)) == {second}


@pytest.mark.parametrize("at_once", [False, True])
def test_an_adjudicated_verdict_is_final(ledger: Ledger, at_once: bool) -> None:
    first, second = three_say(ledger, [["A_better"] * 2, ["A_better"] * 2, ["tie"] * 2])
    refresh_preferences(ledger.store)

    def review(verdict: str, state: str, minute: int) -> None:
        moment = datetime(2030, 1, 1, 12, minute, tzinfo=UTC)
        with ledger.store.writing.begin() as session:
            row = Review(task_id=ledger.task_of(first), reason="flagged", state=state, verdict=verdict)
            row.decided_at = moment if verdict else None
            session.add(row)
            session.flush()
            if at_once:
                refresh_pair(session, first)
        if not at_once:
            refresh_preferences(ledger.store)

    review("", "open", 0)
    assert preferences(ledger)[first].verdict == "A_better"
    review("tie", "decided", 2)
    review("B_much_better", "decided", 1)  # decided earlier, stored later
    found = preferences(ledger)[first]
    assert (found.verdict, found.method, found.uncertainty) == ("tie", "adjudicated", 0.0)
    assert found.posterior == {"first": 0.0, "second": 0.0, "tie": 1.0, "both_bad": 0.0}
    assert found.lineage["adjudicated"] is True
    assert len(found.votes) == len(found.lineage["judgements"]) == 3
    assert preferences(ledger)[second].verdict == "A_better"


def test_a_decision_without_votes_is_a_preference(ledger: Ledger) -> None:
    [pair] = ledger.tasks(1)
    with ledger.store.writing.begin() as session:
        task = ledger.task_of(pair)
        session.add(Review(task_id=task, reason="by_hand", state="decided", verdict="B_better"))
    assert refresh_preferences(ledger.store) == 1
    found = preferences(ledger)[pair]
    assert (found.verdict, found.margin, found.votes, found.people) == ("B_better", -1.0, [], 0)


def test_one_pair_is_refreshed_as_all_are(ledger: Ledger) -> None:
    pairs = three_say(
        ledger, [["A_better", "tie", "B_better"], ["A_better"] * 3, ["A_much_better", "B_better", "both_bad"]]
    )
    refresh_preferences(ledger.store)
    fitted = preferences(ledger)
    with ledger.store.writing.begin() as session:
        for pair in pairs:
            refresh_pair(session, pair)
    weighed = preferences(ledger)
    for pair in pairs:
        assert weighed[pair].verdict == fitted[pair].verdict
        assert weighed[pair].method == "quick"
        assert weighed[pair].posterior == pytest.approx(fitted[pair].posterior, abs=1e-4)
        assert weighed[pair].margin == pytest.approx(fitted[pair].margin)
        assert weighed[pair].votes == fitted[pair].votes
        assert weighed[pair].lineage == fitted[pair].lineage


def test_a_pair_that_nobody_fitted_yet_is_weighed_by_the_prior(ledger: Ledger) -> None:
    [pair] = ledger.tasks(1)
    ledger.judge(ledger.person(), "A_better")
    with ledger.store.writing.begin() as session:
        refresh_pair(session, pair)
    found = preferences(ledger)[pair]
    assert found.posterior == pytest.approx(quick_posterior([("A_better", PRIOR_RELIABILITY)]))


class Interrupted:
    """The default method, during whose fit somebody else submits."""

    name = "one_coin"

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self.meanwhile = meanwhile

    def fit(self, votes: Votes) -> Aggregation:
        found = METHODS["one_coin"].fit(votes)
        self.meanwhile()
        return found


def test_a_vote_that_came_in_during_the_fit_is_not_lost(ledger: Ledger) -> None:
    first, second = three_say(ledger, [["A_better"] * 2, ["A_better"] * 2, []])
    vera = ledger.person("vera")
    refresh_preferences(ledger.store, Interrupted(lambda: ledger.judge(vera, "tie")))
    found = preferences(ledger)
    judged = next(pair for pair in (first, second) if len(found[pair].votes) == 3)
    assert found[judged].method == "quick"
    assert found[first + second - judged].method == "one_coin"


def test_many_pairs_are_written_in_portions(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    three_say(ledger, [["A_better"] * 7, ["tie"] * 7, ["A_better"] * 7])
    refresh_preferences(ledger.store)
    whole = {pair: (one.verdict, one.votes) for pair, one in preferences(ledger).items()}
    monkeypatch.setattr("annotate.labelling.preferences._PAIRS_AT_ONCE", 3)
    assert refresh_preferences(ledger.store) == 7
    assert {pair: (one.verdict, one.votes) for pair, one in preferences(ledger).items()} == whole


def test_undone_and_dropped_judgements_count_no_more(ledger: Ledger) -> None:
    [pair] = ledger.tasks(1, overlap=3)
    began = datetime.now(UTC) - timedelta(hours=1)
    anna, boris, vera = (ledger.person(name) for name in ("anna", "boris", "vera"))
    ledger.judge(anna, "A_better")
    held = ledger.judge(boris, "A_better")
    ledger.judge(vera, "B_better")
    drop_judgements(ledger.store, "anna", began, "careless")
    undo(ledger.store, held.id, boris.id)
    refresh_preferences(ledger.store)
    [vote] = preferences(ledger)[pair].votes
    assert (vote["assessor"], vote["verdict"]) == ("vera", "B_better")
