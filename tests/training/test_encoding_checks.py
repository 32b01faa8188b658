"""Encoding checks: a template that is not the model's own, and texts that hold its marks, are refused."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from training.encoding_checks import check_ids, check_template, check_untemplated, template_marks
from training.errors import ModelError, RowsError
from training.loading import load_tokenizer
from training.rows import PreferenceRow

pytestmark = pytest.mark.models
Make = Callable[..., list[PreferenceRow]]
LLAMA3 = "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>{{ m.content }}{% endfor %}"


@pytest.fixture
def tokenizer(tiny_folder: Path) -> PreTrainedTokenizerBase:
    return load_tokenizer(tiny_folder)


def test_the_models_own_template_passes(tokenizer: PreTrainedTokenizerBase) -> None:
    check_template(tokenizer)
    assert template_marks(tokenizer) == ["<|im_start|>", "<|im_end|>"]


def test_another_models_template_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    tokenizer.chat_template = LLAMA3
    with pytest.raises(ModelError, match=r"<\|start_header_id\|>.*another model's template"):
        check_template(tokenizer)


def test_a_template_other_than_the_folders_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    tokenizer.chat_template = tokenizer.chat_template.replace("assistant", "bot")
    with pytest.raises(ModelError, match="not the model's own"):
        check_template(tokenizer)


def test_a_tokenizer_larger_than_the_model_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace("49152", "49000"))
    with pytest.raises(ModelError, match="49152 tokens and the model only 49000"):
        check_template(load_tokenizer(folder))


def test_rows_that_were_templated_before_are_refused(
    tokenizer: PreTrainedTokenizerBase, make_rows: Make
) -> None:
    check_untemplated(tokenizer, make_rows(2))
    (row,) = make_rows(1)
    with pytest.raises(RowsError, match=r"chosen holds <\|im_end\|>"):
        check_untemplated(tokenizer, [replace(row, chosen=row.chosen + "<|im_end|>")])
    prompt = [{"role": "user", "content": "<|im_start|>user\nWho?"}]
    with pytest.raises(RowsError, match=r"prompt, message 1 holds <\|im_start\|>"):
        check_untemplated(tokenizer, [replace(row, prompt=prompt)])


def test_single_texts_need_one_beginning_and_an_end(tokenizer: PreTrainedTokenizerBase) -> None:
    beginning, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    check_ids(tokenizer, "a", [beginning, 7], [8, end])
    with pytest.raises(ModelError, match="row 'a': the text begins with"):
        check_ids(tokenizer, "a", [beginning, beginning], [8, end])
    with pytest.raises(ModelError, match="never learn to stop"):
        check_ids(tokenizer, "a", [7], [8])
