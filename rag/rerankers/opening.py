"""Open a folder as the reranker it holds."""

from __future__ import annotations

import json
from pathlib import Path

from rag.errors import ModelError
from rag.rerankers.base import Reranker
from rag.rerankers.cross_encoder import CrossEncoderReranker
from rag.rerankers.reward_head import RewardHeadReranker


def open_reranker(folder: Path) -> Reranker:
    """Return a trained reward head or a CrossEncoder, whichever the folder says it is.

    Raises ModelError where it is neither.
    """
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no model here that can rerank (config.json: {error})") from error
    kind = config.get("kind") if isinstance(config, dict) else None
    return RewardHeadReranker(folder) if kind == "reward_head" else CrossEncoderReranker(folder)
