"""Make good texts that machines easily take for junk: tables, records, steps on a site, contracts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag.cleaning.junk_samples.sample import Sample
from rag.language import words

_PHRASES: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("records.json").read_text("utf-8")
)
Maker = Callable[[np.random.Generator, str, list[str]], str]


def good_records(good: Sequence[Sample], rng: np.random.Generator, a_kind: int = 40) -> list[Sample]:
    """Return `a_kind` good texts a kind and language, filled with words of the good passages."""
    made: list[Sample] = []
    for language in ("ru", "en"):
        bases = [sample for sample in good if sample.language == language and sample.kind == "passage"]
        for kind, maker in _KINDS.items():
            for at in rng.integers(0, len(bases), a_kind):
                names = [word.capitalize() for word in words(bases[at].text) if len(word) > 4]
                made.append(Sample(maker(rng, language, names), language, kind, bases[at].source, False))
    return made


def _rows(rng: np.random.Generator, language: str, names: list[str]) -> list[list[str]]:
    columns = [
        str(name) for name in rng.permutation(_PHRASES["columns"][language])[: int(rng.integers(3, 6))]
    ]
    rows = [columns]
    for _ in range(int(rng.integers(4, 15))):
        name = " ".join(rng.choice(names, int(rng.integers(1, 4))))
        rows.append([name, *(_value(rng, language) for _ in columns[1:])])
    return rows


def _value(rng: np.random.Generator, language: str) -> str:
    number = int(rng.integers(1, 20_000))
    unit = str(rng.choice(_PHRASES["units"][language]))
    forms = (
        str(number),
        f"{number} {unit}",
        f"{number / 100:.2f}",
        f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
    )
    return str(rng.choice(forms))


def _markdown_table(rng: np.random.Generator, language: str, names: list[str]) -> str:
    head, *rows = (f"| {' | '.join(row)} |" for row in _rows(rng, language, names))
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows])


def _separated_values(rng: np.random.Generator, language: str, names: list[str]) -> str:
    separator = str(rng.choice((",", ";", "\t")))
    return "\n".join(separator.join(row) for row in _rows(rng, language, names))


def _json_records(rng: np.random.Generator, language: str, names: list[str]) -> str:
    head, *rows = _rows(rng, language, names)
    records = [dict(zip(head, row, strict=True)) for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=2 if rng.random() < 0.6 else None)


def _specification(rng: np.random.Generator, language: str, names: list[str]) -> str:
    fields = rng.permutation(_PHRASES["fields"][language])[: int(rng.integers(5, 12))]
    values = (f"{_value(rng, language)} {rng.choice(names).lower()}" for _ in fields)
    return "\n".join(f"{field}: {value}" for field, value in zip(fields, values, strict=True))


def _steps(rng: np.random.Generator, language: str, _names: list[str]) -> str:
    labels = _PHRASES["labels"][language]
    steps = rng.permutation(_PHRASES["steps"][language])[: int(rng.integers(3, 8))]
    filled = [str(step).format(x=rng.choice(labels)) for step in steps]
    if rng.random() < 0.5:
        return " ".join(filled)
    return "\n".join(f"{at}. {step}" for at, step in enumerate(filled, start=1))


def _contract(rng: np.random.Generator, language: str, _names: list[str]) -> str:
    clauses = rng.permutation(_PHRASES["clauses"][language])[: int(rng.integers(3, 8))]
    return "\n".join(
        f"{at}. {str(clause).format(n=rng.integers(10, 99))}" for at, clause in enumerate(clauses, start=1)
    )


_KINDS: dict[str, Maker] = {
    "table": _markdown_table,
    "separated values": _separated_values,
    "records in JSON": _json_records,
    "specification": _specification,
    "steps on a site": _steps,
    "contract": _contract,
}
