"""How a run is run, whatever it trains: how urgent, with which resources, within which limits, where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.launchers import LAUNCHERS
from training.snapshots import Freezing, Selection

BY_HAND, BY_API = "hand", "api"
MOST_URGENT = 1000


@dataclass(frozen=True)
class RunOptions:
    """Hold what a person, a program or a trigger asks for beside the recipe.

    The higher the priority, the earlier; `gpus` None means one where the workspace deals out GPUs.
    A run past `limit_seconds` of work in all its attempts, or `limit_megabytes` of disk, fails with
    its checkpoint kept. `rows_from` is a finished run that made rows, such as one of `rejection`.
    Rows in a frozen test are refused, or left out; questions judged since `test_from`, an ISO date,
    are the test as well. With `by_rewards` the rows of a reranker come from what a reward model gives the
    answers, not from judged relevance. `selection` holds the keys of training.snapshots.Selection: which of
    the workspace's rows are kept; empty for all.
    """

    priority: int = 0
    cpus: int = 1
    gpus: int | None = None
    limit_seconds: int | None = None
    limit_megabytes: int | None = None
    launcher: str = "local"
    trigger: str = BY_HAND
    rows_from: int | None = None
    leave_out_leaks: bool = False
    test_from: str = ""
    by_rewards: bool = False
    selection: dict[str, Any] = field(default_factory=dict)

    def columns(self, context: Context) -> dict[str, Any]:
        """Return the columns of a run with these options; raise JobError for what cannot be had here."""
        settings = context.settings.training
        _ = self.first_test_day, self.freezing
        gpus = min(1, len(settings.gpu_ids)) if self.gpus is None else self.gpus
        self._check(settings.cpu_slots, len(settings.gpu_ids), gpus)
        resources: dict[str, Any] = {"cpus": self.cpus, "gpus": gpus}
        if self.launcher == "accelerate":
            resources["accelerate"] = list(settings.accelerate)
        if self.launcher == "ray":
            if not settings.ray_address:
                raise JobError("no Ray cluster: set ray_address under [training] in pairloop.toml")
            resources["ray_address"] = settings.ray_address
        limits = {"seconds": self.limit_seconds, "megabytes": self.limit_megabytes}
        return {
            "priority": self.priority,
            "resources": resources,
            "limits": {name: limit for name, limit in limits.items() if limit is not None},
            "launcher": self.launcher,
            "trigger": self.trigger,
        }

    @property
    def first_test_day(self) -> date | None:
        """Give the day of `test_from`; raise JobError where it is none."""
        try:
            return date.fromisoformat(self.test_from) if self.test_from else None
        except ValueError:
            raise JobError(f"{self.test_from}: not a day; write it as 2026-01-31") from None

    @property
    def freezing(self) -> Freezing:
        """Give how rows are frozen; raise JobError for a selection that is none."""
        if self.selection and self.rows_from is not None:
            raise JobError(f"run {self.rows_from} chose its rows already: keep all of them")
        try:
            return Freezing(
                leaks="leave_out" if self.leave_out_leaks else "refuse",
                selection=Selection(**self.selection) if self.selection else None,
            )
        except ValidationError as error:
            wrong = "; ".join(f"{one['loc'][-1]}: {one['msg'].lower()}" for one in error.errors())
            raise JobError(f"rows cannot be kept so: {wrong}") from None

    def _check(self, cpu_slots: int, gpus_here: int, gpus: int) -> None:
        if self.launcher not in LAUNCHERS:
            raise JobError(f"unknown launcher {self.launcher}; known: {', '.join(LAUNCHERS)}")
        if self.cpus < 1 or gpus < 0:
            raise JobError("a run needs one CPU slot or more, and no fewer than 0 GPUs")
        if self.launcher != "ray" and (self.cpus > cpu_slots or gpus > gpus_here):
            raise JobError(
                f"asked for {self.cpus} CPU slots and {gpus} GPUs; this workspace has {cpu_slots} and "
                f"{gpus_here}: set cpu_slots and gpu_ids under [training] in pairloop.toml"
            )
        if any(limit is not None and limit < 1 for limit in (self.limit_seconds, self.limit_megabytes)):
            raise JobError("a limit must be 1 or more")
        if abs(self.priority) > MOST_URGENT:
            raise JobError(f"a priority lies between -{MOST_URGENT} and {MOST_URGENT}")
