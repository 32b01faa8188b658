"""Know the names of currencies, countries and cities in Russian and English (Unicode CLDR, by Babel)."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import Literal

Names = MappingProxyType[str, str]
Language = Literal["en", "ru"]

# The currency that is meant where its country is not named, and what else it is called.
_CURRENCIES: dict[str, dict[Language, tuple[str, ...]]] = {
    "USD": {"en": ("dollar", "greenback"), "ru": ("доллар", "бакс")},
    "EUR": {"en": ("euro",), "ru": ("евро",)},
    "RUB": {"en": ("rouble", "ruble"), "ru": ("рубль", "руб")},
    "GBP": {
        "en": ("pound sterling", "british pound", "sterling"),
        "ru": ("фунт стерлингов", "британский фунт"),
    },
    "JPY": {"en": ("yen",), "ru": ("иена", "йена")},
    "CNY": {"en": ("yuan", "renminbi"), "ru": ("юань",)},
    "CHF": {"en": ("swiss franc", "franc"), "ru": ("швейцарский франк", "франк")},
    "UAH": {"en": ("hryvnia",), "ru": ("гривна",)},
    "KZT": {"en": ("tenge",), "ru": ("тенге",)},
    "INR": {"en": ("rupee",), "ru": ("рупия",)},
    "PLN": {"en": ("zloty",), "ru": ("злотый",)},
    "TRY": {"en": ("lira",), "ru": ("лира",)},
    "ILS": {"en": ("shekel",), "ru": ("шекель",)},
    "BTC": {"en": ("bitcoin",), "ru": ("биткоин", "биткойн")},
}
_SIGNS = {"$": "USD", "€": "EUR", "₽": "RUB", "£": "GBP", "¥": "JPY", "₴": "UAH", "₸": "KZT", "₹": "INR"}
# Short names that people use and CLDR does not.
_PLACES: dict[Language, dict[str, str]] = {
    "en": {"us": "US", "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB"}
    | {"britain": "GB", "russian federation": "RU", "uae": "AE", "czech republic": "CZ", "prc": "CN"}
    | {"burma": "MM", "holland": "NL", "turkey": "TR", "ivory coast": "CI", "south korea": "KR"}
    | {"england": "", "scotland": "", "wales": "", "northern ireland": "", "tibet": "", "middle east": ""},
    "ru": {"сша": "US", "соединенные штаты америки": "US", "рф": "RU", "российская федерация": "RU"}
    | {"англия": "", "чешская республика": "CZ", "фрг": "DE", "кнр": "CN", "оаэ": "AE", "голландия": "NL"}
    | {"южная корея": "KR", "республика беларусь": "BY", "белоруссия": "BY", "соединенное королевство": "GB"},
}
_CONTINENTS = frozenset(("002", "003", "005", "009", "019", "142", "150"))
_NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
_SHOWN = {("en", "TR"): "Turkey", ("ru", "US"): "США", ("ru", "AE"): "ОАЭ", ("ru", "KR"): "Южная Корея"}


@lru_cache(maxsize=2)
def currency_names(language: Language) -> Names:
    """Map names in lower case, ISO codes and signs to the name of the currency."""
    shown, found = _cldr_currencies(language), {}
    for code, ways in _CURRENCIES.items():
        shown[code] = found[code] = ways[language][0]
    for name in shown.values():
        found[name.lower()] = name
    for code, name in _cldr_currencies(language).items():
        found.setdefault(name.lower(), shown[code])
    for code, ways in _CURRENCIES.items():
        found |= dict.fromkeys(ways[language], shown[code])
    del found["TRY"]  # more often a word in capitals
    return MappingProxyType(found | {sign: shown[code] for sign, code in _SIGNS.items()})


@lru_cache(maxsize=2)
def place_names(language: Language) -> Names:
    """Map the names of countries and continents in lower case, short ones included, to one name each."""
    from babel import Locale

    territories = {
        code: name
        for code, name in Locale(language).territories.items()
        if code in _CONTINENTS or (code.isalpha() and code not in _NO_COUNTRIES)
    }
    shown = {code: _SHOWN.get((language, code), name) for code, name in territories.items()}
    found = {name.lower(): shown[code] for code, name in territories.items() if "(" not in name}
    for way, code in _PLACES[language].items():
        found[way] = shown[code] if code else way.title()
    return MappingProxyType(found)


@lru_cache(maxsize=2)
def city_names(language: Language) -> Names:
    """Map the names of the world's capitals and other large cities in lower case to their names."""
    from babel import Locale

    found = {}
    zones = Locale(language).time_zones
    for zone in map(str, Locale("ru").time_zones):  # in English, a city is named by its zone alone
        region, _, city = zone.partition("/")
        about = zones.get(zone, {})
        name = about.get("city") or (city.replace("_", " ") if language == "en" else "")
        if name and region not in ("Etc", "Antarctica") and "/" not in name and "," not in name:
            found[name.lower()] = name
    return MappingProxyType(found)


def _cldr_currencies(language: Language) -> dict[str, str]:
    """Return the currencies in use, or the last ones of their country, by ISO code."""
    from babel import Locale
    from babel.core import get_global

    used = {
        code
        for history in get_global("territory_currencies").values()
        for code, _, until, is_tender in history
        if until is None and is_tender
    }
    return {code: name for code, name in Locale(language).currencies.items() if code in used}
