"""Turn untrusted Markdown into HTML that can only be read: it loads nothing, runs nothing, leads nowhere.

Raw HTML is shown as text. An image becomes its description with its address, a link its text with its
address. What is left passes an allow-list besides, so that a mistake here stays harmless.

Every piece of text carries `data-at`, its offset in the source, so that what a reader selects can be
marked in the source; with `sentences` it also carries `data-s`, the number of its sentence.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from annotate.labelling.controls.corruption.texts import MARK, Sentence

Cite = Callable[[int, int], str]  # passage number, number of the sentence (or -1) -> HTML
FIRST_HEADING = 4  # headings of an answer stand below those of the card
TAGS = {
    "p", "br", "hr", "span", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "div",
    "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "button",
}  # fmt: skip
_PLACE = {"class", "dir", "data-at", "data-s"}
ATTRIBUTES = {
    "*": _PLACE,
    "ol": {"start"},
    "pre": {"tabindex"},
    "div": {"tabindex", "role"},
    "th": {"align"},
    "td": {"align"},
    "button": {"type", "data-passage", "data-support"},
}
_BLOCKS = ("paragraph", "list_item", "blockquote", "bullet_list", "ordered_list", "th", "td")
_TARGET = re.compile(r"\]\([^)]*\)|>")
_INFO = re.compile(r"\s*(?:`{3,}|~{3,})[^\n]*\n")


@dataclass
class Source:
    """Follow the source while its pieces are drawn in order."""

    text: str
    sentences: Sequence[Sentence] = ()
    cite: Cite | None = None
    at: int = 0
    silent: int = 0  # within a link's text there are no buttons

    def find(self, piece: str) -> int:
        """Return where a piece stands, from here on; -1 where Markdown wrote it anew."""
        found = self.text.find(piece, self.at)
        if found >= 0:
            self.at = found + len(piece)
        return found

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Go on behind what stands here and is not drawn, such as the address of a link."""
        if found := pattern.match(self.text, self.at):
            self.at = found.end()

    def sentence_at(self, offset: int) -> int:
        """Return the number of the sentence that holds an offset, -1 between sentences."""
        for number, one in enumerate(self.sentences):
            if one.start <= offset < one.end:
                return number
        return -1


def render_markdown(text: str, sentences: Sequence[Sentence] = (), cite: Cite | None = None) -> str:
    """Return Markdown as safe HTML; `cite` draws each passage number that is cited."""
    source = Source(text, sentences, cite)
    drawn = _parser().render(text.replace("\0", "\ufffd"), {"source": source})
    return nh3.clean(drawn, tags=TAGS, attributes=ATTRIBUTES, link_rel=None)


def render_plain(text: str) -> str:
    """Return text as safe HTML with its line breaks, letter by letter."""
    return html.escape(text.strip()).replace("\n", "<br>")


def direction(text: str) -> str:
    """Return `rtl` where the first letter with a direction runs from right to left, else `ltr`."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    # Without link definitions `[2]` is always a citation; unjoined, each text stands as in the source.
    parser.disable(["reference", "text_join"])
    parser.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take `>>> ` for a prompt of Python, not for three quotations in one another."""
    at = state.bMarks[start] + state.tShift[start]
    return not state.src.startswith(">>>", at) and blockquote(state, start, end, silent)


Rule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]


def _text(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    source: Source = env["source"]
    token = tokens[at]
    if token.type == "text_special":  # an entity or an escape: the source has more letters
        source.find(token.markup)
        return html.escape(token.content)
    return _draw(source, token.content, cited=not source.silent)


def _code(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    return f'<code dir="ltr">{_draw(env["source"], tokens[at].content)}</code>'


def _block(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    source: Source = env["source"]
    source.skip(_INFO)
    lines = tokens[at].content.rstrip("\n").split("\n")
    drawn = "\n".join(_draw(source, line) if line.strip() else "" for line in lines)
    return f'<pre tabindex="0" dir="ltr"><code>{drawn}</code></pre>\n'


def _image(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    env["source"].find(token.content)
    env["source"].skip(_TARGET)
    address = _address(str(token.attrs.get("src", "")))
    return f'<span class="pl-image">{html.escape(token.content)}{address}</span>'


def _link_open(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    env["source"].silent += 1
    env.setdefault("links", []).append(str(tokens[at].attrs.get("href", "")))
    return '<span class="pl-link">'


def _link_close(_: RendererHTML, _tokens: Sequence[Token], _at: int, _o: OptionsDict, env: EnvType) -> str:
    source: Source = env["source"]
    source.silent -= 1
    source.skip(_TARGET)
    return f"</span>{_address(env['links'].pop())}"


def _address(href: str) -> str:
    return f' <span class="pl-address" dir="ltr">{html.escape(href)}</span>' if href else ""


def _open(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Open a block: its direction is that of its first letter."""
    attributes: dict[str, str | int | float] = {"dir": "auto"}
    if "start" in tokens[at].attrs:
        attributes["start"] = tokens[at].attrs["start"]
    if aligned := re.search(r"right|center", str(tokens[at].attrs.get("style", ""))):
        attributes["align"] = aligned[0]
    tokens[at].attrs = attributes
    return renderer.renderToken(tokens, at, options, env)


def _heading(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    token.tag = f"h{min(6, FIRST_HEADING - 1 + int(token.tag[1:]))}"
    if token.nesting < 0:
        return renderer.renderToken(tokens, at, options, env)
    return _open(renderer, tokens, at, options, env)


_RULES: dict[str, Rule] = {
    "text": _text,
    "text_special": _text,
    "code_inline": _code,
    "code_block": _block,
    "fence": _block,
    "image": _image,
    "link_open": _link_open,
    "link_close": _link_close,
    "heading_open": _heading,
    "heading_close": _heading,
    "table_open": lambda *_: '<div class="pl-wide" tabindex="0"><table>\n',
    "table_close": lambda *_: "</table></div>\n",
    **{f"{block}_open": _open for block in _BLOCKS},
}


def _draw(source: Source, piece: str, *, cited: bool = False) -> str:
    start = source.find(piece)
    if start < 0:
        return html.escape(piece)
    if source.cite is None or not cited:
        return "".join(_spans(source, start, start + len(piece)))
    parts: list[str] = []
    at = start
    for mark in MARK.finditer(source.text, start, start + len(piece)):
        parts += _spans(source, at, mark.start())
        sentence = source.sentence_at(mark.start())
        parts += [source.cite(int(number), sentence) for number in mark[1].split(",")]
        at = mark.end()
    return "".join([*parts, *_spans(source, at, start + len(piece))])


def _spans(source: Source, start: int, end: int) -> Iterator[str]:
    """Draw a stretch of the source, cut where sentences begin and end."""
    cuts = {edge for one in source.sentences for edge in (one.start, one.end) if start < edge < end}
    edges = [start, *sorted(cuts), end]
    for low, high in pairwise(edges):
        if low == high:
            continue
        number = source.sentence_at(low)
        of = f' data-s="{number}"' if number >= 0 else ""
        yield f'<span data-at="{low}"{of}>{html.escape(source.text[low:high])}</span>'
