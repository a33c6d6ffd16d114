"""Markup to plain paragraphs."""

from __future__ import annotations

import re

from lxml import etree, html

_BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"),
        *("pre", "section", "table", "td", "th", "tr", "ul"),
    ]
)
_UNSEEN = frozenset(["script", "style", "template", "noscript", "iframe", "object", "svg", "head"])
_MARKUP = re.compile(r"[<&]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u200b\ufeff]+")


def plain_text(markup: str) -> str:
    """The readable text of an HTML fragment: paragraphs split by a blank line, scripts and styles left out."""
    if not _MARKUP.search(markup):
        return _SPACE.sub(" ", markup).strip()
    try:
        parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
        root = html.document_fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return _SPACE.sub(" ", re.sub(r"<[^>]*>", " ", markup)).strip()
    pieces: list[str] = []
    _collect(root, pieces)
    paragraphs = (_SPACE.sub(" ", paragraph).strip() for paragraph in "".join(pieces).split("\0"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _collect(root: html.HtmlElement, pieces: list[str]) -> None:
    """Text in document order, a NUL where a block begins or ends; without recursion, for hostile depth."""
    unseen_until: html.HtmlElement | None = None
    for step, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        block = element.tag in _BLOCKS
        if step == "start":
            if unseen_until is None and element.tag in _UNSEEN:
                unseen_until = element
            if unseen_until is None:
                pieces.append(("\0" if block else "") + (element.text or "").replace("\0", ""))
        else:
            if unseen_until is element:
                unseen_until = None
            if unseen_until is None:
                pieces.append(("\0" if block else "") + (element.tail or "").replace("\0", ""))


def printable(text: str) -> str:
    """Without control characters and halves of pairs, which JSON and UTF-8 do not carry well."""
    return _NOT_TEXT.sub(" ", text)
