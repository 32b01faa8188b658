"""Keep what lies on one person's desk: the pair shown, and the verdict given before it.

The desk lives in the browser session. It knows no widget: screens call it, tests too.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling import (
    AssessorView,
    AssignmentView,
    Submission,
    amend,
    flag,
    release,
    reserve,
    skip,
    submit,
)

CHANNEL = "screen"
IDLE_SECONDS = 300.0  # nobody reads one pair longer without touching anything
QUIET_SECONDS = 0.7  # a verdict so soon after another is a key held down or a double click
Panel = Literal["verdict", "skip", "flag"]


@dataclass(frozen=True)
class Draft:
    """Hold the reasons entered so far, in the order shown."""

    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    comment: str = ""


@dataclass
class Display:
    """Show one assignment once; `key` makes sending its verdict idempotent.

    `earlier` is the judgement to amend. `seconds` counts the time spent, without long pauses.
    """

    assignment: AssignmentView
    earlier: Submission | None = None
    flagged: str = ""
    key: str = field(default_factory=lambda: uuid4().hex)
    seconds: float = 0.0
    touched_at: float = field(default_factory=time.monotonic)

    def touch(self) -> None:
        """Count the time since the last touch."""
        moment = time.monotonic()
        self.seconds += min(moment - self.touched_at, IDLE_SECONDS)
        self.touched_at = moment


@dataclass
class Desk:
    """Hold one person's work; `notice` names a text to show once."""

    assessor: AssessorView
    shown: Display | None = None
    waiting: Display | None = None  # put aside while an earlier verdict is amended
    last: Display | None = None  # the judgement that can be undone
    panel: Panel = "verdict"
    notice: str = ""
    judged_at: float = -math.inf

    def take(self, context: Context) -> Display:
        """Return the pair on the desk, leasing the next one if need be.

        Raises NothingToLabel, or LabellingError for an inactive assessor.
        """
        if self.shown is None:
            settings = context.settings
            leased = reserve(
                context.store,
                self.assessor.id,
                lease_seconds=settings.labelling.lease_seconds,
                seed=settings.seed,
            )
            self.shown = Display(leased[0])
        self.shown.touch()
        return self.shown

    def judge(self, context: Context, display: Display, verdict: str, draft: Draft) -> None:
        """Record a verdict, or change the earlier one, and clear the desk for the next pair."""
        moment = time.monotonic()
        hasty = moment - self.judged_at < QUIET_SECONDS
        self.judged_at = moment
        if hasty or not self._holds(display, "verdict"):
            return
        display.touch()
        submission = Submission(
            client_key=f"{display.assignment.id}-{display.key}",
            verdict=verdict,
            guideline_id=context.guideline.id,
            channel=CHANNEL,
            aspects=draft.aspects,
            tags=draft.tags,
            comment=draft.comment,
            seconds=round(display.seconds, 1),
        )
        record = amend if display.earlier else submit
        try:
            record(context.store, display.assignment.id, self.assessor.id, submission)
        except LabellingError:
            self.notice = "pair.gone"
        else:
            self.notice = "pair.amended" if display.earlier else ""
            self.last = Display(display.assignment, earlier=submission, flagged=display.flagged)
        self._clear()

    def skip(self, context: Context, display: Display, reason: str) -> None:
        """Pass on the pair for good."""
        if not self._holds(display, "skip"):
            return
        try:
            skip(context.store, display.assignment.id, self.assessor.id, reason)
        except LabellingError:
            self.notice = "pair.gone"
        self._clear()

    def flag(self, context: Context, display: Display, reason: str) -> None:
        """Mark the pair for review; it stays on the desk."""
        if not self._holds(display, "flag"):
            return
        try:
            flag(context.store, display.assignment.id, self.assessor.id, reason)
            display.flagged = reason
        except LabellingError:
            self.notice = "pair.gone"
            self._clear()
        self.panel = "verdict"

    def open(self, panel: Panel) -> None:
        """Turn to the reasons for skipping or flagging, or back to the verdicts."""
        self.panel = panel

    def undo(self) -> None:
        """Show the pair judged last again, to change its verdict."""
        if self.last is not None and (self.shown is None or self.shown.earlier is None):
            self.waiting, self.shown = self.shown, self.last
            self.shown.touched_at = time.monotonic()

    def keep(self) -> None:
        """Leave the earlier verdict as it is and go back to the pair put aside."""
        if self.shown is not None and self.shown.earlier is not None:
            self._clear()

    def leave(self, context: Context) -> None:
        """Give the pair back, so that somebody else may have it at once."""
        for display in (self.shown, self.waiting):
            if display is not None and display.earlier is None:
                with suppress(LabellingError):  # it was judged in another window meanwhile
                    release(context.store, display.assignment.id, self.assessor.id)

    def _holds(self, display: Display, panel: Panel) -> bool:
        """Tell whether a click is meant for what is shown: a second click may come too late."""
        return self.panel == panel and self.shown is not None and self.shown.key == display.key

    def _clear(self) -> None:
        self.shown, self.waiting, self.panel = self.waiting, None, "verdict"
        if self.shown is not None:
            self.shown.touched_at = time.monotonic()
