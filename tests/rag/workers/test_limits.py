"""What a limited process can and cannot do, tried in real processes."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from rag.workers.limits import Limits

LIMITED = """
import importlib.util, sys
sys.modules["rag"] = importlib.util.module_from_spec(importlib.util.find_spec("rag"))
from pathlib import Path
from rag.workers.limits import Limits, limit_next_task, limit_process
limit_process(Limits(memory_bytes=64 << 20))
limit_next_task(Limits(cpu_seconds=1))
try:
    {action}
except BaseException as error:
    print(type(error).__name__)
else:
    print("done")
"""

PARENT = """
import importlib.util, sys, time
sys.modules["rag"] = importlib.util.module_from_spec(importlib.util.find_spec("rag"))
from pathlib import Path
import psutil
from rag.parsers.worker import ParserWorker
worker = ParserWorker()
worker.parse(Path(sys.argv[1]))
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("len(bytearray(16 << 20))", "done"),
        ("len(bytearray(128 << 20))", "MemoryError"),
        ("Path(sys.argv[1]).write_text('x')", "OSError"),
        ("sum(range(10 ** 12))", ""),  # the kernel ended it
    ],
)
def test_memory_files_and_time_are_limited(tmp_path: Path, action: str, outcome: str) -> None:
    command = [sys.executable, "-c", LIMITED.format(action=action), str(tmp_path / "written")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == outcome
    assert (done.returncode == 0) == bool(outcome)


def test_time_grows_with_the_request() -> None:
    limits = Limits(cpu_seconds=10, wall_seconds=20.0, seconds_per_megabyte=100.0)
    assert limits.seconds_for(0) == (10, 20.0)
    assert limits.seconds_for(2_000_000) == (210, 220.0)


def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text", "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(file)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([child], timeout=20)[1]
