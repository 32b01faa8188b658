"""Say everything on the screens in the reader's language; both catalogues have the same keys."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.ui.texts.en import ENGLISH
from annotate.ui.texts.ru import RUSSIAN

TEXTS: dict[str, dict[str, str]] = {"en": ENGLISH, "ru": RUSSIAN}
LANGUAGES = {"en": "English", "ru": "Русский"}


@dataclass(frozen=True)
class Speech:
    """Speak one language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values filled in; raise KeyError for an unknown key."""
        return TEXTS[self.language][key].format(**values)

    def name(self, kind: str, value: str) -> str:
        """Return the word for a value that the ledger holds, or the value where there is none."""
        return TEXTS[self.language].get(f"{kind}.{value.replace(' ', '_')}", value)
