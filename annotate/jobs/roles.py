"""Which role the model of each kind of run plays."""

from __future__ import annotations

ROLES = {
    "reward_head": "reward_head",
    "reward": "reward",
    "sft": "policy",
    "sft_texts": "policy",
    "dpo": "policy",
    "kto": "policy",
    "orpo": "policy",
    "grpo": "policy",
    "rloo": "policy",
    "ppo": "policy",
    "distil": "policy",
    "vocabulary": "vocabulary",  # another tokenizer: no policy for the engine of the default one
    "quantize": "quantized",
    "embedder": "embedder",
    "embedder_texts": "embedder",
    "reranker": "reranker",
    "rejection": "",  # rows for `sft`, no model
}
POLICY, REWARD_ROLES = "policy", ("reward_head", "reward")


def role_of(kind: str) -> str:
    """Return the role of a kind's model; empty where it makes rows, the kind's own name where it is new."""
    return ROLES.get(kind, kind)
