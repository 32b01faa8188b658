"""A plain TRL script, as its documentation shows: the peer of `benchmarks.training_overhead`.

    python -m benchmarks.training_overhead_peer SETTINGS.json

Prints the Unix times at which its steps ended and its peak memory, as JSON on the last line.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification, AutoTokenizer, TrainerCallback
from trl import RewardConfig, RewardTrainer


class Clock(TrainerCallback):
    """Note when each optimiser step ends."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note the time."""
        self.times.append(time.time())


def main(settings: dict[str, Any]) -> None:
    """Train and print."""
    lines = Path(settings["rows"]).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]

    def side(row: dict[str, Any], name: str) -> list[dict[str, str]]:
        return [*row["prompt"], {"role": "assistant", "content": row[name]}]

    pairs = [{name: side(row, name) for name in ("chosen", "rejected")} for row in rows]
    tokenizer = AutoTokenizer.from_pretrained(settings["base"])
    model = AutoModelForSequenceClassification.from_pretrained(settings["base"], num_labels=1)
    model.config.pad_token_id = tokenizer.pad_token_id
    clock = Clock()
    trainer = RewardTrainer(
        model=model,
        args=RewardConfig(
            output_dir=settings["output"],
            use_cpu=True,
            bf16=False,
            activation_checkpointing=False,  # as ours, whose recipe does without
            max_steps=settings["steps"],
            per_device_train_batch_size=settings["batch_size"],
            gradient_accumulation_steps=settings["accumulation"],
            learning_rate=1e-3,
            max_length=settings["max_length"],
            center_rewards_coefficient=0.01,
            logging_steps=1,
            save_steps=settings["save_steps"],
            save_total_limit=2,
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=False,
            seed=0,
        ),
        train_dataset=Dataset.from_list(pairs),
        processing_class=tokenizer,
        peft_config=LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"]),
        callbacks=[clock],
    )
    trainer.train()
    trainer.save_model(settings["output"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"times": clock.times, "peak_mb": peak}) + "\n")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
