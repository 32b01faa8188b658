"""Keep the canned replies, by topic and language."""

from __future__ import annotations

from rag.launch.decisions import LaunchDecision

_REPLIES = {
    "empty": ("Please write a question.", "Напишите, пожалуйста, вопрос."),
    "too_long": (
        "The question is too long. Please shorten it.",
        "Вопрос слишком длинный. Сократите его, пожалуйста.",
    ),
    "greeting": (
        "Hello! Ask me something about the documents.",
        "Здравствуйте! Спросите что-нибудь о содержании документов.",
    ),
    "thanks": ("You are welcome.", "Пожалуйста, обращайтесь."),
    "farewell": ("Goodbye!", "До свидания!"),
    "chat": (
        "I answer questions about the documents. Ask me something about them.",
        "Я отвечаю на вопросы по документам. Спросите что-нибудь о них.",
    ),
    "injection": (
        "I answer questions from the documents and cannot set these rules aside.",
        "Я отвечаю на вопросы по документам и не могу отступить от этих правил.",
    ),
    "self_harm": (
        "I am sorry that you are going through this. Please talk to someone now: a person close to you, "
        "a doctor or the emergency service (112).",
        "Мне жаль, что вам так тяжело. Пожалуйста, поговорите с кем-нибудь прямо сейчас: с близким "
        "человеком, врачом или экстренной службой (112).",
    ),
    "unsafe": (
        "I am sorry, but I cannot help with this request.",
        "Извините, с этой просьбой я помочь не могу.",
    ),
    "no_sources": (
        "The documents do not contain an answer to this question.",
        "В документах нет ответа на этот вопрос.",
    ),
    "search_only": ("Here is what was found:", "Вот что нашлось:"),
}
_DEFAULT_TOPICS = {"stub": "chat", "refuse": "unsafe", "search_only": "search_only"}


def reply(decision: LaunchDecision, language: str) -> str:
    """Return the text that goes with a decision; empty for `answer`."""
    topic = decision.topic or _DEFAULT_TOPICS.get(decision.action, "")
    english, russian = _REPLIES.get(topic, ("", ""))
    return russian if language == "ru" else english
