"""Regressions on a frozen general set: did the model get worse at texts that the run was not about?"""

from pathlib import Path

import numpy as np

from training.evaluation.changes import Change, measure_change

MAX_LENGTH = 512


def general_change(
    base: Path, model: Path, general_rows: Path, seed: int, max_length: int = MAX_LENGTH
) -> Change:
    """Return the loss in nats a token of each text before and after, and its change; more is worse.

    `base` and `model` are Hugging Face folders, `general_rows` a JSON Lines file of texts or demonstrations;
    texts longer than `max_length` tokens are dropped. Raises RowsError, ModelError.
    """
    from training.kinds.sft.preparing import read_general
    from training.loading import load_policy, load_tokenizer, to_device
    from training.text_losses import text_losses

    texts = read_general(general_rows, load_tokenizer(base), max_length)
    sides = [text_losses(to_device(load_policy(folder)), texts) for folder in (base, model)]
    losses = [[float(loss) for loss in side.nats / side.tokens] for side in sides]
    found = measure_change(losses[0], losses[1], sides[0].questions, np.random.default_rng(seed))
    if found is None:  # read_general refuses an empty set
        raise ValueError(f"{general_rows}: no texts")
    return found
