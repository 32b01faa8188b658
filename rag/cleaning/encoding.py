"""Decode bytes of unknown encoding and repair text that was decoded wrongly."""

from __future__ import annotations

import re
import unicodedata

from rag.errors import DocumentError

# Removed everywhere: they are invisible, break words apart for every search, reorder what a
# reader sees (Trojan Source, CVE-2021-42574) or smuggle instructions past his eyes (tag characters).
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufeff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffc\ufffe\uffff"  # no characters at all
    "\U000e0000-\U000e0fff"  # tags and variation selectors beyond 16
    "]+"
)
# A joiner spells Persian and Indic words and glues emoji together; anywhere else it hides.
_STRAY_JOINER = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])"
    "[\u200c\u200d]"
)
_TERMINAL_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\xa0\u2007\u202f]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
# The second byte of a UTF-8 letter, seen through cp1252 or cp1251 behind the first one.
_MOJIBAKE = re.compile("[À-ÿĂ-ĐğĞРСа-вВ][\x80-¿‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЄЇІіґєјЅѕї№]")
_ACCENTED_WORD = re.compile("[À-ÿ]{4,}")

_LEGACY = ("cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso-8859-5", "cp1252")
_CYRILLIC = re.compile("[а-яё]")
_SAMPLE_BYTES = 65_536
_TELLING_BYTES = 8_192
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.01

# Four fifths of all neighbouring letters in Russian prose (counted in XQuAD-R).
_PAIRS = (
    "ав ад аз ак ал ам ан ар ас ат ач ая бе бо бр бы ва ве ви вл вн во вр вы га ги го гр да де ди дн до ду "
    "ев ег ед ей ек ел ем ен ер ес ет же за ив ие из ии ий ик ил им ин ио ир ис ит их ич ия ка ки ко кт ку "
    "ла ле ли ло ль ля ма ме ми мо на нд не ни нн но нс нт ны об ов ог од ое ож оз ой ок ол ом он оп ор ос "
    "от па пе по пр ра ре ри ро рт ру ры са се си ск сл со сп сс ст су ся та тв те ти тн то тр тс ту ть ую "
    "ци ча че чи чт ше ши ые ый ыл ым ых ьн ют"
)
_COMMON_PAIRS = frozenset(_PAIRS.split())
_ACCENTED = "éèêëàâäáãåçîïíñôöóõøùûüúßœæìò"
_ACCENTED_LATIN = re.compile(f"[A-Za-z][{_ACCENTED}](?![À-Þ])|[{_ACCENTED}][a-z]")
# What the wrong table makes of a word: capitals inside, two alphabets, signs between letters.
_IMPLAUSIBLE = re.compile(
    r"[а-яёa-z][А-ЯЁÀ-Þ]|[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z]|[а-яё][à-ÿ]"
    r"|[а-яёА-ЯЁ][\x80-\x9f\xa1-\xaa\xac-\xba¤-¸Ђ-ЏђѓљњќџЎ─-▟√≈≤≥⌠⌡∙†‡‰•№]|[─-▟√≈≤≥⌠⌡¤¦ЂЃЉЊЏ\ufffd][а-яё]"
    r"|[À-ÿ]{3}|\ufffd|[\x80-\x9f]"
    r"|(?:^|(?<=[.!?] ))€ (?=[а-яё])",  # no sentence opens so, and many with «И», its place in Mac Cyrillic
    re.MULTILINE,
)


def repair(text: str) -> str:
    """Return text in NFC with plain line ends, without mojibake and invisible characters.

    Mojibake is undone by ftfy (Speer 2019) and, for Russian read as Western, here. Right-to-left
    scripts, their joiners, code and typographic quotes stay as they are.
    """
    if not text.isascii():
        if _MOJIBAKE.search(text):
            text = _without_mojibake(text)
        if _ACCENTED_WORD.search(text):
            text = "".join(_as_russian(line) for line in text.splitlines(keepends=True))
        text = _without_ligatures(_STRAY_JOINER.sub("", text))
    text = _SPACE.sub(" ", _LINE_END.sub("\n", _TERMINAL_ESCAPE.sub("", text)))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("\uf0b7", "•")


