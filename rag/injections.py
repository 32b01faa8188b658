"""Detect text that gives orders to the model: "ignore the sources", in Russian and English.

Patterns find the known wordings of prompt injection (Perez & Ribeiro, "Ignore Previous Prompt",
2022); they cannot find all. What they find is flagged and shown; nothing is removed.
"""

from __future__ import annotations

import re

from rag.language import sentences

_EN_OBJECT = (
    r"(?:instructions?|prompts?|rules|passages?|sources|guidelines|documents|context|restrictions|"
    r"safety (?:settings|rules)|ethics)"
)
_RU_OBJECT = (
    r"(?:инструкци\w+|указани\w+|промпт\w*|правил\w*|источник\w*|отрывк\w+|документ\w*|контекст\w*|"
    r"ограничени\w+)"
)
_RU_ORDER = (
    r"(?:игнорируй(?:те)?|проигнорируй(?:те)?|забудь(?:те)?|отбрось(?:те)?|отключи(?:те)?|"
    r"не обращай(?:те)? внимания на|не следуй(?:те)?|нарушь(?:те)?)"
)
_PATTERNS = (
    rf"\b(?<!not )(?:ignore|disregard|forget|override|bypass|drop)\b(?: \w+){{0,4}} {_EN_OBJECT}\b",
    r"\b(?:reveal|print|repeat|show|output|leak)\b(?: \w+){0,4} (?:system|hidden|initial|your|secret)"
    r"(?: \w+)? (?:prompts?|instructions?)\b",
    r"\bfrom now on,? you (?:are|will|must)\b",
    r"\byou are now (?:an? )?(?:\w+ ){0,3}(?:assistant|ai|model|dan|chatbot)\b",
    r"\b(?:pretend|act as if) (?:that )?you (?:have no|are not bound)\b",
    r"\b(?:new|updated) (?:system )?instructions?( for (?:the )?(?:assistant|model|ai))?:",
    r"\b(?:reply|respond|answer)(?: only)? with (?:only )?(?:the )?(?:word|phrase|text)s? [\"“«'A-Z]",
    r"\b(?:dear |attention,? )?(?:ai|llm|language model|assistant|chatbot)s?,? (?:you )?must "
    r"(?:not )?(?:say|answer|reply|tell|recommend|write|cite)\b",
    r"\bjailbreak\b.{0,20}\bmode\b|\bdeveloper mode (?:on|enabled)\b",
    r"<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<</?SYS>>",
    rf"(?<!не )\b{_RU_ORDER}(?: [\w-]+){{0,4}} {_RU_OBJECT}(?!\w)",
    r"\b(?:выведи|повтори|покажи|раскрой|напечатай)(?:те)?\b(?: [\w-]+){0,4} "
    r"(?:системн\w+|скрыт\w+|сво[ийюе]\w*|начальн\w+)(?: [\w-]+)? (?:промпт\w*|инструкци\w+)",
    r"\b(?:отныне|с этого момента|теперь) ты (?:—|-|будешь|должен|dan|свободен|больше не)",
    r"\bпритворись\b.{0,20}\bнет (?:правил|ограничений)|\bу тебя (?:больше )?нет (?:правил|ограничений)",
    r"\b(?:ответь|отвечай|напиши)(?:те)? (?:только|лишь) (?:словом|фразой|текстом)\b",
    r"\b(?:ассистент|нейросеть|языковая модель|чат-бот),? (?:ты )?(?:должен|должна|обязан|обязана)\b",
    r"\bновые (?:системные )?инструкции(?: для (?:модели|ассистента))?:",
    r"\bрежим разработчика (?:включ[её]н|активирован)",
)
_ORDER = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def find_instructions(text: str) -> list[str]:
    """Return the sentences that order the model about, in order, each at most 200 characters."""
    # The whole text is tried first: nearly every passage is clean, and splitting it costs more.
    if not _ORDER.search(" ".join(text.split())):
        return []
    return [part[:200] for part in sentences(text) if _ORDER.search(" ".join(part.split()))] or [
        text.strip()[:200]
    ]
