"""GGUF into a plain Hugging Face folder that can be trained."""

import copy
import json
import shutil
import struct
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from training.errors import ModelError
from training.fingerprints import file_fingerprint

SOURCE_FILE = "gguf_source.json"


def import_gguf(gguf: Path, folder: Path) -> Path:
    """Convert a GGUF file to float32 safetensors with tokenizer and chat template, and give the folder.

    Does nothing where the folder already holds this file's weights; appears whole or not at all. Raises
    ModelError where the file is missing, cannot be read, or the folder holds another model.
    """
    if not gguf.is_file():
        raise ModelError(f"{gguf}: no such GGUF file")
    source = {"file": gguf.name, "sha256": file_fingerprint(gguf)}
    if folder.exists():
        return _same_source(folder, source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _convert(gguf, draft)
        (draft / SOURCE_FILE).write_text(json.dumps(source, indent=2) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        try:
            draft.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was first
                raise
        return _same_source(folder, source)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _same_source(folder: Path, source: dict[str, str]) -> Path:
    try:
        known = json.loads((folder / SOURCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = None
    if known != source:
        raise ModelError(
            f"{folder}: holds something else than {source['file']}; remove it or name another folder"
        )
    return folder


def _convert(gguf: Path, folder: Path) -> None:
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise ModelError(f"{gguf}: cannot be read as GGUF: {' '.join(str(error).split())}") from error
    # The loaded model counts as quantized: it can be neither trained nor saved. A plain one takes its
    # weights.
    config = copy.deepcopy(loaded.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with torch.device("meta"):
        plain = type(loaded)(config)
    plain.load_state_dict(loaded.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = loaded.generation_config
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
