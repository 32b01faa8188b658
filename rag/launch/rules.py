"""Decide the plain cases without a model: empty, too long, greetings, injections, open danger."""

from __future__ import annotations

import re

from rag.injections import find_instructions
from rag.language import words
from rag.launch.decisions import LaunchDecision

MAX_CHARACTERS = 2000

# Whole messages only: "Hello, how do I cancel?" is a question.
_SMALL_TALK = {
    "greeting": (
        "hi|hello|hey|hi there|hello there|good morning|good afternoon|good evening|greetings|"
        "привет|приветствую|здравствуй|здравствуйте|доброе утро|добрый день|добрый вечер|доброго дня"
    ),
    "thanks": (
        "thanks|thank you|thanks a lot|many thanks|thank you very much|thx|"
        "спасибо|большое спасибо|спасибо большое|благодарю|спс|спасибо вам"
    ),
    "farewell": "bye|goodbye|bye bye|see you|пока|до свидания|всего доброго|всего хорошего",
}
_WHOLE = {phrase: topic for topic, listed in _SMALL_TALK.items() for phrase in listed.split("|")}

# Open wishes only; what merely mentions such a thing is left to the classifier.
_DANGERS = {
    "self_harm": (
        r"\b(?:kill|hang|harm|hurt|cut) myself\b|\bend my (?:own )?life\b|\bcommit suicide\b|"
        r"\bпокончить с собой\b|\bубить себя\b|\bсовершить самоубийство\b|\bхочу умереть\b|\bповеситься\b|"
        r"\bне хочу (?:больше )?жить\b"
    ),
    "unsafe": (
        r"\b(?:make|build|cook|assemble)\b.{0,30}\b(?:bombs?|explosives?|meth|napalm|nerve gas)\b|"
        r"\b(?:сделать|собрать|изготовить|сварить)\b.{0,30}"
        r"\b(?:бомб[уы]|взрывчатк[уи]|взрывное устройство|мефедрон|метамфетамин|напалм)(?!\w)"
    ),
}
_DANGER = {topic: re.compile(pattern, re.IGNORECASE) for topic, pattern in _DANGERS.items()}


def decide_by_rule(question: str, max_characters: int = MAX_CHARACTERS) -> LaunchDecision | None:
    """Return the decision of the first rule that fits, or None where none does."""
    found = words(question)
    if not any(re.search(r"[^\W_]", word) for word in found):
        return LaunchDecision("stub", "rule: the question is empty", topic="empty")
    if len(question) > max_characters:
        reason = f"rule: {len(question)} characters, more than {max_characters}"
        return LaunchDecision("refuse", reason, topic="too_long")
    if topic := _WHOLE.get(" ".join(found)):
        return LaunchDecision("stub", f"rule: the whole message is a {topic}", topic=topic)
    for topic, pattern in _DANGER.items():
        if danger := pattern.search(question):
            return LaunchDecision("refuse", f"rule: {topic}: “{danger[0]}”", topic=topic)
    if orders := find_instructions(question):
        return LaunchDecision("refuse", f"rule: instructs the model: “{orders[0]}”", topic="injection")
    return None
