"""GGUF in: a plain folder that computes the same and can be trained."""

from pathlib import Path

import pytest

from training.errors import ModelError
from training.gguf_import import import_gguf
from training.loading import load_policy, load_tokenizer

pytestmark = pytest.mark.models


def test_folder_is_plain_trainable_and_talks_sense(smollm2_folder: Path) -> None:
    model, tokenizer = load_policy(smollm2_folder), load_tokenizer(smollm2_folder)
    assert not hasattr(model.config, "quantization_config")
    assert sum(weights.numel() for weights in model.parameters()) == 134_515_008
    ids = tokenizer("The capital of France is", return_tensors="pt")
    answer = model.generate(**ids, max_new_tokens=3, do_sample=False)
    assert "Paris" in tokenizer.decode(answer[0])


def test_second_import_does_nothing(smollm2_gguf: Path, smollm2_folder: Path) -> None:
    before = (smollm2_folder / "model.safetensors").stat().st_mtime_ns
    assert import_gguf(smollm2_gguf, smollm2_folder) == smollm2_folder
    assert (smollm2_folder / "model.safetensors").stat().st_mtime_ns == before


def test_other_content_and_broken_files_leave_nothing_behind(tmp_path: Path, smollm2_folder: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF nonsense")
    with pytest.raises(ModelError, match="holds something else"):
        import_gguf(broken, smollm2_folder)
    with pytest.raises(ModelError, match="cannot be read as GGUF"):
        import_gguf(broken, tmp_path / "target")
    with pytest.raises(ModelError, match="no such GGUF file"):
        import_gguf(tmp_path / "none.gguf", tmp_path / "target")
    assert list(tmp_path.iterdir()) == [broken]
