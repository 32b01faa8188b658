"""Count requests, and show what the workspace is at, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from annotate.reports.operations import report_operations

if TYPE_CHECKING:
    from starlette.types import Scope

    from annotate.jobs.context import Context

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
UNKNOWN = "unknown"  # paths that are no route: their number is in nobody's hand


class Traffic:
    """Count the requests of one application by route, method and status."""

    def __init__(self, context: Context) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "pairloop_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "pairloop_http_request_seconds", "Time to the end of the answer.", ("method", "route"),
            registry=self.registry, buckets=SECONDS,
        )  # fmt: skip
        self.registry.register(_Workspace(context))

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request."""
        route: Any = scope.get("route")
        path = route.path if hasattr(route, "endpoint") else UNKNOWN  # a mount is no answer
        method = scope["method"] if path != UNKNOWN else "any"
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)


@lru_cache(maxsize=4)
def traffic_of(context: Context) -> Traffic:
    """Return the figures of the requests to one workspace in this process."""
    return Traffic(context)


class _Workspace(Collector):
    """Read the state of the workspace when it is asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterator[Metric]:
        """Name nothing ahead, so that registering reads no database."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield the figures of the workspace."""
        found = report_operations(self._context.store)
        yield CounterMetricFamily("pairloop_judgements", "Judgements recorded.", found.judgements)
        yield CounterMetricFamily("pairloop_feedback", "Feedback taken in.", found.feedback)
        yield _gauge("pairloop_open_tasks", "Tasks with a free place.", "for", found.open_tasks)
        yield _gauge("pairloop_runs", "Training runs.", "state", found.runs)
        yield _gauge("pairloop_webhook_deliveries", "Messages to webhooks.", "state", found.deliveries)


def _gauge(name: str, about: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
