"""Draw the form of a new run, made from its recipe, with what it will probably take."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.runs import start_run
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.recipes import (
    RecipeError,
    RecipeField,
    RecipeForm,
    changed_values,
    expected_recipe,
    list_recipes,
)
from annotate.jobs.run_options import RunOptions
from annotate.reports import report_estimate
from annotate.ui.frame import heading
from annotate.ui.markup import escape, plain
from annotate.ui.runs.options import draw_options
from annotate.ui.runs.words import key_help, key_label, kind_help, kind_name
from annotate.ui.texts import Speech


def draw_new_run(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the choice of a recipe, its keys, the estimate and the button that starts a run."""
    forms = {form.kind: form for form in list_recipes(context)}
    heading(speech("runs.what"))
    kind = st.radio(
        speech("runs.what"),
        list(forms),
        format_func=lambda name: kind_name(speech, name),
        captions=[kind_help(speech, name, form.help) for name, form in forms.items()],
        key="new-kind",
        label_visibility="collapsed",
    )
    form = forms[kind]
    values = _draw_fields(form, speech)
    problem = ""
    try:
        changes = changed_values(form, values)
        recipe = expected_recipe(context, kind, changes)
        _draw_estimate(context, kind, recipe, speech)
    except RecipeError as error:
        problem, changes = str(error), {}
        st.warning(plain(problem), icon=":material/rule:")
    options = draw_options(context, speech, "new")
    if st.button(
        speech("runs.start"),
        type="primary",
        icon=":material/play_arrow:",
        key="start",
        disabled=bool(problem),
    ):
        _start(context, actor, kind, changes, options, speech)


def _start(
    context: Context, actor: Actor, kind: str, changes: dict[str, Any], options: RunOptions, speech: Speech
) -> None:
    try:
        run = start_run(context, actor, kind, changes, options)
    except (JobError, RecipeError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state["shown-run"] = run.id
    st.session_state["runs-part-asked"] = "runs"
    st.toast(speech("runs.queued", run=run.id), icon=":material/schedule:")
    st.rerun()


def _draw_fields(form: RecipeForm, speech: Speech) -> dict[str, Any]:
    """Draw the keys that matter most, the others folded up; return the values by name."""
    main = [field for field in form.fields if field.main]
    rest = [field for field in form.fields if not field.main]
    values = _draw_grid(form.kind, "main", main, speech)
    with st.expander(speech("runs.more_keys", count=len(rest))):
        values |= _draw_grid(form.kind, "rest", rest, speech)
    return values


def _draw_grid(kind: str, place: str, fields: list[RecipeField], speech: Speech) -> dict[str, Any]:
    values = {}
    with st.container(key=f"keys-{kind}-{place}"):
        for field in fields:
            values[field.name] = _draw_field(kind, field, speech)
    return values


def _draw_field(kind: str, field: RecipeField, speech: Speech) -> Any:
    shared: dict[str, Any] = {
        "label": key_label(speech, field.name),
        "help": key_help(speech, field.name),
        "key": f"key-{kind}-{field.name}",
    }
    if field.type in ("integer", "number"):
        return _draw_number(field, shared, speech)
    if field.type == "switch":
        return st.toggle(**shared, value=field.value)
    if field.type == "choice":
        options = [*([None] if field.optional else []), *field.choices]
        unset = speech("runs.unset")
        return st.selectbox(
            **shared,
            options=options,
            index=options.index(field.value),
            format_func=lambda value: unset if value is None else str(value),
        )
    written = st.text_input(**shared, value=", ".join(map(_written, field.value or [])))
    return _read(field, written)


def _draw_number(field: RecipeField, shared: dict[str, Any], speech: Speech) -> Any:
    whole = field.type == "integer"
    number: Any = int if whole else float
    lowest = (
        field.minimum if field.minimum is not None else (1 if whole and field.above == 0 else field.above)
    )
    highest = field.maximum if field.maximum is not None else field.below
    return st.number_input(
        **shared,
        value=None if field.value is None else number(field.value),
        min_value=None if lowest is None else number(lowest),
        max_value=None if highest is None else number(highest) - (1 if whole and field.below else 0),
        step=1 if whole else None,
        format=None if whole else "%g",
        placeholder=speech("runs.unset") if field.optional else None,
    )


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(field: RecipeField, written: str) -> Any:
    """Return what was written, as a list; what is no number stays text, which the recipe refuses."""
    parts = [part.strip() for part in written.replace(";", ",").split(",") if part.strip()]
    if field.type != "numbers":
        return parts if field.type == "texts" else written
    return [_number(part) for part in parts]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _draw_estimate(context: Context, kind: str, recipe: dict[str, Any], speech: Speech) -> None:
    found = report_estimate(context.store, kind, recipe, context.settings.training.test_share)
    unknown = speech("runs.unknown")
    if found.seconds is None:
        time, remark = unknown, speech("runs.no_earlier")
    else:
        low, high = (speech.span(seconds) for seconds in found.seconds)
        time = low if low == high else f"{low} – {high}"
        remark = speech("runs.from_earlier", count=found.earlier)
    cells = [
        (
            speech("runs.rows"),
            speech("runs.rows_of", train=found.train_rows, test=found.rows - found.train_rows),
        ),
        *([] if found.steps is None else [(speech("runs.steps"), speech.number(found.steps))]),
        (speech("runs.time"), time),
        (speech("runs.memory"), _memory(found.memory_mb, speech)),
        (speech("runs.cost"), unknown if found.seconds is None else _cost(found.seconds, speech)),
    ]
    drawn = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in cells)
    st.html(
        f'<section class="pl-estimate" aria-label="{escape(speech("runs.estimate"))}">'
        f'<p class="pl-eyebrow">{escape(speech("runs.estimate"))}</p><dl>{drawn}</dl>'
        f'<p class="pl-quiet">{escape(remark)}</p></section>'
    )


def _memory(megabytes: float | None, speech: Speech) -> str:
    if megabytes is None:
        return speech("runs.unknown")
    return speech("runs.gigabytes", size=speech.number(megabytes / 1024, 1))


def _cost(seconds: tuple[float, float], speech: Speech) -> str:
    """Return the machine's hours: this platform knows no prices."""
    return speech("runs.machine_hours", hours=speech.number(max(seconds[1] / 3600, 0.01), 2))
