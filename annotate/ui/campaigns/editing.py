"""Draw the forms that open a campaign and change its rules; an edit over a newer one is refused."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.campaigns import change_rules, changed, open_campaign
from annotate.errors import ChangedMeanwhile, LabellingError
from annotate.jobs.context import Context
from annotate.labelling.campaign_rules import CampaignRules
from annotate.reports.campaigns import CampaignReport, quota_places
from annotate.ui.campaigns.fields import PRESETS
from annotate.ui.campaigns.rules_form import contradiction, differing, draw_rules
from annotate.ui.campaigns.summary import sum_up
from annotate.ui.frame import heading
from annotate.ui.markup import escape, plain
from annotate.ui.texts import Speech

LONGEST_NAME = 80


def draw_opening(context: Context, actor: Actor, names: list[str], speech: Speech) -> None:
    """Draw the form of a new campaign."""
    heading(speech("campaigns.new"))
    form, beside = st.columns([3, 2], gap="large")
    with form:
        name = st.text_input(
            speech("campaigns.name"), max_chars=LONGEST_NAME, placeholder=speech("campaigns.name_hint"),
            key="campaign-name",
        ).strip()  # fmt: skip
        preset = st.segmented_control(
            speech("campaigns.preset"), list(PRESETS), default="standard", required=True,
            format_func=lambda one: speech(f"preset.{one}"), key="campaign-preset",
        )  # fmt: skip
        st.caption(speech(f"preset.{preset}_help"))
        rules = CampaignRules.read(PRESETS[preset])
        places = quota_places(context.store, rules)
        price = context.settings.judge.person_price
        entered = draw_rules(rules, places, price, speech, f"new-{preset}")
    with beside:
        wanted = _check({**rules.write(), **entered}, speech)
        taken = name.casefold() in {known.casefold() for known in names}
        if taken:
            st.error(speech("campaigns.taken", name=plain(name)), icon=":material/error:")
        with st.container(horizontal=True):
            done = st.button(
                speech("campaigns.open_it"), type="primary", key="campaign-open",
                disabled=not name or taken or wanted is None, icon=":material/flag:",
            )  # fmt: skip
            if st.button(speech("campaigns.cancel"), key="campaign-cancel"):
                st.session_state["campaign-new"] = False
                st.rerun()
        if not name:
            st.caption(speech("campaigns.name_first"))
    if done and wanted is not None:
        opened = open_campaign(context, actor, name, wanted.write())
        st.session_state["campaign"], st.session_state["campaign-new"] = opened.name, False
        st.session_state["campaign-note"] = speech("campaigns.opened", name=plain(opened.name))
        st.rerun()


def draw_editing(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the form of a campaign's rules, filled with those that were read when it was opened."""
    state = st.session_state
    seen: CampaignRules = state.setdefault(f"seen-{report.id}", report.rules)
    if changed(seen, report.rules):
        _show_newer(seen, report, speech)
    form, beside = st.columns([3, 2], gap="large")
    with form:
        key = f"{report.id}-{state.get(f'form-{report.id}', 0)}"
        places = quota_places(context.store, seen, report.name)
        entered = draw_rules(seen, places, context.settings.judge.person_price, speech, key)
    with beside:
        wanted = _check({**seen.write(), **entered}, speech)
        changes = differing(entered, seen) if wanted else {}
        if changes:
            names = ", ".join(speech(f"rule.{name}") for name in changes)
            st.info(speech("rules.unsaved", rules=names), icon=":material/edit:")
        with st.container(horizontal=True):
            save = st.button(
                speech("rules.save"), type="primary", key="rules-save", disabled=not changes,
                icon=":material/save:",
            )  # fmt: skip
            if st.button(speech("rules.discard"), key="rules-discard", disabled=not changes):
                _forget(report.id)
                st.rerun()
    if save:
        try:
            change_rules(context, actor, report.name, changes, seen)
        except ChangedMeanwhile:
            st.rerun()  # the newer rules are shown beside the form
        _forget(report.id)
        state["campaign-note"] = speech("rules.saved")
        st.rerun()


def _check(given: dict[str, Any], speech: Speech) -> CampaignRules | None:
    """Return the rules with what they mean beside the form, or show why they cannot be kept."""
    try:
        wanted = CampaignRules.read(given)
    except LabellingError as error:
        known = contradiction(given)
        reason = speech(f"rules.{known}") if known else plain(str(error).partition(": ")[2] or str(error))
        st.error(speech("rules.wrong", reason=reason), icon=":material/error:")
        return None
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sum_up(wanted, speech))
    means = escape(speech("campaigns.means"))
    st.html(
        f'<div class="pl-means"><p class="pl-eyebrow">{means}</p><ul class="pl-summary">{said}</ul></div>'
    )
    return wanted


def _show_newer(seen: CampaignRules, report: CampaignReport, speech: Speech) -> None:
    one, other = seen.write(), report.rules.write()
    names = ", ".join(speech(f"rule.{rule}") for rule in changed(seen, report.rules))
    st.warning(speech("rules.meanwhile", rules=names), icon=":material/sync_problem:")
    rows = [
        {"rule": speech(f"rule.{rule}"), "seen": str(one.get(rule, "—")), "now": str(other.get(rule, "—"))}
        for rule in changed(seen, report.rules)
    ]
    st.table(rows)
    if st.button(speech("rules.take_newer"), key="rules-newer", icon=":material/refresh:"):
        _forget(report.id)
        st.rerun()


def _forget(campaign_id: int) -> None:
    """Let the form begin anew from the rules as they are."""
    state = st.session_state
    state.pop(f"seen-{campaign_id}", None)
    state[f"form-{campaign_id}"] = state.get(f"form-{campaign_id}", 0) + 1
