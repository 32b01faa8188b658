"""Only whole checkpoints count; torn ones are cleared away."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.checkpoints import SEAL_FILE, find_damage, last_complete_checkpoint, seal


def checkpoint(folder: Path, step: int, state: str | None = "{}") -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    if state is not None:
        (path / "trainer_state.json").write_text(state)
    return path


def test_newest_whole_checkpoint_wins(tmp_path: Path) -> None:
    checkpoint(tmp_path, 9)
    newest = checkpoint(tmp_path, 10)
    torn = [
        checkpoint(tmp_path, 11, state=None),
        checkpoint(tmp_path, 12, state='{"global_st'),
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


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "trainer_state.json", SEAL_FILE])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_flipped_bit_makes_a_sealed_checkpoint_give_way(
    tmp_path: Path, name: str, place: float, bit: int
) -> None:
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    before, newest = (save(tmp_path / "run", step) for step in (5, 10))
    for one in (before, newest):
        seal(one)
    told: list[tuple[str, str]] = []
    assert (
        last_complete_checkpoint(tmp_path / "run", lambda one, file: told.append((one.name, file))) == newest
    )
    content = bytearray((newest / name).read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    (newest / name).write_bytes(bytes(content))
    assert (
        last_complete_checkpoint(tmp_path / "run", lambda one, file: told.append((one.name, file))) == before
    )
    assert [one for one, _ in told] == ["checkpoint-10"]
    assert not newest.exists()


def test_a_sealed_checkpoint_lacks_no_file(tmp_path: Path) -> None:
    whole = save(tmp_path, 5)
    (whole / "parts").mkdir()
    (whole / "parts" / "one.bin").write_bytes(b"1")
    seal(whole)
    seal(whole)  # again, as after a resume
    assert find_damage(whole) == ""
    (whole / "parts" / "one.bin").unlink()
    assert find_damage(whole) == "parts/one.bin"


def test_a_checkpoint_without_a_seal_is_one_of_an_earlier_release(tmp_path: Path) -> None:
    unsealed = save(tmp_path, 5)
    assert last_complete_checkpoint(tmp_path) == unsealed
