"""Show one pair after another and take verdicts, by mouse or by keys."""

from __future__ import annotations

import streamlit as st

from annotate.errors import LabellingError, NothingToLabel
from annotate.jobs.context import Context
from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS, register
from annotate.labelling.ledger.reserving import NOTHING
from annotate.reports import report_progress
from annotate.ui.desk import Desk, Display, Draft, Panel
from annotate.ui.frame import current_context, current_speech, empty
from annotate.ui.markup import escape, plain
from annotate.ui.pair_card import draw_pair
from annotate.ui.texts import Speech

VERDICT_KEYS = dict(zip(VERDICTS, "123450", strict=True))
SKIP_REASONS = ("question_unclear", "beyond_me", "other_language", "not_impartial", "upsetting")
FLAG_REASONS = ("private_data", "unsafe", "prompt_injection", "broken_passage", "guideline")
FIRST_GUIDELINE = "comparison"
ASPECT_SIDES = ("A", "tie", "B")


def main() -> None:
    """Draw the screen."""
    context, speech = current_context(), current_speech()
    desk: Desk | None = st.session_state.get("desk")
    if desk is None:
        _ask_name(context, speech)
        return
    _show_assessor(context, desk, speech)
    if desk.notice:
        st.toast(speech(desk.notice))
        desk.notice = ""
    try:
        display = desk.take(context)
    except NothingToLabel as reason:
        _show_nothing(context, desk, speech, str(reason))
        return
    reading = _show_head(context, desk, speech)
    st.html(draw_pair(display.assignment.pair, speech))
    if desk.panel == "verdict":
        _ask_reasons(display, speech)
    with st.container(key="bar"):
        _show_bar(context, desk, display, speech, disabled=reading)


def _ask_name(context: Context, speech: Speech) -> None:
    _, middle, _ = st.columns([1, 2, 1])
    with middle, st.form("who"):
        st.subheader(speech("who.title"), anchor=False)
        st.caption(speech("who.help"))
        name = (st.text_input(speech("who.name"), max_chars=60, key="name") or "").strip()
        if not st.form_submit_button(speech("who.start"), type="primary"):
            return
        if not name:
            st.warning(speech("who.empty"))
            return
        try:
            assessor = register(context.store, name, "person")
        except LabellingError:
            st.error(speech("who.machine", name=plain(name)))
            return
    st.session_state["desk"] = Desk(assessor)
    st.rerun()


def _show_assessor(context: Context, desk: Desk, speech: Speech) -> None:
    def change() -> None:
        desk.leave(context)
        del st.session_state["desk"]

    with st.sidebar, st.container(key="who"):
        st.html(
            f'<p class="pl-eyebrow">{escape(speech("who.now"))}</p>'
            f'<p class="pl-name">{escape(desk.assessor.name)}</p>'
        )
        st.button(speech("who.change"), on_click=change, key="change", type="tertiary")


def _show_head(context: Context, desk: Desk, speech: Speech) -> bool:
    """Draw the progress and the door to the guidelines; return whether they open now."""
    progress = report_progress(context.store)
    done, total = progress.judgements.get(desk.assessor.name, 0), progress.tasks
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.progress(min(1.0, done / total), text=speech("pair.progress", done=done, total=total))
        reading = st.button(speech("guideline.open"), key="guideline", icon=":material/menu_book:")
    if reading:
        # While the dialog is open the keys 1-5 must judge nothing: the buttons below are disabled.
        st.dialog(speech("guideline.open"), width="large", on_dismiss="rerun")(_show_guideline)(
            context, speech
        )
    return reading


def _show_guideline(context: Context, speech: Speech) -> None:
    found = context.guideline.in_language(speech.language)
    texts = [found[name] for name in sorted(found, key=lambda name: (name != FIRST_GUIDELINE, name))]
    names = [text.lstrip("# ").split("\n", 1)[0] for text in texts]
    for tab, text in zip(st.tabs(names), texts, strict=True):
        tab.markdown(text, width=760)


def _show_bar(context: Context, desk: Desk, display: Display, speech: Speech, *, disabled: bool) -> None:
    if display.flagged:
        st.caption(f":material/flag: {speech('pair.flagged', reason=speech.name('flag', display.flagged))}")
    if desk.panel == "skip":
        _ask_why(context, desk, display, speech, SKIP_REASONS)
    elif desk.panel == "flag":
        _ask_why(context, desk, display, speech, FLAG_REASONS)
    else:
        _ask_verdict(context, desk, display, speech, disabled=disabled)


