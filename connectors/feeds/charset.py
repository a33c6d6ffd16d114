"""A feed's bytes as UTF-8, whatever it says of itself: the parser after this sees one charset and no other."""

from __future__ import annotations

import codecs
import re

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE | re.ASCII)
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)
_AS_THE_WEB_READS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
"""Python's text codecs that are no charset; some take quadratic time."""

_SEVEN_BITS = ("utf-7", "iso2022", "hz")

_FEW = 4
"""Where one in so many letters beyond ASCII is broken, it was never UTF-8."""


def as_utf8(body: bytes, content_type: str = "") -> bytes:
    """`body` in UTF-8, its XML declaration cut off. Never raises.

    What decodes as UTF-8 is UTF-8, whatever else is declared; else the server's charset holds, then the document's,
    then UTF-8 with a few broken bytes, then windows-1252.
    """
    return _DECLARATION.sub("", _text(body, content_type).lstrip("\ufeff"), count=1).encode("utf-8", "replace")


def _text(body: bytes, content_type: str) -> str:
    for mark, encoding in _WIDE:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    declared = _DECLARED.search(body[:600])
    stated = _CHARSET.search(content_type)
    names = [stated[1] if stated else "", declared[1].decode() if declared else ""]
    odd = [found for found in map(_codec, names) if found.startswith(_SEVEN_BITS)]  # these look like UTF-8
    for encoding in [*odd, "utf-8", *map(_codec, names)]:
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    loose = body.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    if sum(letter > "\x7f" for letter in loose) - broken > _FEW * broken:
        return loose
    return body.decode("cp1252", "replace")


def _codec(name: str) -> str:
    """Python's name for a charset as the web reads it; utf-8 where there is none."""
    try:
        found = codecs.lookup(name).name if name else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if found in _NO_CHARSETS else _AS_THE_WEB_READS.get(found, found)