def decode(data: bytes, declared: str = "") -> str:
    """Decode bytes: by their mark, as UTF-8, by the `declared` encoding, else by what reads as Russian.

    A broken byte in UTF-8 costs that byte, and lines in an old encoding among lines in UTF-8
    are read as what they are. Line ends become plain ones. Raises DocumentError for binary data.
    """
    return _decode(data, declared).replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, declared: str) -> str:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", errors="replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:_SAMPLE_BYTES]:
        return _decode_unmarked_utf16(data)
    sample = data[:_SAMPLE_BYTES]
    if len(sample) - len(sample.translate(None, _CONTROL_BYTES)) > max(2, _MAX_CONTROL_SHARE * len(sample)):
        raise DocumentError("binary content in a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_declared(data, declared) or _decode_lines(data)


def _decode_unmarked_utf16(data: bytes) -> str:
    sample = data[: _SAMPLE_BYTES // 2 * 2]
    for encoding, high_bytes in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        # ASCII, Cyrillic, and the typographic signs both use.
        if high_bytes and sum(map(high_bytes.count, b"\x00\x04\x20\x21")) >= 0.95 * len(high_bytes):
            text = data.decode(encoding, errors="replace")
            if text[: _SAMPLE_BYTES // 2].count("\x00") <= _MAX_CONTROL_SHARE * len(high_bytes):
                return text
    raise DocumentError("binary content in a text file")


def _decode_declared(data: bytes, declared: str) -> str:
    if not declared or declared.lower().replace("_", "-") in {"utf-8", "utf8", "iso-8859-1", "latin-1"}:
        return ""  # not true, or what servers say when they do not know
    try:
        text = data.decode(declared)
    except (LookupError, UnicodeError):
        return ""
    # For Cyrillic what the text looks like says more than what a server declares.
    return "" if _CYRILLIC.search(text) or _russian_likeness(text) < 0 else text


def _decode_lines(data: bytes) -> str:
    broken = b"\n".join(line for line in data.split(b"\n") if _is_legacy(line))[:_TELLING_BYTES]
    encoding = max(_LEGACY, key=lambda name: _russian_likeness(broken.decode(name, errors="replace")))
    lines = (
        line.decode(encoding if _is_legacy(line) else "utf-8", errors="replace") for line in data.split(b"\n")
    )
    return "\n".join(lines).removeprefix("\ufeff")


def _is_legacy(line: bytes) -> bool:
    """Tell whether a line is in an old encoding rather than UTF-8 with a broken byte."""
    try:
        line.decode("utf-8")
        return False
    except UnicodeDecodeError:
        text = line.decode("utf-8", errors="replace")
        broken = text.count("\ufffd")
        return 3 * broken > sum(not letter.isascii() for letter in text) - broken


def _russian_likeness(text: str) -> int:
    """Score how well a text reads: common letter pairs, less what no writer would have typed."""
    letters = text.lower()
    common = sum(map(_COMMON_PAIRS.__contains__, map(str.__add__, letters, letters[1:])))
    return common + len(_ACCENTED_LATIN.findall(text)) - 3 * len(_IMPLAUSIBLE.findall(text))


def _without_mojibake(text: str) -> str:
    from ftfy import fix_encoding

    lines = text.splitlines(keepends=True)
    return "".join(fix_encoding(line) if _MOJIBAKE.search(line) else line for line in lines)


def _as_russian(line: str) -> str:
    """Read a line as cp1251 that was read as Western, where that turns it into Russian."""
    words = _ACCENTED_WORD.findall(line)
    try:
        read_again = line.encode("cp1252").decode("cp1251")
    except UnicodeError:
        return line
    letters = sum(map(len, words))
    return read_again if words and _russian_likeness(read_again) > 0.5 * letters else line


def _without_ligatures(text: str) -> str:
    return _LIGATURE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
