"""Fingerprints see the weights and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from training.errors import ModelError
from training.fingerprints import weights_fingerprint


def test_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    save_file({"w": np.zeros(3)}, tmp_path / "model.safetensors")
    first = weights_fingerprint(tmp_path)
    (tmp_path / "README.md").write_text("words")
    assert weights_fingerprint(tmp_path) == first
    save_file({"w": np.ones(3)}, tmp_path / "model.safetensors")
    assert weights_fingerprint(tmp_path) != first


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model here"):
        weights_fingerprint(tmp_path)


def test_other_products_of_a_run_count_as_well(tmp_path: Path) -> None:
    for name in ("model.bin", "demonstrations.jsonl"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_bytes(b"one")
        first = weights_fingerprint(folder)
        (folder / name).write_bytes(b"two")
        assert weights_fingerprint(folder) != first
