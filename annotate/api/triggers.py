"""Keep the trainings that start by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from annotate.access.permissions import Actor, Permission
from annotate.actions import triggers as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.problems import NotFound
from annotate.api.schemas.runs import ShownTrigger, TriggerBody, Triggers
from annotate.jobs.run_options import RunOptions
from annotate.jobs.triggers import TriggerWish, list_triggers

router = APIRouter(prefix="/triggers", tags=["runs"])
Reader = Annotated[Actor, Depends(require(Permission.READ_RUNS))]
Trainer = Annotated[Actor, Depends(require(Permission.TRAIN))]
Name = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w .-]+$")]


@router.get("")
def triggers(context: InContext, _actor: Reader) -> Triggers:
    """List all triggers."""
    return Triggers(items=[ShownTrigger.model_validate(each) for each in list_triggers(context.store)])


@router.put("/{name}")
def put(name: Name, body: TriggerBody, context: InContext, actor: Trainer) -> ShownTrigger:
    """Make a trigger or change the one of this name."""
    options = RunOptions(priority=body.priority)
    wish = TriggerWish(name, body.kind, body.every_preferences, body.every_seconds, body.values, options)
    return ShownTrigger.model_validate(actions.save_trigger(context, actor, wish))


@router.post("/{name}/start", status_code=202)
def start(name: Name, context: InContext, actor: Trainer) -> ShownTrigger:
    """Start the run of a trigger now."""
    _find(context, name)
    return ShownTrigger.model_validate(actions.fire_trigger(context, actor, name))


@router.delete("/{name}")
def stop(name: Name, context: InContext, actor: Trainer) -> ShownTrigger:
    """Stop a trigger; what it was and did stays readable."""
    _find(context, name)
    return ShownTrigger.model_validate(actions.switch_trigger(context, actor, name, active=False))


def _find(context: InContext, name: str) -> None:
    if name not in {each.name for each in list_triggers(context.store)}:
        raise NotFound(f"no trigger called {name}")
