"""Draw the routing plan of a campaign: what machines could label well enough, before anything is spent."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.routing import follow_route, plan_route
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.reports.campaigns import CampaignReport
from annotate.ui.errand_line import show_errand
from annotate.ui.frame import heading, table
from annotate.ui.markup import plain
from annotate.ui.texts import Speech


def draw_routing(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the part."""
    st.caption(speech("routing.help"))
    wanted = report.rules.machine_accuracy or context.settings.judge.accuracy
    with st.container(horizontal=True, vertical_alignment="bottom"):
        percent = st.number_input(
            speech("routing.accuracy"), min_value=51.0, max_value=99.9, step=0.5,
            value=round(wanted * 100, 1), format="%g", help=speech("routing.accuracy_help"),
            key=f"route-accuracy-{report.id}",
        )  # fmt: skip
        asked = st.button(
            speech("routing.plan"), key="route-plan", icon=":material/alt_route:", type="primary"
        )
    accuracy = percent / 100
    if asked and _do(lambda: plan_route(context, actor, report.name, accuracy)):
        st.rerun()
    followed = show_errand("follow_route")
    if followed.state == "done" and followed.asked.get("campaign") == report.name:
        closed = (followed.result or {}).get("closed_to_people", 0)
        st.success(speech("routing.followed", count=closed), icon=":material/check_circle:")
    errand = show_errand("route")
    if errand.result is None or errand.asked.get("campaign") != report.name:
        return
    if errand.at is not None:
        st.caption(speech("routing.made", at=speech.moment(errand.at), name=plain(errand.by)))
    _plan(errand.result, speech)
    if followed.state != "running":
        _follow(context, actor, report, errand.result, speech)


def _plan(plan: dict[str, Any], speech: Speech) -> None:
    asked, saves = sum(plan["ask"].values()), bool(plan["saving"])
    with st.container(horizontal=True, key="route-figures"):
        st.metric(speech("routing.waiting"), speech.number(plan["waiting"]), border=True)
        st.metric(speech("routing.nobody"), speech.number(plan["nobody"]), border=True)
        st.metric(
            speech("routing.stand"),
            speech.number(plan["stand"]),
            border=True,
            help=speech("routing.stand_help"),
        )
        st.metric(speech("routing.ask"), speech.number(asked), border=True, help=speech("routing.ask_help"))
        st.metric(speech("routing.people"), speech.number(plan["people"]), border=True)
        st.metric(
            speech("routing.cost"), speech.number(plan["cost"], 2), border=True,
            delta=speech("routing.saving", money=speech.number(plan["saving"], 2)) if saves else None,
        )  # fmt: skip
    st.write(_expected(plan, speech))
    for name, count in plan["to_calibrate"].items():
        st.info(speech("routing.calibrate", name=plain(name), count=count), icon=":material/tune:")
    if not plan["rules"]:
        st.warning(speech("routing.unproven", count=plan["audited_by_people"]), icon=":material/gpp_maybe:")
        return
    _rules(plan["rules"], speech)


def _expected(plan: dict[str, Any], speech: Speech) -> str:
    accuracy = plan["accuracy"]
    if accuracy["value"] is None:
        return speech("routing.no_accuracy", target=speech.percent(plan["target"], 1))
    return speech(
        "routing.expected", value=speech.percent(accuracy["value"], 1),
        low=speech.percent(accuracy["low"], 1), high=speech.percent(accuracy["high"], 1),
        target=speech.percent(plan["target"], 1),
        saved=speech.number(plan["judgements_saved"]),
    )  # fmt: skip


def _rules(rules: list[dict[str, Any]], speech: Speech) -> None:
    heading(speech("routing.rules"))
    rows = [
        {
            "language": rule["slice"][0],
            "cluster": speech.name("routing", f"slice_{rule['slice'][1]}")
            if rule["slice"][1] in ("all", "rest")
            else rule["slice"][1],
            **{
                key: rule[key]
                for key in ("machine", "threshold", "audited", "accuracy", "low", "high", "kept")
            },
        }
        for rule in rules
    ]
    share = {
        key: st.column_config.NumberColumn(speech(f"routing.{name}"), format="percent")
        for key, name in (("accuracy", "accuracy_column"), ("low", "low"), ("kept", "kept"))
    }
    table(
        rows,
        "routing",
        {
            "language": speech("routing.language"),
            "cluster": speech("routing.cluster"),
            "machine": speech("routing.machine"),
            "threshold": st.column_config.NumberColumn(speech("routing.threshold"), format="%.2f"),
            "audited": speech("routing.audited"),
            **share,
        },
    )


def _follow(
    context: Context, actor: Actor, report: CampaignReport, plan: dict[str, Any], speech: Speech
) -> None:
    if not (plan["nobody"] or plan["stand"] or plan["ask"] or plan["to_calibrate"]):
        return
    prices = context.settings.judge
    priced = bool(prices.input_price or prices.output_price)
    with st.popover(speech("routing.follow"), icon=":material/play_arrow:"):
        st.write(speech("routing.follow_help"))
        calls = st.number_input(
            speech("routing.max_calls"), min_value=1, value=None, step=10, key="route-calls",
            placeholder=speech("routing.no_cap"),
        )  # fmt: skip
        cost = st.number_input(
            speech("routing.max_cost"), min_value=0.0, value=None, key="route-cost", disabled=not priced,
            placeholder=speech("routing.no_cap" if priced else "routing.no_prices"),
        )  # fmt: skip
        if st.button(speech("routing.follow_sure"), type="primary", key="route-follow") and _do(
            lambda: follow_route(
                context, actor, report.name, plan["target"], None if calls is None else int(calls), cost
            )
        ):
            st.rerun()


def _do(act: Any) -> bool:
    try:
        act()
    except PairloopError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return False
    return True
