"""`pairloop train KIND --keep-share`: shown in the dry run, recorded in the snapshot, refused in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import queue_run
from annotate.reports import report_run
from annotate.settings import SETTINGS_FILE

from .conftest import pairloop

pytestmark = pytest.mark.models
THINGS = (
    "the library",
    "a kettle",
    "the station",
    "a painting",
    "the ticket",
    "a lake",
    "the council",
    "lunch",
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose eight questions were judged by three people, who disagree on the last four."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text("[training]\ntest_share = 0.25\n", "utf-8")
    votes = [
        {"question": f"Where is {thing}?", "answer_a": "Here.", "answer_b": "No.", "verdict": verdict,
         "assessor": f"person {number}"}
        for at, thing in enumerate(THINGS)
        for number, verdict in enumerate("AAA" if at < 4 else "AAB")
    ]  # fmt: skip
    file = tmp_path / "votes.jsonl"
    file.write_text("\n".join(map(json.dumps, votes)), "utf-8")
    done = pairloop("import", "jsonl", file, "-w", folder, "--kind", "person")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_dry_run_shows_what_is_left_out(workspace: Path) -> None:
    dry = ("train", "reward_head", "-w", workspace, "--dry-run", "--json")
    whole = json.loads(pairloop(*dry).stdout)
    chosen = json.loads(pairloop(*dry, "--least-agreement", 0.9).stdout)
    assert whole["left_out"] == {}
    out = chosen["left_out"]["selection"]
    assert 0 < len(out) < whole["train"]["rows"]
    assert chosen["train"]["rows"] == whole["train"]["rows"] - len(out)
    assert chosen["test"] == whole["test"]
    told = pairloop("train", "reward_head", "-w", workspace, "--dry-run", "--least-agreement", 0.9).stdout
    assert f"left out, selection: {len(out)}" in told


def test_a_queued_run_is_frozen_with_its_selection(workspace: Path) -> None:
    context = Context.open(workspace)
    wanted = {"share": 0.5, "by": "quality", "least_posterior": 0.0, "least_agreement": 0.0}
    run = report_run(context.store, queue_run(context, "reward_head", options=RunOptions(selection=wanted)))
    manifest = json.loads((Path(run.folder) / "manifest.json").read_text("utf-8"))
    assert manifest["split"]["selection"] == wanted
    assert manifest["left_out"]["selection"]
    rows = (Path(run.folder) / "train.jsonl").read_text("utf-8").splitlines()
    assert not {json.loads(row)["id"] for row in rows} & set(manifest["left_out"]["selection"])
    assert queue_run(context, "reward_head") != run.id
    context.store.engine.dispose()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--keep-share", 0), "share: input should be greater than 0"),
        (("--keep-share", 0.5, "--keep-by", "luck"), "by: input should be 'facility_location'"),
        (("--least-posterior", 2), "least_posterior: input should be less than or equal to 1"),
        (("--keep-share", 0.5, "--rows-from", 1), "run 1 chose its rows already"),
        (("--least-posterior", 1), "ask for less"),
    ],
)
def test_what_cannot_be_kept_is_said_in_one_line(
    workspace: Path, options: tuple[object, ...], said: str
) -> None:
    done = pairloop("train", "reward_head", "-w", workspace, "--dry-run", *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
