"""Measure answer generation: tokens a second beside transformers, and whether batches change texts.

    python -m benchmarks.generation [--workspace FOLDER] [--quick]

Measures the base checkpoint, and the trained one where the workspace has trained a policy (by
default that of `benchmarks.loop`). The peer is transformers' `generate` in float32, one prompt
at a time and in padded batches. Interrupt it and start it again: finished parts are kept.
"""

from __future__ import annotations

import argparse
import shutil
from functools import partial
from pathlib import Path

from benchmarks.results import WORK, Row, kept, publish
from benchmarks.tokens import PRECISIONS, chat_prompts, checkpoints, token_rows, tokens_a_second
from rag.generators import Decoding, OpenVinoGenerator

COMPARED_TOKENS = 32


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--workspace", type=Path, default=WORK / "loop" / "workspace")
    parser.add_argument("--quick", action="store_true", help="few prompts; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    options = parser.parse_args()
    work = WORK / ("generation-quick" if options.quick else "generation")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    count = 8 if options.quick else 32
    rows: list[Row] = []
    for name, folder, gguf in _checkpoints(options.workspace):
        rows += token_rows(
            name, kept(work / f"tokens-{name}.json", partial(tokens_a_second, folder, gguf, count))
        )
        alike = kept(work / f"alike-{name}.json", partial(_alike, gguf, count // 4))
        rows += [
            Row(
                f"greedy texts alike alone and in a batch, {name} checkpoint, {precision}, share",
                share,
                target="1",
                holds=share == 1.0,
            )
            for precision, share in alike.items()
        ]
    publish("generation", rows, write=not options.quick)


def _checkpoints(workspace: Path) -> list[tuple[str, Path, Path]]:
    """Return the checkpoints of a workspace, or the base one where nothing was trained yet."""
    if (workspace / "pairloop.db").exists():
        return checkpoints(workspace)
    from annotate.settings import Settings, Workspace
    from rag.models.defaults import fetch_smollm2
    from training.gguf_import import import_gguf

    models = Workspace(workspace, Settings()).models
    gguf = fetch_smollm2(models)
    return [("base", import_gguf(gguf, models / "smollm2-135m-instruct-hf"), gguf)]


def _alike(gguf: Path, count: int) -> dict[str, float]:
    """Return the share of greedy texts that are the same alone and in a batch, by precision."""
    decoding, prompts = Decoding(max_new_tokens=COMPARED_TOKENS), chat_prompts(count)
    shares = {}
    for precision in PRECISIONS:
        generator = OpenVinoGenerator(gguf, precision)
        batch = [made.text for made in generator.generate(prompts, decoding)]
        alone = [generator.generate([prompt], decoding)[0].text for prompt in prompts]
        shares[str(precision)] = sum(a == b for a, b in zip(alone, batch, strict=True)) / count
    return shares


if __name__ == "__main__":
    main()
