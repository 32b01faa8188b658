"""`python -m training.snapshots FOLDER --kind KIND --train ROWS [--test ROWS] [--against ROWS ...] ...`.

Freezes rows into a folder that a recipe may name (train_rows: FOLDER/train.jsonl). Exit status: 0 frozen,
1 refused, 2 wrong call.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.environment import prepare_environment
from training.errors import RowsError, TrainingError
from training.recipes import RECIPES
from training.rows import Row, read_rows_of
from training.snapshots import (
    Embed,
    Freezing,
    FrozenTest,
    Selection,
    balance_lines,
    freeze_guarded,
)
from training.snapshots.nearness import Vectors


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze rows and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    prepare_environment()
    try:
        _freeze(options)
    except (TrainingError, ValueError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return 1
    return 0


def _freeze(options: argparse.Namespace) -> None:
    row: type[Row] = RECIPES[options.kind].row
    train = read_rows_of(row, options.train)
    test = read_rows_of(row, options.test) if options.test else []
    shared = {one.question_id for one in train} & {one.question_id for one in test}
    if shared:
        raise RowsError(
            f"{options.test}: {len(shared)} questions are also in the train rows (say {min(shared)!r})"
        )
    chosen = options.keep_share < 1 or options.least_posterior or options.least_agreement
    selection = Selection(
        share=options.keep_share,
        by=options.by,
        least_posterior=options.least_posterior,
        least_agreement=options.least_agreement,
    )
    found = freeze_guarded(
        options.folder,
        row,
        train,
        test,
        options=Freezing(leaks=options.leaks, selection=selection if chosen else None),
        frozen_tests=[FrozenTest.of_rows(file.name, read_rows_of(row, file)) for file in options.against],
        embed=_embedder(options.embedder, options.prefix) if options.embedder else None,
    )
    left_out = [f"left out, {why}: {len(ids)}" for why, ids in found.manifest.left_out.items()]
    lines = [f"frozen: {found.manifest.hash}", *balance_lines(found.manifest.balance), *left_out]
    sys.stdout.write("\n".join(lines) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.snapshots", description="Freeze rows to train on."
    )
    add = parser.add_argument
    add("folder", type=Path, help="folder of the snapshot, fresh")
    add("--kind", choices=list(RECIPES), default="dpo", help="kind of run: it says which rows are read")
    add("--train", type=Path, required=True, help="rows to train on, JSON lines")
    add("--test", type=Path, help="rows to test on")
    add("--against", type=Path, action="append", default=[], help="a frozen test no row may be in")
    add("--leaks", choices=["refuse", "leave_out"], default="refuse", help="what happens to rows that are")
    add("--embedder", type=Path, help="sentence-transformers folder: near by meaning, and for variety")
    add("--prefix", default="", help='what the embedder wants before a text, such as "query: "')
    add("--keep-share", type=float, default=1.0, help="share of the good rows to keep")
    add("--by", choices=["facility_location", "k_centre", "quality"], default="facility_location")
    add("--least-posterior", type=float, default=0.0, help="probability that a row's verdict needs")
    add("--least-agreement", type=float, default=0.0, help="share of votes that a row's verdict needs")
    return parser


def _embedder(folder: Path, prefix: str) -> Embed:
    from sentence_transformers import SentenceTransformer

    if not (folder / "modules.json").is_file():
        raise RowsError(f"{folder}: no sentence-transformers folder (no modules.json)")
    model = SentenceTransformer(str(folder), local_files_only=True)

    def embed(texts: Sequence[str]) -> Vectors:
        named = [prefix + text for text in texts]
        return np.asarray(model.encode(named, normalize_embeddings=True, show_progress_bar=False), np.float32)

    return embed


if __name__ == "__main__":
    sys.exit(main())
