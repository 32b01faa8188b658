"""Remember the vectors of the questions asked last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

CAPACITY = 4096  # 6 MB of 384-dimensional vectors


class QueryCache:
    """Hold at most `capacity` vectors, the least recently used going first; safe among threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def embed(
        self, texts: Sequence[str], embed: Callable[[list[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return the vectors (n, dimension) of the texts; only those not held are embedded, each once.

        Two threads that miss the same text at the same time both embed it: nobody waits.
        """
        found: dict[str, NDArray[np.float32]] = {}
        with self._lock:
            for text in texts:
                if text in self._vectors:
                    self._vectors.move_to_end(text)
                    found[text] = self._vectors[text]
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing or not texts:
            fresh = embed(missing)
            if not texts:
                return fresh
            found |= zip(missing, fresh.copy(), strict=True)
            self._keep({text: found[text] for text in missing})
        return np.stack([found[text] for text in texts])

    def _keep(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
