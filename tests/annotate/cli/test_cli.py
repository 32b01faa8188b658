"""Use the command as a person does: as a process, with its exit status and its one line of error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from annotate.cli import VERBS
from annotate.cli.lazy import Verb
from tests.annotate.cli.conftest import pairloop

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    assert pairloop("init", folder).returncode == 0
    return folder


def refused(result: subprocess.CompletedProcess[str], said: str) -> None:
    assert result.returncode == 1, result.stderr
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_init_writes_settings_that_load_and_never_overwrites_them(workspace: Path) -> None:
    before = (workspace / "pairloop.toml").read_text("utf-8")
    assert json.loads(pairloop("models", "-w", workspace, "--json").stdout) == []
    refused(pairloop("init", workspace), "exists already")
    assert (workspace / "pairloop.toml").read_text("utf-8") == before


def test_every_verb_has_help() -> None:
    text = pairloop("--help").stdout
    assert all(verb.name in text for verb in VERBS)
    assert "policy" in pairloop("evaluate", "--help").stdout


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_help_is_what_the_command_says_of_itself(verb: Verb) -> None:
    target = verb.load()
    said = target.info.help if isinstance(target, typer.Typer) else target.__doc__
    assert said.splitlines()[0] == verb.help


@pytest.mark.parametrize("asked", [["--help"], ["--version"], ["no-such-verb"], ["init", "folder"]])
def test_only_what_a_verb_needs_is_imported(asked: list[str], tmp_path: Path) -> None:
    script = (
        "import atexit, sys\n"
        "heavy = ['numpy', 'sqlalchemy', 'torch', 'rag', 'active', 'training']\n"
        "atexit.register(lambda: print('loaded:', *(name for name in heavy if name in sys.modules)))\n"
        "from annotate.cli import main\n"
        "main()"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *asked]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (2 if asked == ["no-such-verb"] else 0), done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_a_misspelt_verb_is_met_with_the_nearest() -> None:
    result = pairloop("evalute", "answers")
    assert result.returncode == 2
    assert "Did you mean 'evaluate'?" in result.stderr


def hear_ctrl_c() -> None:
    """Undo what a shell does to programs that it starts in the background: these ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_what_is_interrupted_says_how_to_go_on(workspace: Path) -> None:
    command = [sys.executable, "-m", "annotate.cli", "worker", "-w", str(workspace)]
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    ) as worker:
        while not (workspace / "pairloop.db").exists():
            assert worker.poll() is None
            time.sleep(0.05)
        worker.send_signal(signal.SIGINT)
        try:
            _, said = worker.communicate(timeout=30)
        finally:
            worker.kill()
    assert worker.returncode == 130
    assert said == "interrupted; start the same command again to go on\n"


def test_bad_input_ends_with_one_line(workspace: Path, tmp_path: Path) -> None:
    refused(pairloop("ask", "x", "-w", tmp_path / "nowhere"), "pairloop init")
    refused(pairloop("ingest", tmp_path / "nothing", "-w", workspace), "no such file or folder")
    refused(pairloop("select", "-w", workspace), "pairloop pairs")
    refused(pairloop("pairs", "-w", workspace), "the corpus is empty")
    refused(pairloop("train", "wishes", "-w", workspace), "known: reward_head, reward, dpo")
    refused(pairloop("export", "trl", tmp_path / "x.jsonl", "-w", workspace), "label pairs first")
    refused(pairloop("evaluate", "policy", 3, "-w", workspace), "no model number 3")
    assert not (tmp_path / "x.jsonl").exists()


def test_a_corrupt_workspace_is_said_and_left_as_it_is(workspace: Path) -> None:
    database = workspace / "pairloop.db"
    database.write_bytes(b"this is no database, but it is somebody's file" * 100)
    before = database.read_bytes()
    refused(pairloop("runs", "-w", workspace), "not a usable Pairloop database")
    assert database.read_bytes() == before
    (workspace / "pairloop.toml").write_text("[labelling]\noverlap = 'many'\n", "utf-8")
    refused(pairloop("runs", "-w", workspace), "labelling.overlap")


def test_an_unreadable_pdf_costs_itself_only(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.md").write_text("# Hours\n\nThe library opens at nine.\n", "utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 cut short")
    result = pairloop("ingest", folder, "-w", workspace, "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    (failure,) = report["sources"][str(folder)]["failed"]
    assert failure["document"] == "documents:bad.pdf"
    assert "unreadable PDF" in failure["reason"]
    assert report["corpus"]["documents"] == 1


def test_a_corpus_of_bad_files_only_is_an_error(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"no pdf")
    result = pairloop("ingest", tmp_path / "bad.pdf", "-w", workspace)
    assert result.returncode == 1
    assert "no document could be read" in result.stderr


def test_people_are_added_listed_and_stopped(workspace: Path) -> None:
    assert pairloop("assessors", "add", "Анна", "-w", workspace, "--language", "ru").returncode == 0
    assert pairloop("assessors", "stop", "Анна", "-w", workspace).returncode == 0
    (found,) = json.loads(pairloop("assessors", "list", "-w", workspace, "--json").stdout)
    assert (found["name"], found["kind"], found["languages"]) == ("Анна", "person", ["ru"])
    assert found["state"] == "paused"
    refused(pairloop("assessors", "stop", "Boris", "-w", workspace), "no assessor named Boris")
