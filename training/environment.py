"""The environment of a training process: it asks no network for anything and shares its cores."""

import os

_SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",  # the trainers ping the hub otherwise
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",  # progress goes to RUN/progress.jsonl
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    # Threads that wait must not spin: on cores shared with other work that made training twice as slow.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def prepare_environment() -> None:
    """Switch off the hub, telemetry, progress bars and spinning threads; call it before torch is imported.

    What the environment already says stands.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
