"""Report what a label costs, in judgements, money and time, so that a gap can be weighed against it."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import DEFAULT, list_campaigns
from annotate.reports.quality_board import read_board
from annotate.store import Store

PERSON = "person"


@dataclass(frozen=True)
class LabelCost:
    """Hold what one label takes: judgements by people, their price, and active seconds where measured."""

    judgements: int
    price: float
    seconds: float | None

    def money(self, labels: int) -> float:
        """Return what so many labels cost."""
        return labels * self.judgements * self.price

    def time(self, labels: int) -> float | None:
        """Return the active seconds that so many labels take, or None where none were measured."""
        return None if self.seconds is None else labels * self.judgements * self.seconds


def report_label_cost(store: Store, person_price: float) -> LabelCost:
    """Return the cost of a label under the rules of the default campaign, at people's median speed."""
    rules = next((one.rules for one in list_campaigns(store) if one.name == DEFAULT), CampaignRules())
    stored = read_board(store)
    paces = [one.pace for one in stored.board.raters if one.kind == PERSON and one.pace] if stored else []
    measured = sum(pace.n for pace in paces)
    seconds = sum(pace.n * pace.median for pace in paces) / measured if measured else None
    return LabelCost(rules.overlap, person_price, seconds)
