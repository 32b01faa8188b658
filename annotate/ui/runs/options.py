"""Draw how a run is run: its priority, the slots it takes, its limits and its launcher."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.jobs.context import Context
from annotate.jobs.launchers import LAUNCHERS
from annotate.jobs.run_options import MOST_URGENT, RunOptions
from annotate.ui.texts import Speech


def draw_options(context: Context, speech: Speech, key: str) -> RunOptions:
    """Draw the options folded up; return them."""
    settings = context.settings.training
    with st.expander(speech("runs.how")):
        left, middle, right = st.columns(3)
        with left:
            priority = st.number_input(
                speech("runs.priority"), -MOST_URGENT, MOST_URGENT, 0, 1,
                key=f"{key}-priority", help=speech("runs.priority_help"),
            )  # fmt: skip
            launcher = st.selectbox(
                speech("runs.launcher"),
                _launchers(context),
                format_func=lambda name: speech.name("launcher", name),
                key=f"{key}-launcher",
            )
        with middle:
            cpus = st.number_input(
                speech("runs.cpus"), 1, settings.cpu_slots, 1, 1,
                key=f"{key}-cpus", help=speech("runs.slots_help"),
            )  # fmt: skip
            here = len(settings.gpu_ids)
            gpus = st.number_input(
                speech("runs.gpus"), 0, here, min(1, here), 1,
                key=f"{key}-gpus", help=speech("runs.slots_help"), disabled=not here,
            )  # fmt: skip
        with right:
            seconds = _limit(speech, "limit_seconds", key)
            megabytes = _limit(speech, "limit_megabytes", key)
    return RunOptions(int(priority), int(cpus), int(gpus), seconds, megabytes, launcher)


def _limit(speech: Speech, name: str, key: str) -> int | None:
    value: Any = st.number_input(
        speech(f"runs.{name}"), min_value=1, value=None, step=60, key=f"{key}-{name}",
        help=speech("runs.limit_help"), placeholder=speech("runs.unset"),
    )  # fmt: skip
    return None if value is None else int(value)


def _launchers(context: Context) -> list[str]:
    has_ray = bool(context.settings.training.ray_address)
    return [name for name in LAUNCHERS if name != "ray" or has_ray]
