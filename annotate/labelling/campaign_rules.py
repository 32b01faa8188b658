"""Define the rules of a campaign: what its tasks want, and what it asks of those who judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Self

from annotate.errors import LabellingError
from annotate.labelling.control_rules import ControlRules, GoldRule
from annotate.store import Campaign


@dataclass(frozen=True)
class CampaignRules(ControlRules):
    """Hold what a campaign asks of its tasks and of those who judge them.

    A task wants `overlap` people, and as many machines beside them. With `dynamic` it wants fewer
    once the verdict is sure (the posterior reaches `stop_posterior`, or one outcome leads by
    `stop_lead` votes) and more, up to `max_overlap`, while it is not. Shares steer what people are
    given next; counts cap the tasks of a cluster or a language that the campaign takes in. Once people
    hold or have given `label_budget` labels, they are handed out no more. `contender_shares` steer what
    is chosen for labelling. Pairs of which the model itself is sure are left to nobody; with
    `model_labels` its verdicts count as machine judgements there, and train, else they stand in the
    history alone.
    """

    overlap: int = 2
    max_overlap: int = 5
    dynamic: bool = False
    stop_posterior: float = 0.95
    stop_lead: int = 2
    lease_seconds: int = 1800
    undo_seconds: int = 600
    gold_share: float = 0.0
    skills: tuple[str, ...] = ()
    daily_limit: int | None = None
    label_budget: int | None = None
    machine_accuracy: float | None = None
    model_labels: bool = False
    show_agreement: bool = False
    hints: bool = False
    guideline: str = ""
    cluster_shares: Mapping[int, float] = field(default_factory=dict)
    language_shares: Mapping[str, float] = field(default_factory=dict)
    contender_shares: Mapping[str, float] = field(default_factory=dict)
    cluster_counts: Mapping[int, int] = field(default_factory=dict)
    language_counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse rules that contradict themselves."""
        problems = [name for name, holds in self._promises() if not holds]
        if problems:
            raise LabellingError(f"these rules cannot be kept: {'; '.join(problems)}")

    def _promises(self) -> list[tuple[str, bool]]:
        shares = [*self.cluster_shares.values(), *self.language_shares.values()]
        counts = [*self.cluster_counts.values(), *self.language_counts.values()]
        sums = sum(self.cluster_shares.values()), sum(self.language_shares.values())
        return [
            ("overlap is at least 1", self.overlap >= 1),
            ("max_overlap is not below overlap", self.max_overlap >= self.overlap or not self.dynamic),
            ("stop_posterior is a probability", 0 < self.stop_posterior <= 1),
            ("stop_lead is not negative (0: never)", self.stop_lead >= 0),
            ("lease_seconds is not negative", self.lease_seconds >= 0),
            ("undo_seconds is not negative", self.undo_seconds >= 0),
            ("gold_share lies in [0, 1)", 0 <= self.gold_share < 1),
            ("daily_limit is at least 1", self.daily_limit is None or self.daily_limit >= 1),
            ("label_budget is at least 1", self.label_budget is None or self.label_budget >= 1),
            ("machine_accuracy is a probability", 0 < (self.machine_accuracy or 1) <= 1),
            ("shares lie in [0, 1] and add up to at most 1", max([*sums, *shares, 0.0]) <= 1 + 1e-9),
            # Their sum may reach 2: a pair has two contenders.
            ("contender_shares lie in [0, 1]", all(0 <= one <= 1 for one in self.contender_shares.values())),
            ("shares and counts are not negative", min([*shares, *counts, 0]) >= 0),
        ]

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Read the rules of a stored campaign."""
        return cls.read(campaign.rules or {})

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read rules from JSON; raise LabellingError for a rule that does not exist or has no such value."""
        if not given:
            return cls()
        known = {one.name: one for one in fields(cls)}
        if unknown := sorted(set(given) - set(known)):
            raise LabellingError(f"unknown rule {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        try:
            return cls(**{name: _named_value(cls, name, value) for name, value in given.items()})
        except (TypeError, ValueError, AttributeError) as error:
            raise LabellingError(f"a rule has a value of the wrong kind: {error}") from error

    def write(self) -> dict[str, Any]:
        """Return the rules that differ from the defaults, as JSON."""
        plain = asdict(self)
        return {
            one.name: _write_value(plain[one.name])
            for one in fields(self)
            if getattr(self, one.name) != _default(type(self), one.name)
        }


def _default(cls: type[CampaignRules], name: str) -> Any:
    one = next(one for one in fields(cls) if one.name == name)
    return one.default if one.default_factory is MISSING else one.default_factory()


def _named_value(cls: type[CampaignRules], name: str, value: Any) -> Any:
    try:
        return _read_value(cls, name, value)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}={value!r} ({error})") from error


def _read_value(cls: type[CampaignRules], name: str, value: Any) -> Any:
    """Turn the value of a rule from JSON, or from the text of a command, into that of the field."""
    default = _default(cls, name)
    if name == "gold_rules":
        return tuple(row if isinstance(row, GoldRule) else GoldRule.of(row) for row in value)
    if name.startswith("cluster_"):
        return {int(key): amount for key, amount in value.items()}
    if isinstance(default, dict):
        return {str(key): amount for key, amount in value.items()}
    if isinstance(default, tuple):
        return tuple(str(one) for one in ([value] if isinstance(value, str) else value))
    if default is None or value is None:
        return None if value is None else float(value) if name == "machine_accuracy" else int(value)
    if isinstance(default, bool) and not isinstance(value, bool):
        raise TypeError("it is true or false")
    if isinstance(default, int) and value != int(value):
        raise ValueError("it is a whole number")
    return type(default)(value)


def _write_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): amount for key, amount in value.items()}
    return list(value) if isinstance(value, tuple) else value
