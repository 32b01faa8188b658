"""Loading says in one line what is wrong with a folder."""

from pathlib import Path

import pytest

from training.errors import ModelError
from training.loading import load_policy, load_tokenizer

pytestmark = pytest.mark.models


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    for load in (load_policy, load_tokenizer):
        with pytest.raises(ModelError, match=r"no config\.json"):
            load(tmp_path)


def test_broken_config_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError) as caught:
        load_policy(tmp_path)
    assert "\n" not in str(caught.value)


def test_tokenizer_without_template_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_folder / name).read_bytes())
    with pytest.raises(ModelError, match="no chat template"):
        load_tokenizer(tmp_path)
