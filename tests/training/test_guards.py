"""Guards: nothing vanishes silently, nothing malformed is trained on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedPair, encode_pairs
from training.errors import LengthError, ModelError, RowsError
from training.guards import check_encoding, check_not_swapped, check_template, decode_samples, drop_long
from training.loading import load_tokenizer
from training.rows import PreferenceRow

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> PreTrainedTokenizerBase:
    return load_tokenizer(tiny_folder)


@pytest.fixture(scope="module")
def pairs(
    tokenizer: PreTrainedTokenizerBase, make_rows: Callable[..., list[PreferenceRow]]
) -> list[EncodedPair]:
    return encode_pairs(tokenizer, make_rows(4))


def test_long_rows_are_counted_by_side_and_named(pairs: list[EncodedPair]) -> None:
    longer = replace(pairs[1], rejected_ids=pairs[1].rejected_ids * 20)
    given = [pairs[0], longer, pairs[2]]
    kept, report = drop_long(given, max_length=100)
    assert kept == [pairs[0], pairs[2]]
    assert (report.chosen_over, report.rejected_over, report.dropped_ids) == (0, 1, [longer.row.id])
    report.refuse_above(0.4)
    with pytest.raises(LengthError, match="1 of 3 rows are longer than max_length 100"):
        report.refuse_above(0.2)


def test_a_row_of_exactly_max_length_stays(pairs: list[EncodedPair]) -> None:
    longest = max(len(pair.chosen_text_ids) for pair in pairs)
    assert len(drop_long(pairs, longest)[0]) == len(pairs)


def test_nothing_left_is_refused_whatever_the_share(pairs: list[EncodedPair]) -> None:
    with pytest.raises(LengthError):
        drop_long(pairs, 3)[1].refuse_above(0.999)


def test_sound_pairs_pass_and_are_shown(tokenizer: PreTrainedTokenizerBase, pairs: list[EncodedPair]) -> None:
    check_template(tokenizer)
    check_encoding(tokenizer, pairs)
    sample = decode_samples(tokenizer, pairs, count=1)[0]
    assert sample["prompt"].endswith("<|im_start|>assistant\n")
    assert sample["chosen"] == pairs[0].row.chosen + "<|im_end|>\n"


def test_doubled_beginning_is_refused(tokenizer: PreTrainedTokenizerBase, pairs: list[EncodedPair]) -> None:
    doubled = replace(pairs[0], prompt_ids=[tokenizer.bos_token_id, *pairs[0].prompt_ids])
    with pytest.raises(ModelError, match="twice"):
        check_encoding(tokenizer, [doubled])


def test_answers_that_never_end_are_refused(
    tokenizer: PreTrainedTokenizerBase, pairs: list[EncodedPair]
) -> None:
    end = tokenizer.eos_token_id
    endless = replace(pairs[0], chosen_ids=[token for token in pairs[0].chosen_ids if token != end])
    with pytest.raises(ModelError, match="never learn to stop"):
        check_encoding(tokenizer, [endless])


def test_sides_that_read_the_same_are_refused(
    tokenizer: PreTrainedTokenizerBase, pairs: list[EncodedPair]
) -> None:
    with pytest.raises(RowsError, match="same tokens"):
        check_encoding(tokenizer, [replace(pairs[0], rejected_ids=pairs[0].chosen_ids)])


def test_template_with_todays_date_is_refused(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(tiny_folder)
    tokenizer.chat_template = "{{ strftime_now('%d %b %Y') }}" + tokenizer.chat_template
    with pytest.raises(ModelError, match="today's date"):
        check_template(tokenizer)


def test_swapped_labels_are_noticed() -> None:
    rng = np.random.default_rng(0)
    better, worse = rng.normal(1, 1, 60), rng.normal(0, 1, 60)
    assert check_not_swapped(better, worse, range(60), rng).value > 0.6
    with pytest.raises(RowsError, match="swapped"):
        check_not_swapped(worse, better, range(60), rng)
    check_not_swapped(rng.normal(0, 1, 60), rng.normal(0, 1, 60), range(60), rng)  # chance is no alarm
