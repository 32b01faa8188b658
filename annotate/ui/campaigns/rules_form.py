"""Draw the form of a campaign's rules: short, with sensible values, and a word on what each one does."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

import pandas as pd
import streamlit as st

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.control_rules import ACTS
from annotate.reports.campaigns import QuotaReport
from annotate.ui.campaigns.fields import SECTIONS, Field, shown
from annotate.ui.texts import LANGUAGES, Speech

OPEN_SECTIONS = ("work",)
SCALES = {"share": 100.0, "minutes": 1 / 60, "hours": 1.0, "count": 1.0}


def draw_rules(
    rules: CampaignRules, places: list[QuotaReport], price: float, speech: Speech, key: str
) -> dict[str, Any]:
    """Draw the form and return the values entered, by rule; `key` sets it apart from other forms."""
    entered: dict[str, Any] = {}
    for section in SECTIONS:
        if section == "budget" and not shown("budget"):
            continue
        with st.expander(
            speech(f"rules.{section}"),
            expanded=section in OPEN_SECTIONS,
            icon=speech(f"rules.{section}_icon"),
        ):
            st.caption(speech(f"rules.{section}_help"))
            if section == "balance":
                entered |= _quotas(places, speech, key)
            elif section == "budget":
                entered |= _budget(rules, price, speech, key)
            else:
                entered |= _section(section, rules, speech, key)
    return entered


def _section(section: str, rules: CampaignRules, speech: Speech, key: str) -> dict[str, Any]:
    entered: dict[str, Any] = {}
    with st.container(key=f"rules-{section}-{key}"):
        for field in shown(section):
            if field.needs and not entered.get(field.needs):
                entered[field.name] = getattr(rules, field.name)  # kept, though it does not count now
            else:
                entered[field.name] = _entry(field, getattr(rules, field.name), speech, f"{field.name}-{key}")
    return entered


def _entry(field: Field, value: Any, speech: Speech, key: str) -> Any:
    name, hint = speech(f"rule.{field.name}"), speech(f"rule.{field.name}_help")
    if field.form == "flag":
        return st.toggle(name, value, help=hint, key=key)
    if field.form == "words":
        return st.multiselect(
            name, sorted(value), default=list(value), accept_new_options=True, help=hint, key=key,
            placeholder=speech("rules.skills_hint"),
        )  # fmt: skip
    if field.form == "gold_rules":
        with st.container(key=f"wide-{key}"):
            return _gold_rules(value, name, hint, speech, key)
    scale = SCALES[field.form]
    whole = field.form in ("count", "minutes")
    given = None if value is None else value * scale
    if whole and given is not None:
        given = round(given)
    entered = st.number_input(
        name,
        min_value=int(field.low) if whole else float(field.low),
        max_value=int(field.high) if whole else float(field.high),
        value=given,
        step=1 if whole else 1.0,
        format="%d" if whole else "%.0f",
        help=hint,
        placeholder=speech("rules.none"),
        key=key,
    )
    if entered is None:
        return None if field.optional else value
    return round(entered / scale) if whole else entered / scale


def _gold_rules(value: Any, name: str, hint: str, speech: Speech, key: str) -> list[dict[str, Any]]:
    st.markdown(name, help=hint)
    rows = [
        {"act": rule.act, "below": rule.below * 100, "last": rule.last, "at_least": rule.at_least}
        for rule in value
    ]
    edited = st.data_editor(
        pd.DataFrame(rows, columns=["act", "below", "last", "at_least"]),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "act": st.column_config.SelectboxColumn(
                speech("rules.act"), options=list(ACTS), required=True,
                format_func=lambda act: speech.name("act", str(act)),
            ),
            "below": st.column_config.NumberColumn(
                speech("rules.below"), min_value=1, max_value=100, default=70, required=True, format="%d %%"
            ),
            "last": st.column_config.NumberColumn(
                speech("rules.last"), min_value=1, max_value=500, default=30, required=True
            ),
            "at_least": st.column_config.NumberColumn(
                speech("rules.at_least"), min_value=1, max_value=500, default=10, required=True
            ),
        },
        column_order=["act", "below", "last", "at_least"],
        key=key,
    )  # fmt: skip
    return [
        {
            "act": row["act"],
            "below": float(row["below"]) / 100,
            "last": int(row["last"]),
            "at_least": int(row["at_least"]),
        }
        for row in edited.to_dict("records")
        if not pd.isna(list(row.values())).any()  # a row that is still being filled in
    ]


def _quotas(places: list[QuotaReport], speech: Speech, key: str) -> dict[str, Any]:
    rows = [
        {
            "place": place.kind,
            "key": place.key,
            "name": LANGUAGES.get(place.name, place.name)
            if place.kind == "language"
            else speech.name("cluster", place.name),
            "tasks": place.tasks,
            "share": None if place.share is None else place.share * 100,
            "cap": place.cap,
        }
        for place in places
    ]
    edited = st.data_editor(
        pd.DataFrame(rows).astype({"share": "Float64", "cap": "Int64"}),
        hide_index=True,
        disabled=["name", "tasks"],
        placeholder="—",
        column_order=["name", "tasks", "share", "cap"],
        column_config={
            "name": st.column_config.TextColumn(speech("rules.place"), width="medium"),
            "tasks": st.column_config.NumberColumn(speech("rules.tasks"), width="small"),
            "share": st.column_config.NumberColumn(
                speech("rules.share"),
                min_value=0,
                max_value=100,
                format="%d %%",
                help=speech("rules.share_help"),
            ),
            "cap": st.column_config.NumberColumn(
                speech("rules.cap"), min_value=0, step=1, help=speech("rules.cap_help")
            ),
        },
        key=f"quotas-{key}",
    )
    entered: dict[str, Any] = {
        f"{place}_{column}": {} for place in ("cluster", "language") for column in ("shares", "counts")
    }
    for row in edited.to_dict("records"):
        if not pd.isna(row["share"]):
            entered[f"{row['place']}_shares"][row["key"]] = float(row["share"]) / 100
        if not pd.isna(row["cap"]):
            entered[f"{row['place']}_counts"][row["key"]] = int(row["cap"])
    return entered


def _budget(rules: CampaignRules, price: float, speech: Speech, key: str) -> dict[str, Any]:
    field = shown("budget")[0]
    now = getattr(rules, field.name)
    in_money = price > 0 and (
        st.segmented_control(
            speech("rules.budget_unit"),
            ["labels", "money"],
            default="labels",
            required=True,
            format_func=lambda unit: speech(f"rules.budget_{unit}"),
            key=f"budget-unit-{key}",
        )
        == "money"
    )
    if not in_money:
        labels = _entry(field, now, speech, f"{field.name}-{key}")
    else:
        money = st.number_input(
            speech("rule.money_budget"), min_value=0.0, value=None if now is None else now * price,
            step=1.0, placeholder=speech("rules.none"), key=f"money-{key}",
        )  # fmt: skip
        labels = None if money is None else floor(money / price + 1e-9)
    if labels is not None:
        st.caption(speech("rules.budget_is", count=labels, money=speech.number(labels * price, 2)))
    return {field.name: labels}


def differing(entered: Mapping[str, Any], rules: CampaignRules) -> dict[str, Any]:
    """Return what was entered and is not so yet; raise LabellingError for what no rule can be."""
    before = rules.write()
    after = CampaignRules.read({**before, **entered}).write()
    return {
        name: after.get(name, entered.get(name)) for name in entered if after.get(name) != before.get(name)
    }


def contradiction(given: Mapping[str, Any]) -> str:
    """Name the way in which rules contradict each other, as far as the form allows it; empty if none."""
    if given.get("dynamic") and given.get("max_overlap", 5) < given.get("overlap", 2):
        return "wrong_overlap"
    if max(sum(given.get(f"{place}_shares", {}).values()) for place in ("cluster", "language")) > 1 + 1e-9:
        return "wrong_shares"
    if any(rule["at_least"] > rule["last"] for rule in given.get("gold_rules", ())):
        return "wrong_gold_rule"
    return ""
