"""Draw the way into the training or the exam: what it asks, how it went before, when it can be repeated."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.jobs.context import Context
from annotate.reports.entrance import EXAM, Entrance, Trial
from annotate.ui.entry.frame import facts, page
from annotate.ui.entry.reading import draw_guideline, guideline_in_force
from annotate.ui.entry.sittings import begin, choose_sitting
from annotate.ui.texts import LANGUAGES, Speech


def draw_trials(context: Context, actor: Actor, entrance: Entrance, speech: Speech) -> None:
    """Draw the trials of a step, one of them to start; go on at once with one that was begun."""
    running = next((trial.running for trial in entrance.trials if trial.running is not None), None)
    if running is not None:
        choose_sitting(running)
        st.rerun()
    trials = [trial for trial in entrance.trials if trial.is_open(entrance.moment)]
    intro = speech(f"learn.{entrance.step}_intro")
    with page(entrance, speech(f"learn.{entrance.step}"), intro, speech):
        if not entrance.trials:
            st.info(speech("learn.nothing"), icon=":material/hourglass_empty:")
        for trial in entrance.trials:
            if trial not in trials:
                _draw_closed(entrance, trial, speech)
        if trials:
            trial = _choose(trials, speech)
            _draw_open(context, actor, trial, speech, named=len(trials) == 1)
        with st.expander(speech("entry.whole"), icon=":material/menu_book:"):
            draw_guideline(guideline_in_force(context, entrance.campaign), speech)


def _choose(trials: list[Trial], speech: Speech) -> Trial:
    by_language = {trial.language: trial for trial in trials}
    if len(trials) == 1:
        return trials[0]
    own = speech.language if speech.language in by_language else trials[0].language
    chosen = st.segmented_control(
        speech("learn.choose_language"),
        list(by_language),
        default=own,
        required=True,
        format_func=lambda language: LANGUAGES.get(language, language),
        key="trial-language",
    )
    return by_language[chosen or own]


def _draw_open(context: Context, actor: Actor, trial: Trial, speech: Speech, *, named: bool) -> None:
    rows = [(speech("learn.pairs"), speech.number(trial.tasks))]
    if trial.pool == EXAM:
        needed = speech("learn.needed_of", needed=trial.needed, total=trial.tasks)
        rows += [(speech("learn.needed"), needed), (speech("learn.attempts"), str(trial.attempts_left))]
    if named:
        rows.append((speech("learn.language"), LANGUAGES.get(trial.language, trial.language)))
    if trial.attempts:
        st.warning(_last(trial, speech), icon=":material/replay:")
    facts(rows)
    st.markdown(speech(f"learn.{trial.pool}_rules"))
    st.button(
        speech(f"learn.start_{trial.pool}"),
        type="primary",
        key="start",
        icon=":material/play_arrow:",
        on_click=begin,
        args=(context, actor, trial, speech),
    )


def _draw_closed(entrance: Entrance, trial: Trial, speech: Speech) -> None:
    language = LANGUAGES.get(trial.language, trial.language)
    with st.container(border=True, key=f"closed-{trial.language}"):
        st.markdown(f"**{speech('learn.failed', language=language)}**")
        st.markdown(_last(trial, speech))
        if trial.attempts_left == 0:
            st.markdown(speech("learn.used_up"))
        elif trial.again_at is not None:
            wait = speech.span((trial.again_at - entrance.moment).total_seconds())
            left = trial.attempts_left or 0
            st.markdown(speech("learn.again", at=speech.moment(trial.again_at), wait=wait))
            st.caption(speech("learn.attempts_left", count=left))


def _last(trial: Trial, speech: Speech) -> str:
    last = trial.attempts[-1]
    return speech("learn.last", right=last.right, total=last.total, needed=trial.needed)
