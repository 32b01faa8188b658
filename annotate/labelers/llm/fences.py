r"""Fence foreign text in a prompt, so that nothing in it can pass for the prompt's own words.

Three things are taken out of a text before it is fenced: marks that look like a fence, the
control tokens of chat templates (a local tokenizer turns the letters `<|im_end|>` into the
token itself), and characters that a reader cannot see but a model can. What a text *says* stays
as it is: the judge is told that orders inside a fence are part of what it judges.
"""

from __future__ import annotations

import re
import unicodedata

OPENING, CLOSING = "<<<", ">>>"
_FENCES = re.compile(r"[<＜﹤‹«《〈⟨⟪≪⋘]{2,}|[>＞﹥›»》〉⟩⟫≫⋙]{2,}|[«《⟪≪⋘»》⟫≫⋙](?=[<>])")
_TOKENS = re.compile(
    r"<(?=[|｜])|(?<=[|｜])(?=>)|<(?=/?(?:s|bos|eos|pad|unk|sys|SYS|think|tool_call|im_start|im_end|"
    r"start_of_turn|end_of_turn|assistant|user|system)\b[^<>\n]{0,20}>)|\[(?=/?INST\])"
)


def fenced(text: str, characters: int | None = None) -> str:
    """Return a text between fences, cut to a number of characters."""
    return f"{OPENING}\n{harmless(text)[:characters]}\n{CLOSING}"


def harmless(text: str) -> str:
    """Return a text without fences, control tokens and invisible characters."""
    seen = "".join(character for character in text if _is_visible(character))
    apart = _FENCES.sub(lambda found: " ".join(found[0]), seen)
    return _TOKENS.sub(lambda found: f"{found[0]} ", apart)


def _is_visible(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")
