"""Find the clusters that lack sources, labels, quality or a clear guideline, and say what to do about each.

Let t be the cluster's share of the traffic, by default of all queries. Each gap has a severity in [0, 1],
claimed only as far as the data bear it out (by the nearer end of a confidence interval), and an
impact = t · severity, the share of the traffic it hurts, by which gaps are ranked.

sources   f = max(1 − retrieval support, refusal rate), the share of queries the documents fail, with Wilson
          interval over the queries. severity = max(0, low(f) − tolerated) / (1 − tolerated).
labels    needed = max(N_share, N_precision), where
          N_share = ⌈(t·L − l)/(1 − t)⌉ labels bring the cluster's l of all L labels to its share of traffic;
          N_precision = ⌈n₀/(1 + (n₀ − 1)/queries)⌉ − l labels pin its win rate down to ± half_width, with
          n₀ = (z/(2·half_width))² / (1 − 2·min(disagreement, 0.35))²: at worst-case variance ¼ (Cochran 1977,
          with the finite population correction), inflated as for answers that flip at the rate of
          disagreement (Warner 1965). severity = needed/(needed + l), the part of the wanted labels that is
          missing.
quality   q = mean reward in [0, 1], interval given or Wilson's over the labels.
          severity = max(0, target − high(q)) / target.
guideline d = disagreement among judgements, or the share of machines' verdicts that people contradict, each
          with Wilson interval over those behind it. severity = max(0, low(d) − tolerated)/(1 − tolerated) of
          the worse: where people and machines read the guideline differently, more labels only add noise.

What closing a gap takes is `questions`, to find documents for (sources: f of the queries) or to answer anew
(quality: all of them), and `labels_needed`: quality, those that tell a new contender's win rate from ½ to
± half_width; guideline, the disputed share of the labels, which have to be given again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import ndtri

from active.errors import InvalidOptionError
from active.intervals import Interval, wilson_interval

MAX_DISAGREEMENT = 0.35
"""Above this the inflation of the sample size, then elevenfold, would ask for more labels than anyone has."""


class GapKind(StrEnum):
    """Name what a cluster lacks."""

    SOURCES = "sources"
    LABELS = "labels"
    QUALITY = "quality"
    GUIDELINE = "guideline"


class GapAction(StrEnum):
    """Name what closes a gap."""

    WRITE_DOCUMENTS = "write documents"
    LABEL_MORE = "label more"
    NEW_CONTENDER = "new contender"
    CLARIFY_GUIDELINE = "clarify guideline"


@dataclass(frozen=True)
class ClusterStats:
    """Hold what is known of one cluster; None stands for not measured.

    queries, labels: counts. Shares in [0, 1]: retrieval_support, of queries whose passages support an answer;
    refusal_rate, of queries left unanswered; disagreement, of judgements against their task's majority;
    quality, mean reward or win rate of its answers, with quality_interval if there is a better one than
    Wilson's, for instance `bootstrap_interval`; judge_gap, of machines' verdicts that people contradict.
    judgements and machine_verdicts: how many are behind disagreement and judge_gap. traffic: how often its
    queries are asked, on any scale, given for all clusters or for none.
    Raises InvalidOptionError for negative counts or shares outside [0, 1] (NaN included).
    """

    cluster: int
    name: str
    queries: int
    labels: int = 0
    retrieval_support: float | None = None
    refusal_rate: float | None = None
    disagreement: float | None = None
    quality: float | None = None
    quality_interval: Interval | None = None
    judge_gap: float | None = None
    judgements: int = 0
    machine_verdicts: int = 0
    traffic: float | None = None

    def __post_init__(self) -> None:
        if min(self.queries, self.labels, self.judgements, self.machine_verdicts, self.traffic or 0) < 0:
            raise InvalidOptionError(f"cluster {self.cluster}: counts must not be negative")
        for field in ("retrieval_support", "refusal_rate", "disagreement", "quality", "judge_gap"):
            value = getattr(self, field)
            if value is not None and not 0 <= value <= 1:
                raise InvalidOptionError(f"cluster {self.cluster}: {field} must lie in [0, 1], not {value}")


@dataclass(frozen=True)
class Gap:
    """Hold one gap.

    measured: the share behind it (failure rate, label share, quality or disagreement) and interval, its
    confidence interval; traffic_share t; severity and impact as in the module; labels_needed and questions:
    what closing it takes, 0 where the action takes none.
    """

    cluster: int
    name: str
    kind: GapKind
    action: GapAction
    severity: float
    impact: float
    traffic_share: float
    measured: float
    interval: Interval
    labels_needed: int = 0
    questions: int = 0

    def __str__(self) -> str:
        wanted = f" ({self.labels_needed})" if self.labels_needed else ""
        extent = f"severity {self.severity:.2f} on {self.traffic_share:.0%} of traffic"
        return f"{self.name}: lacks {self.kind}, {extent}; {self.action}{wanted}"


@dataclass(frozen=True)
class GapRules:
    """Set when a cluster counts as lacking: see the module's formulas.

    Raises InvalidOptionError for values outside their open range (0, 1), or half_width outside (0, 0.5].
    """

    tolerated_failure: float = 0.1
    quality_target: float = 0.7
    half_width: float = 0.15
    confidence: float = 0.95
    tolerated_disagreement: float = 0.25

    def __post_init__(self) -> None:
        shares = (self.tolerated_failure, self.quality_target, self.confidence, self.tolerated_disagreement)
        if not all(0 < share < 1 for share in shares) or not 0 < self.half_width <= 0.5:
            raise InvalidOptionError(f"gap rules out of range: {self}")


def find_gaps(stats: Sequence[ClusterStats], rules: GapRules | None = None) -> list[Gap]:
    """Return the gaps of all clusters, greatest impact first; equals by severity, then cluster.

    Clusters without queries or traffic have no gaps. Raises InvalidOptionError for a cluster listed twice, or
    traffic given for some of them only.
    """
    rules = GapRules() if rules is None else rules
    if len({row.cluster for row in stats}) < len(stats):
        raise InvalidOptionError("a cluster is listed twice: give one row of statistics each")
    shares = _traffic_shares(stats)
    labels = sum(row.labels for row in stats)
    gaps = [
        gap
        for row in stats
        if row.queries and shares[row.cluster] > 0
        for gap in (
            _sources_gap(row, shares[row.cluster], rules),
            _labels_gap(row, shares[row.cluster], labels, rules),
            _quality_gap(row, shares[row.cluster], rules),
            _guideline_gap(row, shares[row.cluster], rules),
        )
        if gap is not None
    ]
    return sorted(gaps, key=lambda gap: (-gap.impact, -gap.severity, gap.cluster, gap.kind))


def _traffic_shares(stats: Sequence[ClusterStats]) -> dict[int, float]:
    given = [row.traffic is not None for row in stats]
    if any(given) and not all(given):
        raise InvalidOptionError("only some clusters have traffic: give it for all or for none")
    amounts = {row.cluster: row.queries if row.traffic is None else row.traffic for row in stats}
    total = sum(amounts.values())
    return {cluster: amount / total if total else 0.0 for cluster, amount in amounts.items()}


def _sources_gap(row: ClusterStats, traffic: float, rules: GapRules) -> Gap | None:
    failures = [
        rate
        for rate in (None if row.retrieval_support is None else 1 - row.retrieval_support, row.refusal_rate)
        if rate is not None
    ]
    if not failures:
        return None
    interval = wilson_interval(max(failures), row.queries, rules.confidence)
    severity = (interval.low - rules.tolerated_failure) / (1 - rules.tolerated_failure)
    failing = math.ceil(round(max(failures) * row.queries, 9))
    return _gap(row, GapKind.SOURCES, severity, traffic, max(failures), interval, questions=failing)


def _labels_gap(row: ClusterStats, traffic: float, labels: int, rules: GapRules) -> Gap | None:
    needed = labels_needed(row, traffic, labels, rules)
    share = row.labels / labels if labels else 0.0
    interval = wilson_interval(share, labels, rules.confidence)
    return _gap(row, GapKind.LABELS, needed / max(needed + row.labels, 1), traffic, share, interval, needed)


def _quality_gap(row: ClusterStats, traffic: float, rules: GapRules) -> Gap | None:
    if row.quality is None:
        return None
    interval = row.quality_interval or wilson_interval(row.quality, row.labels, rules.confidence)
    severity = (rules.quality_target - interval.high) / rules.quality_target
    needed = _precise_sample(row, rules)
    return _gap(row, GapKind.QUALITY, severity, traffic, row.quality, interval, needed, row.queries)


def _guideline_gap(row: ClusterStats, traffic: float, rules: GapRules) -> Gap | None:
    disputes = [
        (wilson_interval(share, count, rules.confidence), share)
        for share, count in ((row.disagreement, row.judgements), (row.judge_gap, row.machine_verdicts))
        if share is not None
    ]
    if not disputes:
        return None
    interval, share = max(disputes)
    severity = (interval.low - rules.tolerated_disagreement) / (1 - rules.tolerated_disagreement)
    again = max(1, math.ceil(round(share * row.labels, 9)))
    return _gap(row, GapKind.GUIDELINE, severity, traffic, share, interval, again)


def labels_needed(row: ClusterStats, traffic_share: float, labels: int, rules: GapRules) -> int:
    """Return how many labels the cluster still needs, by the module's formula; never negative.

    labels: those of all clusters together.
    """
    to_share = 0
    if traffic_share < 1:
        # Rounded first, or 3.0000000000000004 labels would become four.
        to_share = math.ceil(round((traffic_share * labels - row.labels) / (1 - traffic_share), 9))
    return max(0, to_share, _precise_sample(row, rules) - row.labels)


def _precise_sample(row: ClusterStats, rules: GapRules) -> int:
    """Return how many labels pin the cluster's win rate down to ± half_width."""
    z = float(ndtri(0.5 + rules.confidence / 2))
    flips = min(row.disagreement or 0.0, MAX_DISAGREEMENT)
    sample = (z / (2 * rules.half_width)) ** 2 / (1 - 2 * flips) ** 2
    return math.ceil(sample / (1 + (sample - 1) / row.queries))


_ACTIONS = {
    GapKind.SOURCES: GapAction.WRITE_DOCUMENTS,
    GapKind.LABELS: GapAction.LABEL_MORE,
    GapKind.QUALITY: GapAction.NEW_CONTENDER,
    GapKind.GUIDELINE: GapAction.CLARIFY_GUIDELINE,
}


def _gap(
    row: ClusterStats,
    kind: GapKind,
    severity: float,
    traffic: float,
    measured: float,
    interval: Interval,
    needed: int = 0,
    questions: int = 0,
) -> Gap | None:
    """Return the gap, or None where the data do not bear one out."""
    if severity <= 0:
        return None
    return Gap(
        cluster=row.cluster,
        name=row.name,
        kind=kind,
        action=_ACTIONS[kind],
        severity=severity,
        impact=traffic * severity,
        traffic_share=traffic,
        measured=measured,
        interval=interval,
        labels_needed=needed,
        questions=questions,
    )
