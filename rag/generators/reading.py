"""Read prompts for what may come next, and what a prompt begins with like the last one only once.

A judge shows a pair in both orders: guideline, passages and question are the same, and most of the prompt.
What a prompt says does not depend on the one before it: every prompt is read in the same blocks, and what is
kept ends where a block ends.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 256  # tokens; a last block shorter than LEAST joins the one before it
LEAST = 32
Tokens = NDArray[np.int64]


class PromptReader:
    """Compute the logits after a prompt with a compiled OpenVINO model that keeps keys and values."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._last: Tokens = np.empty(0, np.int64)

    def next_logits(self, prompt: Tokens) -> NDArray[np.float64]:
        """Return the logits (vocabulary,) of the token after a prompt (n,)."""
        kept = shared_blocks(self._last, prompt)
        self._last = np.empty(0, np.int64)  # should reading fail, nothing is known to be kept
        self._forget_after(kept)
        for start, end in pairwise(at for at in block_ends(len(prompt)) if at >= kept):
            outputs = self._request.infer(
                {
                    "input_ids": prompt[None, start:end],
                    "attention_mask": np.ones((1, end), np.int64),
                    "position_ids": np.arange(start, end, dtype=np.int64)[None],
                    "beam_idx": np.zeros(1, np.int32),
                }
            )
        self._last = prompt.copy()
        logits: NDArray[np.float64] = outputs[0][0, -1].astype(np.float64)
        return logits

    def _forget_after(self, kept: int) -> None:
        import openvino

        if not kept:
            self._request.reset_state()
            return
        for state in self._request.query_state():  # (prompts, heads, tokens, width) each
            state.state = openvino.Tensor(np.ascontiguousarray(state.state.data[:, :, :kept]))


def block_ends(size: int) -> list[int]:
    """Return where the blocks of a prompt begin and end: 0, 256, … size."""
    ends = [*range(0, size, BLOCK), size]
    if len(ends) > 2 and ends[-1] - ends[-2] < LEAST:
        del ends[-2]
    return ends


def shared_blocks(one: Tokens, other: Tokens) -> int:
    """Return how many tokens two prompts share in whole blocks, the last block of either not among them."""
    if not len(one) or not len(other):
        return 0
    size = min(len(one), len(other))
    different = np.flatnonzero(one[:size] != other[:size])
    same = int(different[0]) if len(different) else size
    most = min(block_ends(len(one))[-2], block_ends(len(other))[-2])
    return min(same, most) // BLOCK * BLOCK
