"""Loops and unfinished ends are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import cut, trim
from rag.language import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It takes five days. It costs ten euros.", "It takes five days. It costs ten euros."),
        ("It takes five days. It takes five days. It takes", "It takes five days."),
        ("Срок — пять дней. Срок, пять дней! И так далее.", "Срок — пять дней."),
        ("Yes, it does. It costs ten. Yes, it does. It costs ten.", "Yes, it does. It costs ten."),
        ("It takes five days. Then the", "It takes five days."),
        ("It takes five", "It takes five"),
        ("It takes five days [1]", "It takes five days [1]"),
        ("", ""),
    ],
)
def test_loops_and_unfinished_ends_are_cut(text: str, expected: str) -> None:
    assert trim(text) == expected


@pytest.mark.parametrize(
    ("text", "kept", "looped", "unfinished"),
    [
        ("We see that we see that we see that we see", "We see that", True, False),
        ("Срок: да да да да да да", "Срок: да", True, False),
        ("It is very very good.", "It is very very good.", False, False),
        ("Он очень, очень, очень рад.", "Он очень, очень, очень рад.", False, False),
        ("A row of zeros: 0 0 0 0 0 0.", "A row of zeros: 0 0 0 0 0 0.", False, False),
        ("It costs ten. It costs ten and it costs ten and it costs ten and", "It costs ten.", True, False),
        ("One. Two. One. Two.", "One. Two. One. Two.", False, False),
        ("It is open. It is open.", "It is open.", True, False),
        ("According to [1], [2], [3], [4], [5], [6], [7], [8], [9],", "According to [1]", True, False),
        ("It is so [1][2][3][4][5][6][7].", "It is so [1][2][3][4][5][6][7].", False, False),
        ("It is open. Then the", "It is open.", False, True),
        ("The list:\n- one;\n- two;", "The list: - one; - two;", False, False),
    ],
)
def test_a_cut_says_what_was_wrong(text: str, kept: str, looped: bool, unfinished: bool) -> None:
    assert cut(text) == (kept, looped, unfinished)


@given(
    st.lists(st.sampled_from(["One two. ", "Три четыре! ", "five six", "[1]. ", "\n"]), max_size=12).map(
        "".join
    )
)
def test_cutting_keeps_the_beginning_and_adds_nothing(text: str) -> None:
    kept = trim(text)
    assert bool(kept) == bool(text.strip())
    assert "".join(text.split()).startswith("".join(kept.split()))


@given(st.integers(1, 9), st.integers(2, 9))
def test_a_loop_leaves_each_sentence_once(size: int, rounds: int) -> None:
    loop = [f"Sentence number {'x' * n} is here." for n in range(1, size + 1)]
    assert sentences(trim(" ".join(loop * rounds))) == loop


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=8, unique=True), st.integers(3, 9))
def test_a_phrase_said_over_and_over_stays_once(phrase: list[str], rounds: int) -> None:
    assert cut(" ".join(phrase * rounds)) == (" ".join(phrase), True, False)
