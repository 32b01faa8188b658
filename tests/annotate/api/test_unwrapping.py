"""Lines broken at a margin are joined, others stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.api.unwrapping import unwrap

NASTY = st.text(alphabet=st.sampled_from("<>&\"'`[]()!#*_\n\\ab1/=:$~-"), max_size=60)


def test_lines_broken_at_a_margin_are_joined():
    long = "a line that was broken because the right margin was near"
    item = "1. an item that was broken because the right margin was near"
    assert unwrap(f"{long}\nand goes on\n\n{item}\n   and goes on\n2. next") == (
        f"{long} and goes on\n\n{item} and goes on\n2. next"
    )


@pytest.mark.parametrize(
    "text",
    [
        "short\nlines\nstay",
        "    indented = call(with_a_long_line_of_code, that_is_code)\n    another = line",
        ">>> prompts_are_code(even_when_they_are_very_long_indeed_like_this)\nand their output",
        "a heading that is long enough to look like a broken line\n*****\ntext",
        "a line that was broken because the right margin was near\n- a list\n- begins",
    ],
)
def test_other_lines_stay_as_they_are(text: str):
    assert unwrap(text) == text


@given(NASTY)
def test_unwrapping_loses_no_word(text: str):
    assert unwrap(text).split() == text.split()
