"""Prompts to reward answers to."""

from collections.abc import Callable

import pytest

from training.rows import PromptRow


@pytest.fixture
def ask() -> Callable[..., PromptRow]:
    """Make a prompt that shows some passages."""

    def make(passages: int = 2, language: str = "en", text: str = "What is it?") -> PromptRow:
        prompt = [{"role": "user", "content": text}]
        return PromptRow(id="p", question_id="q", prompt=prompt, passages=passages, language=language)

    return make
