"""Look over a run before it is started: the balance of its rows, what is too long, rows as they are read."""

from collections.abc import Sequence
from typing import Any

from training.recipes import BaseRecipe, TrainerRecipe
from training.rows import PreferenceRow, Row
from training.snapshots import balance_lines, describe_rows

SAMPLES = 2


def look_over(recipe: BaseRecipe, train: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """Return what a run on these rows would find, as plain values; nothing is trained or written.

    `balance` is of both sides; where the kind reads preferences with a chat template, `lengths` counts by
    side what is too long and `samples` shows rows with special tokens. Raises ModelError and RowsError as the
    run would.
    """
    found: dict[str, Any] = {"kind": recipe.kind, "balance": describe_rows(train, test)}
    if not isinstance(recipe, TrainerRecipe) or recipe.row is not PreferenceRow:
        return found
    from training.encoding import encode_pairs
    from training.encoding_checks import check_encoding, check_template, check_untemplated
    from training.guards import decode_samples, drop_long
    from training.loading import load_tokenizer

    tokenizer = load_tokenizer(recipe.base)
    check_template(tokenizer)
    found["lengths"] = {}
    for side, rows in (("train", train), ("test", test)):
        preferences = [row for row in rows if isinstance(row, PreferenceRow)]
        check_untemplated(tokenizer, preferences)
        pairs, report = drop_long(encode_pairs(tokenizer, preferences), recipe.max_length)
        check_encoding(tokenizer, pairs)
        found["lengths"][side] = report.as_values()
        found.setdefault("samples", decode_samples(tokenizer, pairs, SAMPLES))
    return found


def dry_run_lines(found: dict[str, Any]) -> list[str]:
    """Return what `look_over` found as lines to print."""
    lines = [f"{found['kind']}:", *balance_lines(found["balance"])]
    for side, lengths in found.get("lengths", {}).items():
        lines.append(
            f"{side}: {len(lengths['dropped'])} of {lengths['rows']} rows are longer than "
            f"{lengths['max_length']} tokens (chosen side {lengths['chosen_over']}, rejected side "
            f"{lengths['rejected_over']}) and would be dropped"
        )
    for sample in found.get("samples", ()):
        lines += [
            f"sample {sample['id']}:",
            *(f"  {name}: {text!r}" for name, text in sample.items() if name != "id"),
        ]
    return lines
