"""What is kept of a prompt ends with a block, and changes nothing of what the next one says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generators.openvino import OpenVinoGenerator
from rag.generators.reading import BLOCK, LEAST, block_ends, shared_blocks


@given(st.integers(1, 5 * BLOCK))
def test_blocks_cover_a_prompt_and_none_but_a_short_prompt_is_short(size: int) -> None:
    ends = block_ends(size)
    assert (ends[0], ends[-1]) == (0, size)
    sizes = np.diff(ends)
    assert (sizes[:-1] == BLOCK).all()
    assert LEAST <= sizes[-1] < BLOCK + LEAST or size < LEAST


@given(st.integers(1, 3 * BLOCK), st.integers(1, 3 * BLOCK), st.integers(0, 3 * BLOCK))
def test_what_is_shared_is_whole_blocks_of_both(one: int, other: int, same: int) -> None:
    first, second = np.zeros(one, np.int64), np.zeros(other, np.int64)
    second[same:] = 1
    kept = shared_blocks(first, second)
    assert kept % BLOCK == 0
    assert kept <= min(same, one - 1, other - 1)
    assert kept in block_ends(one)
    assert kept in block_ends(other)


@pytest.mark.models
def test_a_prompt_says_the_same_whatever_was_read_before(generator: OpenVinoGenerator) -> None:
    start = "The shop takes back what was bought within thirty days. " * 40
    asked = [[{"role": "user", "content": start + end}] for end in ("Answer A.", "Answer B, if need be.")]
    options = ("A", "B", "Yes")
    after_each_other = generator.option_logprobs(asked, options)
    generator.option_logprobs([[{"role": "user", "content": "Hello"}]], options)
    alone = generator.option_logprobs(asked[1:], options)
    np.testing.assert_array_equal(after_each_other[1:], alone)
