"""Say everything on the screens in the reader's language, from gettext catalogues.

A catalogue is `LANGUAGE/SCREEN.po`; its message ids are keys such as `pair.words`, and all files
of a language are one. Texts that count something have the plural forms of their language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = {"en": "English", "ru": "Русский"}
_MOMENTS = {"en": "d MMM y, HH:mm", "ru": "dd.MM.y, HH:mm"}
Texts = dict[str, str | tuple[str, ...]]


@lru_cache
def catalogue(language: str) -> tuple[Texts, Callable[[int], int]]:
    """Return the texts of a language, and the rule that chooses the plural form of a number."""
    texts: Texts = {}
    plural: Callable[[int], int] = c2py("0")
    for file in sorted((Path(__file__).parent / language).glob("*.po")):
        with file.open("rb") as source:
            read = read_po(source, locale=language)
        plural = c2py(read.plural_expr)
        texts |= {
            message.id[0] if message.pluralizable else message.id: tuple(message.string)
            if message.pluralizable
            else message.string
            for message in read
            if message.id
        }
    return texts, plural


@dataclass(frozen=True)
class Speech:
    """Speak one language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values filled in; `count` chooses the plural form.

        Raises KeyError for an unknown key or a value left out.
        """
        texts, plural = catalogue(self.language)
        text = texts[key]
        if isinstance(text, tuple):
            text = text[plural(int(str(values["count"])))]
        return text.format(**values)

    def name(self, kind: str, value: str) -> str:
        """Return the word for a value that the ledger holds, or the value where there is none."""
        text = catalogue(self.language)[0].get(f"{kind}.{value.replace(' ', '_')}", value)
        return text if isinstance(text, str) else value

    def moment(self, at: datetime) -> str:
        """Return a day with its time, in UTC."""
        return str(format_datetime(at, _MOMENTS[self.language], locale=self.language))

    @property
    def moments(self) -> str:
        """How columns of days with their times are written, for Streamlit."""
        return _MOMENTS[self.language].replace("d", "D").replace("y", "YYYY")

    def day(self, at: date) -> str:
        """Return a day."""
        return str(format_date(at, "medium", locale=self.language))

    def span(self, seconds: float) -> str:
        """Return a length of time, such as `3 minutes`."""
        return str(format_timedelta(seconds, locale=self.language, threshold=1.2))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the separators of the language."""
        return str(format_decimal(round(value, digits), locale=self.language))

    def decimal(self, value: float, digits: int) -> str:
        """Return a number with exactly so many decimals, its zeros among them."""
        return str(format_decimal(value, f"#,##0.{'0' * digits}", locale=self.language))

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of one as per cent."""
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return str(format_percent(share, f"{pattern} %", locale=self.language))


def texts_of(language: str, *screens: str) -> dict[str, str | tuple[str, ...]]:
    """Return the raw texts whose keys begin with one of some prefixes, for parts drawn in the browser."""
    texts, _ = catalogue(language)
    return {key: text for key, text in texts.items() if key.split(".")[0] in screens}
