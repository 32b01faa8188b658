"""Adapters sit where the recipe says."""

from pathlib import Path

import pytest
from peft import get_peft_model

from training.adapters import frozen_depth, lora_config, old_peft_names
from training.errors import ModelError
from training.loading import load_policy
from training.recipes import Lora

pytestmark = pytest.mark.models


@pytest.mark.parametrize(("last", "layers"), [(None, {0, 1, 2, 3}), (1, {3}), (4, {0, 1, 2, 3})])
def test_last_layers_alone_train(tiny_folder: Path, last: int | None, layers: set[int]) -> None:
    model = load_policy(tiny_folder)
    lora = Lora(last_layers=last)
    assert frozen_depth(lora, model) == 4 - len(layers)
    with old_peft_names():
        adapted = get_peft_model(model, lora_config(lora, model, "CAUSAL_LM"))
    names = [name for name, weights in adapted.named_parameters() if weights.requires_grad]
    assert {int(name.split("layers.")[1].split(".")[0]) for name in names} == layers
    assert all("lora_" in name for name in names)


def test_more_layers_than_there_are_is_refused(tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match="4 layers"):
        lora_config(Lora(last_layers=5), load_policy(tiny_folder), "CAUSAL_LM")
