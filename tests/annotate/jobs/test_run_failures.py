"""Reasons of failures: one line each, even where the disk is full."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from annotate.jobs.run_failures import RESERVE_FILE, describe, is_disk_full, keep_reserve, write_error


def test_an_error_is_one_line_with_its_type(tmp_path: Path) -> None:
    assert describe(ValueError("two\nlines"), tmp_path) == "ValueError: two lines"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EFBIG, "File too large"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
        RuntimeError("basic_ios::clear: iostream error"),
    ],
)
def test_a_full_disk_is_called_one_whoever_met_it(tmp_path: Path, error: Exception) -> None:
    assert is_disk_full(error)
    wrapped = ValueError("the checkpoint could not be written")
    wrapped.__cause__ = error
    assert describe(wrapped, tmp_path).startswith(f"DiskFull: {tmp_path}: no space left")
    assert not is_disk_full(ValueError("something else"))


def test_the_reserve_is_given_up_for_the_reason(tmp_path: Path) -> None:
    keep_reserve(tmp_path)
    assert (tmp_path / RESERVE_FILE).stat().st_size > 0
    write_error(tmp_path, "it went wrong")
    assert (tmp_path / RESERVE_FILE).exists()
    assert (tmp_path / "error.txt").read_text() == "it went wrong\n"


def test_a_run_that_may_write_no_more_still_says_why(tmp_path: Path) -> None:
    """A limit on the size of files stands for a quota: the process really cannot write on."""
    code = (
        "import resource, signal, sys, pathlib\n"
        "from annotate.jobs.run_failures import describe, keep_reserve, write_error\n"
        "folder = pathlib.Path(sys.argv[1]); keep_reserve(folder)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    (folder / 'weights').write_bytes(bytes(10000))\n"
        "except OSError as error:\n    write_error(folder, describe(error, folder))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
    assert (tmp_path / "error.txt").read_text().startswith("DiskFull: ")
