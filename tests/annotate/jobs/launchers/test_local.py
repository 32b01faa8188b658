"""Processes of this machine: known by number and start time, born with the lock of their folder."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from annotate.jobs.launchers import Handle, Job, LocalLauncher
from annotate.jobs.launchers.local import (
    PROCESS_FILE,
    group_members,
    hold_folder,
    note_process,
    process_lives,
    process_started,
)


class Sleeper(Job):
    """A job whose process sleeps, and so does the child that it has."""

    def command(self) -> list[str]:
        """Return a leader that writes its environment, starts a child and waits."""
        child = "import time; time.sleep(60)"
        code = (
            "import os, subprocess, sys, time; print(os.environ.get('CUDA_VISIBLE_DEVICES'), flush=True);"
            f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
        )
        return [sys.executable, "-c", code]


def until(holds: Callable[[], object], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def test_a_run_sees_its_gpus_and_leaves_nothing_behind_when_its_leader_is_killed(tmp_path: Path) -> None:
    launcher = LocalLauncher()
    handle = launcher.submit(Sleeper(1, tmp_path, gpu_ids=(2, 0)))
    assert handle is not None
    assert handle.pid is not None
    assert launcher.status(handle) == "running"
    until(lambda: launcher.logs(handle).text == "2,0\n")
    until(lambda: len(group_members(handle)) == 2)
    os.kill(handle.pid, signal.SIGKILL)
    until(lambda: launcher.status(handle) == "over")
    assert len(group_members(handle)) == 1  # the child that its leader left
    launcher.cancel(handle, force=True)
    until(lambda: not group_members(handle))


def test_a_folder_has_one_process_even_where_the_platform_forgot_it(tmp_path: Path) -> None:
    launcher, job = LocalLauncher(), Sleeper(1, tmp_path)
    first = launcher.submit(job)
    assert first is not None
    assert launcher.submit(job) is None  # it lives and has not said its number yet
    note = {"pid": first.pid, "started": first.pid_started, "host": first.host}
    (tmp_path / PROCESS_FILE).write_text(json.dumps(note))
    assert launcher.submit(job) == first
    launcher.cancel(first, force=True)
    until(lambda: launcher.status(first) == "over" and not group_members(first))
    again = launcher.submit(job)
    assert again is not None
    assert again.pid != first.pid
    launcher.cancel(again, force=True)
    until(lambda: launcher.status(again) == "over")


def test_a_number_used_again_is_another_process(tmp_path: Path) -> None:
    started = process_started(os.getpid())
    assert started is not None
    assert process_lives(os.getpid(), started)
    assert not process_lives(os.getpid(), started - 60)
    assert not process_lives(None, started)
    elsewhere = Handle(tmp_path, os.getpid(), started, host="another-machine")
    assert LocalLauncher().status(elsewhere) == "elsewhere"
    LocalLauncher().cancel(elsewhere, force=True)  # would end this very test


def test_who_is_started_by_another_hand_takes_the_folder_himself(tmp_path: Path) -> None:
    assert hold_folder(tmp_path)
    assert not hold_folder(tmp_path)
    note_process(tmp_path)
    assert json.loads((tmp_path / PROCESS_FILE).read_text())["pid"] == os.getpid()
