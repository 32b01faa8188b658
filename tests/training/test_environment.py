"""The package is light to import, and a training process is offline before torch is loaded."""

import subprocess
import sys


def run(probe: str) -> str:
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


def test_import_loads_no_torch() -> None:
    assert (
        run("import sys, training; print({'torch', 'transformers', 'sklearn', 'trl'} & set(sys.modules))")
        == "set()"
    )


def test_settings_stand_unless_already_given() -> None:
    probe = (
        "import os; os.environ['TQDM_DISABLE'] = '0'\n"
        "from training.environment import prepare_environment; prepare_environment()\n"
        "print(os.environ['HF_HUB_OFFLINE'], os.environ['TQDM_DISABLE'])"
    )
    assert run(probe).split() == ["1", "0"]
