"""Draw the sections of RUN/evaluation.json, each of plain values as `records` wrote them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from training.evaluation.html import Page
from training.evaluation.plots import Dot, Line, dot_plot, line_plot


def shown_interval(found: Mapping[str, Any] | None) -> str:
    """Show a value with its interval, or a dash where there is none."""
    if not found or _number(found.get("value")) is None:
        return "–"
    value, low, high = (_number(found.get(name)) for name in ("value", "low", "high"))
    span = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{span}"


def show_held_out(page: Page, found: Mapping[str, Any]) -> None:
    """Draw accuracy by slice beside the agreement of people, and the calibration."""
    page.heading("Held-out accuracy")
    slices = found.get("slices", [])
    rows = [
        (
            one["by"],
            one["name"],
            shown_interval(one["accuracy"]),
            shown_interval(one["ceiling"]),
            one["accuracy"]["n"],
        )
        for one in slices
    ]
    page.table(("by", "slice", "accuracy [95 % interval]", "people agree", "pairs"), rows)
    page.plot(dot_plot([_dot(one) for one in slices], "accuracy; orange: how far people agree", line_at=0.5))
    if (correlation := _number(found.get("length_correlation"))) is not None:
        page.say(f"Correlation of the score with length (Spearman): {correlation:.2f}.")
    calibration = found.get("calibration")
    if calibration:
        page.heading("Calibration")
        names = ("temperature", "ece", "brier", "ece_scaled", "brier_scaled")
        page.table(
            ("figure", "value"), [(name.replace("_", " "), f"{calibration[name]:.3f}") for name in names]
        )
        points = [(one["confidence"], one["accuracy"]) for one in calibration["bins"]]
        page.plot(line_plot([Line("pairs by confidence", points)], "confidence", "accuracy", diagonal=True))


def show_over_optimisation(page: Page, found: Mapping[str, Any]) -> None:
    """Draw gold and proxy reward of the best of n by the KL bound."""
    page.heading("Over-optimisation: best of n")
    points = found["points"]
    rows = [(p["n"], f"{p['kl']:.3f}", shown_interval(p["proxy"]), shown_interval(p["gold"])) for p in points]
    page.table(("n", "KL bound (nats)", "proxy reward", "gold reward"), rows)
    lines = [
        Line(
            name,
            [(point["kl"], point[name]["value"]) for point in points],
            [tuple(_or_nan(point[name].get(end)) for end in ("low", "high")) for point in points],  # type: ignore[misc]
        )
        for name in ("proxy", "gold")
    ]
    page.plot(line_plot(lines, "KL bound (nats)", "reward (sd)"))
    page.say(f"The gold reward is highest at n = {found['best_n']}.")


def show_win_rate(page: Page, found: Mapping[str, Any]) -> None:
    """Draw the win rate over the champion, plain and with length held equal, and each judge's own."""
    page.heading("Win rate over the champion")
    page.say(
        f"{found['wins']} wins, {found['ties']} ties, {found['losses']} losses; answers "
        f"{found['longer']:+.0f} characters longer in the mean."
    )
    named = {"win rate": found["plain"], "with length held equal": found["controlled"]}
    named |= {f"judge {name}": one for name, one in found.get("judges", {}).items()}
    page.table(("win rate", "value [95 % interval]"), [(n, shown_interval(one)) for n, one in named.items()])
    page.plot(dot_plot([_of(name, one) for name, one in named.items()], "win rate", line_at=0.5))


def show_changes(title: str) -> Callable[[Page, Mapping[str, Any]], None]:
    """Return what draws figures before and after: {name: {before, after, change}}, each with an interval."""

    def show(page: Page, found: Mapping[str, Any]) -> None:
        page.heading(title)
        rows = [
            (
                name.replace("_", " "),
                *(shown_interval(one.get(side)) for side in ("before", "after", "change")),
            )
            for name, one in found.items()
        ]
        page.table(("figure", "before", "after", "change [95 % interval]"), rows)

    return show


SECTIONS: dict[str, Callable[[Page, Mapping[str, Any]], None]] = {
    "held_out": show_held_out,
    "over_optimisation": show_over_optimisation,
    "win_rate": show_win_rate,
    "behaviour": show_changes("Behaviour: refusals and citations"),
    "general": show_changes("Regressions on the frozen general set"),
}


def _dot(one: Mapping[str, Any]) -> Dot:
    name = one["name"] if one["by"] == one["name"] else f"{one['by']} {one['name']}"
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
