"""Find the figures of a text, and change one into another of the same form: 1,250 into 1,480.

Marks of citation, numbers of list items, versions and numbers that are part of a name are no figures.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from annotate.labelling.controls.corruption.texts import MARK

_FIGURE = re.compile(
    r"(?<![\w.,:/#№–—-])"
    r"(?:(?P<time>(?:[01]?\d|2[0-3]):[0-5]\d)"
    r"|(?P<number>\d{1,3}(?:(?P<gap>[ \u00a0\u202f,])\d{3})+(?!\d)|\d+)"
    r"(?:(?P<point>[.,])(?P<decimals>\d{1,2}))?)"
    r"(?!\w|[.,:/-]\d|-\w|\s?[–—]\s?\d)"
)
_RANGE_AFTER = re.compile(r"\s+(?:and|to|и|по|до)\s+\d")  # a bound of a range must not pass the other
_RANGE_BEFORE = re.compile(r"\d\s+(?:and|to|и|по|до)\s+$")
_MEASURED = re.compile(
    r"\s?(?:[mck]m|kg|m|g|people|men|women|euros?|dollars?|roubles?|pounds|met(?:re|er)s|miles|tonnes|MW|"
    r"[мск]м|кг|м|г(?!\.)|человек|людей|евро|доллар\w*|руб\w*|фунт\w*|метр\w*|тонн\w*|МВт|₽|€|\$)\b"
)
_YEAR_AROUND = re.compile(
    r"(?:\b(?:in|since|by|until|from|before|after|around|в|с|до|к|после|около)\s+)$", re.IGNORECASE
)
_LIST_ITEM = re.compile(r"^\s*\(?\d{1,2}[.)]\s")
_MONTH_AFTER = re.compile(
    r"\s+(?:of\s+)?(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр)",
    re.IGNORECASE,
)
YEARS = (1500, 2099)


class Figure(NamedTuple):
    """Hold a figure with its place, its parts as written, and what kind it is.

    The kind is time, year, day (of a month), percent or number.
    """

    start: int
    end: int
    text: str
    kind: str
    gap: str
    point: str
    decimals: int


def find_figures(text: str) -> list[Figure]:
    """Return the figures of a text in order."""
    blank = MARK.sub(lambda mark: "x" * len(mark[0]), text)
    blank = _LIST_ITEM.sub(lambda item: "x" * len(item[0]), blank)
    found = [
        match
        for match in _FIGURE.finditer(blank)
        if not _RANGE_AFTER.match(blank, match.end()) and not _RANGE_BEFORE.search(blank[: match.start()])
    ]
    return [_figure(match, blank) for match in found]


def _figure(match: re.Match[str], text: str) -> Figure:
    after = text[match.end() :]
    digits = match["number"] or ""
    if match["time"]:
        kind = "time"
    elif not match["decimals"] and _is_year(digits, text[: match.start()], after):
        kind = "year"
    elif digits.isdigit() and not match["decimals"] and int(digits) <= 31 and _MONTH_AFTER.match(after):
        kind = "day"
    else:
        kind = "percent" if re.match(r"\s?(?:%|percent|per cent|процент)", after) else "number"
    return Figure(
        match.start(), match.end(), match[0], kind, match["gap"] or "", match["point"] or "",
        len(match["decimals"] or ""),
    )  # fmt: skip


def _is_year(digits: str, before: str, after: str) -> bool:
    """Tell a year by four digits that measure nothing; one before YEARS also needs the word that dates it."""
    if len(digits) != 4 or not digits.isdigit() or int(digits) > YEARS[1] or _MEASURED.match(after):
        return False
    return int(digits) >= YEARS[0] or (int(digits) >= 1000 and bool(_YEAR_AROUND.search(before)))


def value_of(figure: Figure) -> str:
    """Return a figure in one form: 1,000 and 1 000 are equal, so are 2,50 and 2.5, and 09:30 and 9:30."""
    if figure.kind == "time":
        return figure.text.lstrip("0") if not figure.text.startswith(("0:", "00:")) else figure.text[-4:]
    return f"{_decimal(figure).normalize():f}"


def _decimal(figure: Figure) -> Decimal:
    text = figure.text
    tail = text[-figure.decimals :] if figure.decimals else ""
    whole = text[: -figure.decimals - 1] if figure.decimals else text
    whole = re.sub(r"\D", "", whole)
    return Decimal(f"{whole}.{tail}" if tail else whole)


def change_figure(figure: Figure, language: str, rng: np.random.Generator) -> Figure | None:
    """Return another figure of the same form and kind, or None where the draw does not fit the grammar."""
    if figure.kind == "time":
        text = _other_time(figure.text, rng)
    else:
        value = _other_value(figure, rng)
        if value <= 0 or _plural(value, language) != _plural(_decimal(figure), language):
            return None
        text = _written(value, figure)
    made = figure._replace(text=text, end=figure.start + len(text))
    return None if value_of(made) == value_of(figure) else made


def _other_time(text: str, rng: np.random.Generator) -> str:
    hours, minutes = text.split(":")
    moved = (int(hours) + int(rng.choice([-3, -2, -1, 1, 2, 3]))) % 24
    return f"{moved:0{len(hours)}d}:{minutes}"


def _other_value(figure: Figure, rng: np.random.Generator) -> Decimal:
    value = _decimal(figure)
    if figure.kind == "year":
        return Decimal(min(YEARS[1], int(value) + int(rng.choice(_steps(9)))))
    if figure.kind == "day":
        return Decimal(int(rng.integers(1, 29)))
    unit = Decimal(1).scaleb(-figure.decimals)
    while not figure.decimals and value and value % (unit * 10) == 0 and value > unit * 10:
        unit *= 10  # round figures stay round
    steps = max(3, int(value / unit * Decimal("0.5")))
    moved = value + unit * int(rng.choice(_steps(min(steps, 10**9))))
    return min(moved, Decimal(100)) if figure.kind == "percent" and value <= 100 else moved


def _steps(most: int) -> list[int]:
    """Return steps in both directions, of a fifth of the way at least, so that the change matters."""
    least = max(1, most // 5)
    spread = sorted({round(least + (most - least) * at / 7) for at in range(8)})
    return [-step for step in spread] + spread


def _plural(value: Decimal, language: str) -> str:
    """Return the form of a noun after this number: it must not give the change away."""
    if value != value.to_integral_value():
        return "part"
    last, tens = int(value) % 10, int(value) % 100
    if language == "ru":
        if last == 1 and tens != 11:
            return "one"
        return "few" if 2 <= last <= 4 and not 12 <= tens <= 14 else "many"
    return "one" if value == 1 else "many"


def _written(value: Decimal, figure: Figure) -> str:
    whole, _, tail = f"{value:.{figure.decimals}f}".partition(".")
    if figure.gap and len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", figure.gap)
    return f"{whole}{figure.point}{tail}" if tail else whole
