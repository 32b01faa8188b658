"""Single pairs with what was said of them."""

from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.reports import report_pairs
from tests.annotate.conftest import Ledger


def test_pairs_come_in_order_with_preference_and_reason(ledger: Ledger) -> None:
    passage = {"title": "Возврат", "text": "Четырнадцать дней.", "document": "handbook:returns"}
    plain = ledger.pair("Plain?")
    chosen = ledger.pair(
        "Сколько?",
        "ru",
        first={"sentences": [{"text": "Две недели.", "cited": [1]}], "passages": [passage]},
        second={"refused": True},
    )
    create_tasks(ledger.store, [ChosenPair(chosen, chosen_by={"strategy": "entropy"})], overlap=1)
    ledger.judge(ledger.person(), "A_better")
    refresh_preferences(ledger.store)
    first, second = report_pairs(ledger.store)
    assert (first.pair.pair_id, first.verdict, first.margin, first.votes, first.chosen_by) == (
        plain,
        "",
        None,
        (),
        {},
    )
    assert (second.verdict, second.margin) == ("A_better", 1.0)
    assert second.chosen_by == {"strategy": "entropy"}
    assert [vote["assessor"] for vote in second.votes] == ["anna"]
    a, b = second.pair.a, second.pair.b
    assert (second.pair.question, second.pair.language) == ("Сколько?", "ru")
    assert (a.sentences[0].text, a.sentences[0].cited) == ("Две недели.", (1,))
    assert (a.passages[0].number, a.passages[0].document) == (1, "handbook:returns")
    assert (a.refused, b.refused) == (False, True)
    assert [report.pair.pair_id for report in report_pairs(ledger.store, limit=1)] == [plain]
