"""The progress report on a small ledger whose numbers are known."""

from annotate.labelling import flag, refresh_preferences, reserve, skip
from annotate.reports import report_progress
from tests.annotate.conftest import Ledger


def test_an_empty_store_counts_nothing(ledger: Ledger) -> None:
    report = report_progress(ledger.store)
    assert (report.questions, report.tasks, report.preferences, report.judgements) == (0, 0, 0, {})
    assert report.waiting_for_people == 0


def test_everything_is_counted_once(ledger: Ledger) -> None:
    ledger.tasks(4, overlap=2)
    ledger.pair()
    anna, boris, robot = ledger.person("anna"), ledger.person("boris"), ledger.machine("robot")
    for assessor, count in ((anna, 2), (boris, 1), (robot, 3)):
        for _ in range(count):
            ledger.judge(assessor, "A_better")
    [held] = reserve(ledger.store, anna.id)
    flag(ledger.store, held.id, anna.id, "odd")
    [left] = reserve(ledger.store, boris.id)
    skip(ledger.store, left.id, boris.id, "no idea")
    refresh_preferences(ledger.store)
    report = report_progress(ledger.store)
    assert (report.questions, report.answers, report.pairs, report.tasks) == (5, 10, 5, 4)
    assert (report.reserved, report.skipped, report.flagged) == (1, 1, 1)
    assert (report.judged_by_people, report.judged_by_machines, report.waiting_for_people) == (2, 3, 2)
    assert report.judgements == {"anna": 2, "boris": 1, "robot": 3}
    assert report.preferences == 3