def _ask_verdict(context: Context, desk: Desk, display: Display, speech: Speech, *, disabled: bool) -> None:
    earlier = display.earlier.verdict if display.earlier else ""

    def judge(verdict: str) -> None:
        desk.judge(context, display, verdict, _draft(display))

    if earlier:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(speech("pair.amending", verdict=speech(f"verdict.{earlier}")), width="content")
            st.button(speech("pair.keep"), on_click=desk.keep, key="keep", shortcut="Escape")
    with st.container(key="verdicts"):
        for verdict, key in VERDICT_KEYS.items():
            st.button(
                speech(f"verdict.{verdict}"),
                key=f"verdict-{verdict}-{display.key}",
                type="primary" if verdict == earlier else "secondary",
                shortcut=key,
                on_click=judge,
                args=(verdict,),
                disabled=disabled,
                width="stretch",
            )
    _show_foot(context, desk, display, speech, disabled=disabled)


def _show_foot(context: Context, desk: Desk, display: Display, speech: Speech, *, disabled: bool) -> None:
    tools = (("skip", "s", ":material/skip_next:"), ("flag", "f", ":material/flag:"))
    with st.container(horizontal=True, key="foot", vertical_alignment="center"):
        for name, key, icon in tools if display.earlier is None else ():
            st.button(
                speech(f"verdict.{name}"),
                key=f"{name}-{display.key}",
                type="tertiary",
                icon=icon,
                shortcut=key,
                on_click=desk.open,
                args=(name,),
                disabled=disabled,
            )
        if display.earlier is None:
            _undo_button(desk, speech, disabled=disabled)
        st.caption(
            speech("guideline.version", version=context.guideline.content_hash[:8]), text_alignment="right"
        )


def _undo_button(desk: Desk, speech: Speech, *, disabled: bool = False) -> None:
    st.button(
        speech("verdict.undo"),
        key="undo",
        type="tertiary",
        icon=":material/undo:",
        shortcut="u",
        on_click=desk.undo,
        disabled=disabled or desk.last is None,
    )


def _ask_why(
    context: Context, desk: Desk, display: Display, speech: Speech, reasons: tuple[str, ...]
) -> None:
    panel: Panel = desk.panel
    leave = desk.skip if panel == "skip" else desk.flag
    st.markdown(f"**{speech(f'{panel}.title')}**")
    with st.container(horizontal=True, key="why"):
        # Keys q, w, … and not 1, 2, …: a key pressed too early must not be taken for a verdict.
        for reason, key in zip(reasons, "qwety", strict=True):
            st.button(
                speech(f"{panel}.{reason}"),
                key=f"{panel}-{reason}-{display.key}",
                shortcut=key,
                on_click=leave,
                args=(context, display, reason.replace("_", " ")),
            )
        st.button(
            speech("verdict.back"),
            key="back",
            type="tertiary",
            shortcut="Escape",
            on_click=desk.open,
            args=("verdict",),
        )


def _ask_reasons(display: Display, speech: Speech) -> None:
    given = display.earlier
    aspects = given.aspects if given else {}
    tags = given.tags if given else {}
    with st.expander(speech("reasons.title"), icon=":material/checklist:", expanded=bool(given)):
        st.caption(speech("reasons.aspects"))
        with st.container(key="aspects"):
            for aspect in ASPECTS:
                st.segmented_control(
                    speech(f"aspect.{aspect}"),
                    ASPECT_SIDES,
                    default=aspects.get(aspect),
                    format_func=lambda side: speech("aspect.tie") if side == "tie" else side,
                    key=f"aspect-{aspect}-{display.key}",
                )
        for column, side in zip(st.columns(2), "AB", strict=True):
            column.pills(
                speech("reasons.tags", side=side),
                ERROR_TAGS,
                selection_mode="multi",
                wrap=True,
                default=tags.get(side),
                format_func=lambda tag: speech(f"tag.{tag}"),
                key=f"tags-{side}-{display.key}",
            )
        st.text_area(
            speech("reasons.comment"),
            given.comment if given else "",
            max_chars=2000,
            height=80,
            placeholder=speech("reasons.comment_hint"),
            key=f"comment-{display.key}",
        )


def _draft(display: Display) -> Draft:
    """Collect the reasons from the widgets of this display."""
    state = st.session_state
    chosen = {aspect: state.get(f"aspect-{aspect}-{display.key}") for aspect in ASPECTS}
    tags = {side: list(state.get(f"tags-{side}-{display.key}") or ()) for side in "AB"}
    return Draft(
        aspects={aspect: side for aspect, side in chosen.items() if side},
        tags={side: names for side, names in tags.items() if names},
        comment=state.get(f"comment-{display.key}") or "",
    )


def _show_nothing(context: Context, desk: Desk, speech: Speech, reason: str) -> None:
    progress = report_progress(context.store)
    if reason != NOTHING:
        empty(speech("empty.wait"), reason)
    elif progress.tasks:
        count = progress.judgements.get(desk.assessor.name, 0)
        empty(speech("empty.done"), speech("empty.done_help", count=count))
    else:
        empty(speech("empty.none"), speech("empty.none_help"))
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(speech("empty.again"), key="again", icon=":material/refresh:")
        _undo_button(desk, speech)


main()
