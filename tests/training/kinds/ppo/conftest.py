"""A very small policy over a handful of tokens, so that all its answers can be enumerated."""

from collections.abc import Callable

import pytest


@pytest.fixture
def make_models() -> Callable[..., object]:
    """Give actor and critic over `vocabulary` tokens."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from training.adapters import lora_config
    from training.kinds.ppo.actor_critic import ActorCritic
    from training.recipes import Lora

    def make(vocabulary: int = 8, seed: int = 0) -> ActorCritic:
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            tie_word_embeddings=False,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=0,
            initializer_range=0.1,
        )
        base = LlamaForCausalLM(config)
        lora = Lora(r=8, alpha=16, target_modules=["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"])
        return ActorCritic(base, lora_config(lora, base, "CAUSAL_LM"), seed)

    return make
