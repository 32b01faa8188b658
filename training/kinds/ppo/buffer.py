"""The buffer: a step's experience, handed out in shuffled batches as often as asked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from training.kinds.ppo.experience import Experience


class Buffer:
    """Hold a step's experience with advantages of mean 0 and deviation 1 over all of its tokens."""

    def __init__(self, experiences: Sequence[Experience]) -> None:
        tokens = torch.cat([one.advantages for one in experiences])
        mean, deviation = tokens.mean(), tokens.std(correction=0) + 1e-8
        self._experiences = [
            replace(one, advantages=(one.advantages - mean) / deviation) for one in experiences
        ]

    def __len__(self) -> int:
        return len(self._experiences)

    def batches(self, size: int, passes: int, rng: np.random.Generator) -> Iterator[list[Experience]]:
        """Yield every experience once a pass, in batches of up to `size`, in a new order each pass."""
        for _ in range(passes):
            order = rng.permutation(len(self._experiences))
            for start in range(0, len(order), size):
                yield [self._experiences[number] for number in order[start : start + size]]
