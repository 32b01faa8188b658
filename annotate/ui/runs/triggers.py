"""Draw the trainings that start by themselves, and the form that makes or changes one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.triggers import fire_trigger, save_trigger, switch_trigger
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.recipes import RecipeError
from annotate.jobs.run_options import RunOptions
from annotate.jobs.triggers import TriggerReport, TriggerWish, list_triggers
from annotate.jobs.workspace_recipes import known_kinds
from annotate.ui.frame import empty, heading, table
from annotate.ui.markup import plain
from annotate.ui.runs.words import kind_name
from annotate.ui.texts import Speech

HOUR_SECONDS = 3600


def draw_triggers(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw all triggers, and for who may train the buttons and the form."""
    st.caption(speech("runs.triggers_intro"))
    found = list_triggers(context.store)
    if found:
        _draw_table(found, speech)
    else:
        empty(speech("runs.no_triggers"), speech("runs.no_triggers_help"))
    if actor.may(Permission.TRAIN):
        for trigger in found:
            _draw_buttons(context, actor, trigger, speech)
        _draw_form(context, actor, speech)


def _draw_table(found: list[TriggerReport], speech: Speech) -> None:
    rows = [
        {
            "name": trigger.name,
            "kind": kind_name(speech, trigger.kind),
            "every": trigger.every_preferences,
            "hours": None if trigger.every_seconds is None else trigger.every_seconds / HOUR_SECONDS,
            "new": trigger.new_preferences,
            "state": speech("runs.active") if trigger.active else speech("runs.stopped"),
            "run": trigger.run_id,
            "error": trigger.error,
        }
        for trigger in found
    ]
    columns = {
        "name": speech("runs.trigger_name"),
        "kind": speech("runs.kind"),
        "every": speech("runs.every_preferences"),
        "hours": speech("runs.every_hours"),
        "new": speech("runs.new_preferences"),
        "state": speech("runs.trigger_state"),
        "run": speech("runs.last_run"),
        "error": speech("runs.error"),
    }
    table(rows, "triggers", columns)


def _draw_buttons(context: Context, actor: Actor, trigger: TriggerReport, speech: Speech) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"trigger-{trigger.id}"):
        st.markdown(plain(trigger.name))
        if st.button(speech("runs.trigger_now"), key=f"trigger-now-{trigger.id}"):
            _act(lambda: fire_trigger(context, actor, trigger.name))
        if trigger.active and st.button(speech("runs.trigger_stop"), key=f"trigger-stop-{trigger.id}"):
            _act(lambda: switch_trigger(context, actor, trigger.name, active=False))


def _draw_form(context: Context, actor: Actor, speech: Speech) -> None:
    heading(speech("runs.trigger_new"))
    with st.form("trigger"):
        name = st.text_input(speech("runs.trigger_name"), key="trigger-name", max_chars=60)
        kind = st.selectbox(
            speech("runs.kind"),
            list(known_kinds()),
            format_func=lambda each: kind_name(speech, each),
            key="trigger-kind",
        )
        left, middle, right = st.columns(3)
        with left:
            preferences = st.number_input(
                speech("runs.every_preferences"), 1, None, 200, 50, key="trigger-preferences"
            )
        with middle:
            hours = st.number_input(
                speech("runs.every_hours"), 1, None, None, 1, key="trigger-hours", placeholder="–"
            )
        with right:
            priority = st.number_input(speech("runs.priority"), -1000, 1000, 0, 1, key="trigger-priority")
        if st.form_submit_button(speech("runs.trigger_save"), type="primary"):
            seconds = None if hours is None else int(hours) * HOUR_SECONDS
            every = None if preferences is None else int(preferences)
            options = RunOptions(priority=int(priority))
            wish = TriggerWish(name.strip(), kind, every, seconds, {}, options)
            _act(lambda: save_trigger(context, actor, wish))


def _act(change: Callable[[], object]) -> None:
    try:
        change()
    except (JobError, RecipeError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()
