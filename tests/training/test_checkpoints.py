"""Only whole checkpoints count; torn ones are cleared away."""

from pathlib import Path

from training.checkpoints import last_complete_checkpoint


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
