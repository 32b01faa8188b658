"""Name kinds of runs and keys of recipes; one that has no text yet keeps its own name."""

from __future__ import annotations

from annotate.ui.texts import Speech


def kind_name(speech: Speech, kind: str) -> str:
    """Return the name of a kind of run."""
    return speech.name("recipe", kind)


def kind_help(speech: Speech, kind: str, otherwise: str) -> str:
    """Return what a kind of run does, in a sentence; `otherwise` is what its recipe says of itself."""
    key = f"{kind}_help"
    found = speech.name("recipe", key)
    return otherwise if found == key else found


def key_label(speech: Speech, name: str) -> str:
    """Return the name of a key, such as `lora.r`."""
    key = "key_" + name.replace(".", "_")
    found = speech.name("recipe", key)
    return name.rpartition(".")[2].replace("_", " ").capitalize() if found == key else found


def key_help(speech: Speech, name: str) -> str:
    """Return what a key does, after its own name."""
    key = "about_" + name.replace(".", "_")
    found = speech.name("recipe", key)
    return f"`{name}`" if found == key else f"`{name}`: {found}"
