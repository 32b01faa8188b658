"""Ask a question and watch it being answered: every stage, the decision, both answers, their checks."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.playground import make_pair
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.jobs.playground import AUTO, MODES, Choice, Side, Trial
from annotate.labelling.campaigns import list_campaigns
from annotate.ui.frame import current_context, current_speech, gate, heading, title
from annotate.ui.markup import escape, plain
from annotate.ui.playground import open_playground
from annotate.ui.playground.answers import draw_answer, draw_checks
from annotate.ui.playground.stages import draw_stages
from annotate.ui.texts import Speech

POLL_SECONDS = 0.4


def main() -> None:
    """Draw the screen."""
    actor = gate(Permission.READ_PAIRS)
    speech, context = current_speech(), current_context()
    title(speech("screen.playground"), speech("playground.intro"))
    _draw_question(context, speech)
    trial: Trial | None = st.session_state.get("trial")
    if trial is None:
        return

    @st.fragment(run_every=None if trial.over else POLL_SECONDS)
    def live() -> None:
        _draw_trial(trial, speech)

    live()
    if trial.state == "done":
        _draw_ending(context, actor, trial, speech)


def _draw_question(context: Context, speech: Speech) -> None:
    names = [contender.name for contender, _ in context.contenders()]
    with st.form("question", border=False):
        question = st.text_area(
            speech("playground.question"),
            key="asked",
            height=80,
            placeholder=speech("playground.placeholder"),
        )
        with st.container(horizontal=True, vertical_alignment="bottom", key="ask-bar"):
            chosen = st.multiselect(
                speech("playground.contenders"), names, default=names[:2], max_selections=2, key="contenders"
            )
            mode = st.selectbox(
                speech("playground.mode"),
                [AUTO, *MODES],
                format_func=lambda name: speech.name("mode", name or "auto"),
                key="mode",
            )
            count = st.number_input(
                speech("playground.passages"),
                1,
                20,
                None,
                placeholder=speech("playground.as_set"),
                key="count",
            )
            asked = st.form_submit_button(speech("playground.ask"), type="primary", icon=":material/send:")
    if asked:
        try:
            choice = Choice(question, tuple(chosen), mode, count)
            st.session_state["trial"] = open_playground(context).begin(choice)
            st.session_state.pop("kept", None)
        except PairloopError as error:
            st.session_state.pop("trial", None)
            st.error(plain(str(error)), icon=":material/error:")


def _draw_trial(trial: Trial, speech: Speech) -> None:
    if trial.over and st.session_state.get("trial-shown") != id(trial):
        st.session_state["trial-shown"] = id(trial)
        st.rerun()  # stops the polling, and draws what comes after the end
    if trial.state == "failed":
        st.error(plain(trial.error), icon=":material/error:")
        st.caption(speech("playground.advice"))
        return
    if not trial.over:
        st.status(speech(f"playground.state_{trial.state}"), state="running")
    if trial.state in ("writing", "done"):
        heading(speech("playground.answers"))
        writing = next((side for side in trial.sides if side.answer is None), None)
        for place, (column, side) in enumerate(zip(st.columns(len(trial.sides)), trial.sides, strict=True)):
            with column:
                draw_answer(side, place, speech, writing=side is writing)
        heading(speech("playground.retrieval"))
        _draw_retrieval(trial.sides, speech)


def _draw_retrieval(sides: list[Side], speech: Speech) -> None:
    if len(sides) == 1:
        draw_stages(sides[0], speech)
        return
    for tab, side in zip(st.tabs([side.name for side in sides]), sides, strict=True):
        with tab:
            draw_stages(side, speech)


def _draw_ending(context: Context, actor: Actor, trial: Trial, speech: Speech) -> None:
    heading(speech("playground.checks"))
    for column, side in zip(st.columns(len(trial.sides)), trial.sides, strict=True):
        with column:
            draw_checks(side, speech)
    _draw_passages(trial.sides, speech)
    st.caption(
        speech(
            "playground.whole",
            loading=speech.number(trial.seconds["loading"], 1),
            all=speech.number(trial.seconds["all"], 1),
        )
    )
    if actor.may(Permission.MANAGE_CAMPAIGNS) or actor.may(Permission.TRAIN):
        _draw_keeping(context, actor, trial, speech)


def _draw_passages(sides: list[Side], speech: Speech) -> None:
    for side in sides:
        passages = side.answer.passages if side.answer else ()
        with st.expander(speech("playground.passages_of", name=side.name, count=len(passages))):
            st.html(
                "".join(
                    f'<section class="pl-passage"><header><span class="pl-number">{number}</span>'
                    f"<b>{escape(passage.title)}</b><small>{escape(passage.document_key)}</small></header>"
                    f'<div class="pl-text" dir="auto">{escape(passage.text)}</div></section>'
                    for number, passage in enumerate(passages, start=1)
                )
            )


def _draw_keeping(context: Context, actor: Actor, trial: Trial, speech: Speech) -> None:
    if "kept" in st.session_state:
        kept = st.session_state["kept"]
        st.success(speech("playground.kept", pair=kept), icon=":material/check:")
        return
    if len([side for side in trial.sides if side.answer]) < 2:
        return
    heading(speech("playground.keep"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [each.name for each in list_campaigns(context.store) if each.state == "open"]
        campaign = st.selectbox(speech("playground.campaign"), names, key="keep-campaign") if names else None
        if st.button(speech("playground.keep_yes"), icon=":material/add_task:", key="keep"):
            try:
                st.session_state["kept"] = make_pair(context, actor, trial, campaign)
            except PairloopError as error:
                st.error(plain(str(error)), icon=":material/error:")
                return
            st.rerun()


main()
