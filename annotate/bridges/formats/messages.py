"""Turn prompts and answers between chat messages and plain texts, as the trainers of TRL take them."""

from __future__ import annotations

from typing import Any

from annotate.errors import BridgeError

Message = dict[str, str]
_GAP = "\n\n"
_LABELS = ("\n\nQuestion: ", "\n\nВопрос: ")  # how our own prompts head the question


def asked(prompt: list[Message]) -> str:
    """Return the question of a prompt: what its last user says, without the passages before it."""
    said = [message["content"] for message in prompt if message["role"] == "user"] or [plain(prompt)]
    for label in _LABELS:
        before, found, question = said[-1].rpartition(label)
        if found and before and question.strip():
            return question
    return said[-1]


def assistant(text: str) -> list[Message]:
    """Return an answer as the one message of an assistant."""
    return [{"role": "assistant", "content": text}]


def plain(messages: list[Message]) -> str:
    """Return a prompt as plain text: the contents of its messages with an empty line between."""
    return _GAP.join(message["content"] for message in messages)


def joined(messages: list[Message], answer: str) -> str:
    """Return prompt and answer as one plain text."""
    return f"{plain(messages)}{_GAP}{answer}"


def prompt_of(value: Any) -> list[Message]:
    """Read a prompt that is a text or a list of messages; raise BridgeError when it is neither."""
    if isinstance(value, str) and value.strip():
        return [{"role": "user", "content": value}]
    return _messages(value, "prompt")


def answer_of(value: Any, name: str) -> str:
    """Read an answer that is a text or the messages of an assistant; raise BridgeError otherwise."""
    return value if isinstance(value, str) else plain(_messages(value, name))


def split_prompt(chosen: Any, rejected: Any) -> tuple[list[Message], str, str]:
    """Part a prompt that is not named from the two answers that begin with it.

    Messages part exactly: all before the last one. Plain texts part at the last empty line of what
    both share, or else at its last space, as TRL's `extract_prompt` does; answers that begin alike
    lose their common beginning to the prompt. Raises BridgeError when the two share no beginning.
    """
    if isinstance(chosen, str) and isinstance(rejected, str):
        prompt, first, second = _split_texts(chosen, rejected)
        return prompt_of(prompt), first, second
    first_messages, second_messages = _messages(chosen, "chosen"), _messages(rejected, "rejected")
    prompt_messages = first_messages[:-1]
    if not prompt_messages or prompt_messages != second_messages[:-1]:
        raise BridgeError("chosen and rejected do not begin with the same prompt")
    return prompt_messages, first_messages[-1]["content"], second_messages[-1]["content"]


def _split_texts(chosen: str, rejected: str) -> tuple[str, str, str]:
    shared = next(
        (at for at, (a, b) in enumerate(zip(chosen, rejected, strict=False)) if a != b),
        min(len(chosen), len(rejected)),
    )
    at = chosen.rfind(_GAP, 0, shared)
    if at > 0:
        return chosen[:at], chosen[at + len(_GAP) :], rejected[at + len(_GAP) :]
    at = chosen.rfind(" ", 0, shared)
    if at <= 0:
        raise BridgeError("chosen and rejected do not begin with the same prompt")
    return chosen[:at], chosen[at + 1 :], rejected[at + 1 :]


def _messages(value: Any, name: str) -> list[Message]:
    good = isinstance(value, list) and value and all(map(_is_message, value))
    if not good:
        raise BridgeError(f"{name} is neither a text nor a list of messages with role and content")
    return [{"role": message["role"], "content": message["content"]} for message in value]


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("role"), str)
        and isinstance(value.get("content"), str)
    )
