"""Shared by the tests of the commands: call one as its process would, without starting one."""

from __future__ import annotations

import io
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from annotate.cli import main


def pairloop(*arguments: object) -> CompletedProcess[str]:
    """Run `pairloop` in this process, from its arguments to its exit status.

    Starting a process costs more than most commands; that one starts, ends and dies as it should is
    tested with real ones in `test_cli`.
    """
    command = ["pairloop", *map(str, arguments)]
    out, errors, status = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(errors),
        warnings.catch_warnings(),
    ):
        patch.setattr(sys, "argv", command)
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
    return CompletedProcess(command, status, out.getvalue(), errors.getvalue())
