import ctypes
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from annotate.ui.heap import HEAPS, trimmed

THREADS = 12
PROGRAM = f"""
import ctypes, sys, threading
from annotate.ui.heap import share_one_heap
libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    sys.exit(3)
if sys.argv[1] == "shared":
    assert share_one_heap()
together = threading.Barrier({THREADS})
def allocate():
    kept = bytearray(50_000)
    together.wait(30)
threads = [threading.Thread(target=allocate) for _ in range({THREADS})]
for one in threads:
    one.start()
for one in threads:
    one.join()
libc.fopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, stream)
libc.fclose(stream)
"""


def heaps_of_threads(how: str, file: Path) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how, str(file)], timeout=60)
    if done.returncode == 3:
        pytest.skip("the C library does not tell of its heaps")
    assert done.returncode == 0
    return len(re.findall(r"<heap nr=", file.read_text()))


def test_threads_share_one_heap(tmp_path: Path) -> None:
    assert heaps_of_threads("shared", tmp_path / "shared.xml") == HEAPS
    assert heaps_of_threads("apart", tmp_path / "apart.xml") > HEAPS


def private_bytes() -> int:
    text = Path("/proc/self/smaps_rollup").read_text()
    return 1024 * int(re.search(r"Private_Dirty:\s+(\d+)", text)[1])  # type: ignore[index]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_free_pages_amid_the_heap_are_given_back() -> None:
    blocks = [bytearray(60_000) for _ in range(1_000)]
    last = bytearray(60_000)  # keeps the heap's end in use
    full = private_bytes()
    del blocks[::2]  # each lies between two that stay
    with trimmed(every_seconds=0.01):
        until = time.monotonic() + 10
        while private_bytes() > full - 20_000_000 and time.monotonic() < until:
            time.sleep(0.01)
    assert private_bytes() < full - 20_000_000
    assert not any(last)
