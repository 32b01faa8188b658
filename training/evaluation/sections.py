"""Draw the sections of RUN/evaluation.json, each of plain values as `records` wrote them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from training.evaluation.html import Page
from training.evaluation.plots import Dot, Line, dot_plot, line_plot
from training.evaluation.texts import Speech


def shown_interval(found: Mapping[str, Any] | None, speech: Speech) -> str:
    """Show a value with its interval, or a dash where there is none."""
    if not found or _number(found.get("value")) is None:
        return "–"
    value, low, high = (_number(found.get(name)) for name in ("value", "low", "high"))
    shown = [speech.decimal(one, 3) for one in (value, low, high) if one is not None]
    return shown[0] if len(shown) < 3 else f"{shown[0]} [{shown[1]}{speech.between}{shown[2]}]"


def show_held_out(page: Page, found: Mapping[str, Any]) -> None:
    """Draw accuracy by slice beside the agreement of people, and the calibration."""
    speech = page.speech
    page.heading(speech("Held-out accuracy"))
    slices = found.get("slices", [])
    rows = [
        (
            speech.name(one["by"]),
            speech.name(one["name"]),
            shown_interval(one["accuracy"], speech),
            shown_interval(one["ceiling"], speech),
            one["accuracy"]["n"],
        )
        for one in slices
    ]
    header = ("by", "slice", "accuracy [95 % interval]", "people agree", "pairs")
    page.table([speech(name) for name in header], rows)
    label = speech("accuracy; orange: how far people agree")
    page.plot(dot_plot([_dot(one, speech) for one in slices], label, line_at=0.5, speech=speech))
    if (correlation := _number(found.get("length_correlation"))) is not None:
        value = speech.decimal(correlation, 2)
        page.say(speech("Correlation of the score with length (Spearman): {value}.", value=value))
    if calibration := found.get("calibration"):
        _show_calibration(page, calibration)


def _show_calibration(page: Page, calibration: Mapping[str, Any]) -> None:
    speech = page.speech
    page.heading(speech("Calibration"))
    names = ("temperature", "ece", "brier", "ece_scaled", "brier_scaled")
    rows = [(speech.name(name.replace("_", " ")), speech.decimal(calibration[name], 3)) for name in names]
    page.table((speech("figure"), speech("value")), rows)
    points = [(one["confidence"], one["accuracy"]) for one in calibration["bins"]]
    lines = [Line(speech("pairs by confidence"), points)]
    page.plot(line_plot(lines, speech("confidence"), speech("accuracy"), diagonal=True, speech=speech))


def show_over_optimisation(page: Page, found: Mapping[str, Any]) -> None:
    """Draw gold and proxy reward of the best of n by the KL bound."""
    speech = page.speech
    page.heading(speech("Over-optimisation: best of n"))
    points = found["points"]
    rows = [
        (p["n"], speech.decimal(p["kl"], 3), *(shown_interval(p[name], speech) for name in ("proxy", "gold")))
        for p in points
    ]
    header = ("KL bound (nats)", "proxy reward", "gold reward")
    page.table(("n", *map(speech, header)), rows)
    lines = [
        Line(
            speech(name),
            [(point["kl"], point[name]["value"]) for point in points],
            [tuple(_or_nan(point[name].get(end)) for end in ("low", "high")) for point in points],  # type: ignore[misc]
        )
        for name in ("proxy", "gold")
    ]
    page.plot(line_plot(lines, speech("KL bound (nats)"), speech("reward (sd)"), speech=speech))
    page.say(speech("The gold reward is highest at n = {n}.", n=found["best_n"]))


def show_win_rate(page: Page, found: Mapping[str, Any]) -> None:
    """Draw the win rate over the champion, plain and with length held equal, and each judge's own."""
    speech = page.speech
    page.heading(speech("Win rate over the champion"))
    told = "{wins} wins, {ties} ties, {losses} losses; answers {longer} characters longer in the mean."
    counts = {name: found[name] for name in ("wins", "ties", "losses")}
    page.say(speech(told, **counts, longer=f"{found['longer']:+.0f}"))
    named = {speech("win rate"): found["plain"], speech("with length held equal"): found["controlled"]}
    named |= {speech("judge {name}", name=name): one for name, one in found.get("judges", {}).items()}
    header = (speech("win rate"), speech("value [95 % interval]"))
    page.table(header, [(name, shown_interval(one, speech)) for name, one in named.items()])
    dots = [_of(name, one) for name, one in named.items()]
    page.plot(dot_plot(dots, speech("win rate"), line_at=0.5, speech=speech))


def show_changes(title: str) -> Callable[[Page, Mapping[str, Any]], None]:
    """Return what draws figures before and after: {name: {before, after, change}}, each with an interval."""

    def show(page: Page, found: Mapping[str, Any]) -> None:
        speech = page.speech
        page.heading(speech(title))
        rows = [
            (
                speech.name(name.replace("_", " ")),
                *(shown_interval(one.get(side), speech) for side in ("before", "after", "change")),
            )
            for name, one in found.items()
        ]
        header = ("figure", "before", "after", "change [95 % interval]")
        page.table([speech(name) for name in header], rows)

    return show


SECTIONS: dict[str, Callable[[Page, Mapping[str, Any]], None]] = {
    "held_out": show_held_out,
    "over_optimisation": show_over_optimisation,
    "win_rate": show_win_rate,
    "behaviour": show_changes("Behaviour: refusals and citations"),
    "general": show_changes("Regressions on the frozen general set"),
}


def _dot(one: Mapping[str, Any], speech: Speech) -> Dot:
    by, name = speech.name(one["by"]), speech.name(one["name"])
    name = name if by == name else f"{by} {name}"
    dot = _of(name, one["accuracy"])
    ceiling = one["ceiling"]
    return Dot(dot.name, dot.value, dot.low, dot.high, _number(ceiling["value"]) if ceiling else None)


def _of(name: str, one: Mapping[str, Any]) -> Dot:
    return Dot(name, *(_or_nan(one.get(key)) for key in ("value", "low", "high")))


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if known else None


def _or_nan(value: Any) -> float:
    found = _number(value)
    return math.nan if found is None else found
