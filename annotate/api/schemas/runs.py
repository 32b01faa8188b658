"""Define training runs and models as they go over the wire: without the folders of the server."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from annotate.api.schemas.base import Shown, Wish


class RunWish(Wish):
    """Ask for a run; `values` change keys of the recipe of this kind."""

    kind: str = Field(min_length=1, max_length=50, examples=["reward_head", "reward", "dpo"])
    values: dict[str, Any] = Field(default_factory=dict)
    priority: int = Field(0, ge=-1000, le=1000, description="The higher, the earlier.")
    cpus: int = Field(1, ge=1, le=1024)
    gpus: int | None = Field(None, ge=0, le=1024)
    limit_seconds: int | None = Field(None, ge=1)
    limit_megabytes: int | None = Field(None, ge=1)
    launcher: Literal["local", "accelerate", "ray"] = "local"
    rows_from: int | None = Field(None, ge=1, description="A finished run that made rows.")


class TriggerBody(Wish):
    """Say what starts by itself, every so many new preferences, every so many seconds, or both."""

    kind: str = Field(min_length=1, max_length=50, examples=["reward_head"])
    values: dict[str, Any] = Field(default_factory=dict)
    every_preferences: int | None = Field(None, ge=1)
    every_seconds: int | None = Field(None, ge=60)
    priority: int = Field(0, ge=-1000, le=1000)


class ShownTrigger(Shown):
    """Show a trigger: how many preferences are new since its last run, and why it could not start one."""

    name: str
    kind: str
    every_preferences: int | None
    every_seconds: int | None
    active: bool
    new_preferences: int
    due_at: datetime | None
    fired_at: datetime | None
    run_id: int | None
    error: str


class Triggers(Shown):
    """Hold all triggers by name."""

    items: list[ShownTrigger]


class ShownRun(Shown):
    """Show a run; `progress` is the last line that it wrote."""

    id: int
    kind: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    snapshot: str
    error: str
    result: dict[str, Any]
    progress: dict[str, Any]
    priority: int
    launcher: str
    trigger: str
    limits: dict[str, Any]
    spent_seconds: float


class Runs(Shown):
    """Hold all runs, the newest first."""

    items: list[ShownRun]


class RunProgress(Shown):
    """Hold what a run told since: its steps, whole lines of its log, and the offset to read on from."""

    state: str
    steps: list[dict[str, Any]]
    log: str
    offset: int


class ShownModel(Shown):
    """Show a version of a model and the gate's last word on it."""

    id: int
    role: str
    fingerprint: str
    run_id: int | None
    champion: bool
    decision: str
    metrics: dict[str, Any]
    evidence: dict[str, Any]
    created_at: datetime
    content_hash: str
    lineage: dict[str, Any]


class Models(Shown):
    """Hold all versions, the newest first."""

    items: list[ShownModel]


class PromotionWish(Wish):
    """Say why a version is to be the champion."""

    reason: str = Field("", max_length=1000)


class RollbackWish(Wish):
    """Name the role whose earlier champion is to stand again, and why."""

    role: str = Field(min_length=1, max_length=50)
    reason: str = Field("", max_length=1000)
