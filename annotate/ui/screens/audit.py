"""Show who changed what: the audit log, filtered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st

from annotate.access.permissions import Permission, operator
from annotate.reports.audit import AuditFilter, AuditReport, audit_names, report_audit
from annotate.ui.frame import current_context, current_speech, empty, gate, table, title
from annotate.ui.texts import Speech

OPERATOR = operator().name


def main() -> None:
    """Draw the screen."""
    gate(Permission.READ_AUDIT)
    store, speech = current_context().store, current_speech()
    title(speech("screen.audit"), speech("audit.intro"))
    actors, actions = audit_names(store)
    if not actors:
        empty(speech("audit.empty"), speech("audit.empty_help"))
        return
    report = report_audit(store, _choose(actors, actions, speech))
    if not report.entries:
        st.info(speech("audit.nothing"), icon=":material/filter_alt_off:")
        return
    _draw(report, speech)


def _choose(actors: list[str], actions: list[str], speech: Speech) -> AuditFilter:
    with st.container(horizontal=True, key="audit-filter", vertical_alignment="bottom"):
        everything = speech("audit.all")
        actor = st.selectbox(
            speech("audit.actor"), ["", *actors], format_func=lambda name: _who(name, speech) or everything
        )
        action = st.selectbox(
            speech("audit.action"), ["", *actions], format_func=lambda name: _said(name, speech) or everything
        )
        target = st.text_input(speech("audit.target"))
        days = st.date_input(speech("audit.days"), [], max_value=datetime.now(UTC).date())
    since, until = _span(days)
    return AuditFilter(actor, action, target.strip(), since, until)


def _span(days: object) -> tuple[datetime | None, datetime | None]:
    """Return the first moment of the first day, and of the day after the last one, in UTC."""
    chosen = [day for day in days if isinstance(day, date)] if isinstance(days, tuple | list) else []
    if not chosen:
        return None, None
    first, last = chosen[0], chosen[-1]
    return _midnight(first), _midnight(last + timedelta(days=1)) if len(chosen) > 1 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _draw(report: AuditReport, speech: Speech) -> None:
    st.caption(speech("audit.count", count=report.total, shown=len(report.entries)))
    rows = [
        {
            "at": entry.at,
            "actor": _who(entry.actor, speech),
            "action": _said(entry.action, speech),
            "target": entry.target,
            "details": "; ".join(_details(entry.details, speech)),
            "kind": entry.action,
            "record": json.dumps(entry.details, ensure_ascii=False),
        }
        for entry in report.entries
    ]
    table(
        rows,
        "audit",
        {
            "at": st.column_config.DatetimeColumn(speech("audit.at"), format="YYYY-MM-DD HH:mm:ss"),
            "actor": speech("audit.actor"),
            "action": speech("audit.action"),
            "target": speech("audit.target"),
            "details": st.column_config.TextColumn(speech("audit.details"), width="large"),
        },
    )


def _who(actor: str, speech: Speech) -> str:
    return speech("audit.operator") if actor == OPERATOR else actor


def _details(details: Mapping[str, Any], speech: Speech, inside: str = "") -> Iterator[str]:
    """Say details as `key: value`, and changes as `key: before → after`."""
    for key, value in details.items():
        if key == "changes" and isinstance(value, Mapping):
            for rule, both in value.items():
                yield f"{speech.name('rule', rule)}: {' → '.join(_shown(one, speech) for one in both)}"
        elif isinstance(value, Mapping):
            yield from _details(value, speech, f"{inside}{speech.name('detail', key)}.")
        else:
            yield f"{inside}{speech.name('detail', key)}: {_shown(value, speech)}"


def _shown(value: object, speech: Speech) -> str:
    if value is None:
        return "—"
    return speech.name("role", value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(action: str, speech: Speech) -> str:
    """Return what an action is called; what failed is marked as such."""
    base = action.removesuffix(".failed")
    name = speech.name("did", base)
    return speech("audit.failed", action=name) if base != action else name


main()
