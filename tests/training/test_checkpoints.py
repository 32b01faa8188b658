"""Only whole checkpoints count; torn ones are cleared away."""

from pathlib import Path

import pytest

from training.checkpoints import find_damage, last_complete_checkpoint


def checkpoint(folder: Path, step: int, state: str | None = "{}", incomplete: bool = False) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    if state is not None:
        (path / "trainer_state.json").write_text(state)
    if incomplete:
        (path / "checkpoint-is-incomplete.txt").write_text("in progress")
    return path


def test_newest_whole_checkpoint_wins(tmp_path: Path) -> None:
    checkpoint(tmp_path, 9)
    newest = checkpoint(tmp_path, 10)
    torn = [
        checkpoint(tmp_path, 11, state=None),
        checkpoint(tmp_path, 12, state='{"global_st'),
        checkpoint(tmp_path, 13, incomplete=True),
    ]
    assert last_complete_checkpoint(tmp_path) == newest
    assert not any(path.exists() for path in torn)


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert last_complete_checkpoint(tmp_path / "missing") is None
    checkpoint(tmp_path, 3, state=None)
    assert last_complete_checkpoint(tmp_path) is None


def save(folder: Path, step: int) -> Path:
    """Write a checkpoint as a trainer does: weights, optimizer, and the state last."""
    import torch
    from safetensors.torch import save_file

    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    save_file({"w": torch.arange(8.0)}, checkpoint / "model.safetensors")
    torch.save({"state": torch.ones(16)}, checkpoint / "optimizer.pt")
    (checkpoint / "trainer_state.json").write_text('{"global_step": 1}')
    return checkpoint


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "trainer_state.json"])
@pytest.mark.parametrize("kept", [0.0, 0.9])
def test_a_checkpoint_cut_short_gives_way_to_the_one_before_it(
    tmp_path: Path, name: str, kept: float
) -> None:
    before, newest = save(tmp_path, 5), save(tmp_path, 10)
    assert last_complete_checkpoint(tmp_path) == newest
    content = (newest / name).read_bytes()
    (newest / name).write_bytes(content[: int(len(content) * kept)])
    assert find_damage(newest) == name
    assert last_complete_checkpoint(tmp_path) == before
    assert not newest.exists()


def test_flipped_bits_in_the_optimizer_are_noticed_without_unpickling(tmp_path: Path) -> None:
    checkpoint = save(tmp_path, 5)
    content = bytearray((checkpoint / "optimizer.pt").read_bytes())
    place = content.index(b"\x00\x00\x80\x3f")  # a stored 1.0
    content[place] ^= 0xFF
    (checkpoint / "optimizer.pt").write_bytes(bytes(content))
    assert find_damage(checkpoint) == "optimizer.pt"
    assert last_complete_checkpoint(tmp_path) is None
