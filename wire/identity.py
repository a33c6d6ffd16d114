"""Deterministic identities: doing anything twice gives the same ids.

An id is a two-letter kind, the version of its recipe, a hyphen, and 26 letters of base32: BLAKE2b-128 over the
recipe's parts, each preceded by its length, so that no two lists of parts can run together. A recipe never
changes; a better one gets the next version.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

_TRACKING = re.compile(
    r"^(utm_.+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|cmpid|ocid|ns_campaign|ns_mchannel|at_.+|_ga|wt_.+)$",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w]+")


def digest(parts: Iterable[str]) -> str:
    """26 lower-case base32 letters over the parts, in order."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return base64.b32encode(state.digest()).decode("ascii").rstrip("=").lower()


def entry_id(feed: str, guid_or_url: str, content: str) -> str:
    """`content` is everything the feed states of the entry that a reader would see."""
    return "en1-" + digest((feed, guid_or_url, normal_text(content)))


def article_id(url: str) -> str:
    """The id of the article at the address that was requested."""
    return "ar1-" + digest((article_address(url),))


def revision_id(title: str, text: str) -> str:
    """One state of an article's text."""
    return "re1-" + digest((normal_text(title), normal_text(text)))


def detection_id(article: str, rule: str, sentence: str) -> str:
    """One rule met by one article at one sentence; ruleset and revision are left out on purpose."""
    return "de1-" + digest((article, rule, evidence_text(sentence)))


def story_id(rule: str, founding_detection: str) -> str:
    return "st1-" + digest((rule, founding_detection))


def alert_id(story: str, number: int) -> str:
    return "al1-" + digest((story, str(number)))


def delivery_id(subscription: str, alert: str) -> str:
    """Also the `webhook-id`, the same for every attempt."""
    return "dl1-" + digest((subscription, alert))


def ruleset_id(documents: Iterable[str]) -> str:
    """All rules active together, named by the content of their files."""
    return "rs1-" + digest(documents)


def normal_text(text: str) -> str:
    """NFC with white space folded: what must not make two revisions out of one."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def evidence_text(sentence: str) -> str:
    """Words only, case-folded: punctuation or a changed quotation mark is the same evidence."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", sentence).casefold()).strip()


def article_address(url: str) -> str:
    """The address of a page as identity sees it: https, host lower-cased and in ASCII, no default port, user,
    fragment or tracking parameter; percent-escapes in one form; everything else as it stands.

    Raises ValueError where there is no host or the scheme is not http or https.
    """
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT or not parts.hostname:
        raise ValueError(f"not a web address: {url[:200]!r}")
    host = ascii_host(parts.hostname)
    port = parts.port
    netloc = host if port in (None, _DEFAULT_PORT[scheme]) else f"{host}:{port}"
    query = "&".join(
        _escaped(pair, "=+")
        for pair in parts.query.split("&")
        if pair and not _TRACKING.match(pair.partition("=")[0])
    )
    return f"https://{netloc}{_escaped(parts.path, '/') or '/'}" + (f"?{query}" if query else "")


def page_host(url: str) -> str:
    """`host:port` of a page: the partition key of entries, so that one worker is polite to a host."""
    parts = urlsplit(url.strip())
    if not parts.hostname:
        raise ValueError(f"no host in {url[:200]!r}")
    port = parts.port or _DEFAULT_PORT.get(parts.scheme.lower(), 0)
    return f"{ascii_host(parts.hostname)}:{port}"


def ascii_host(host: str) -> str:
    """Lower case, no trailing dot, IDNA where it can be; a host that cannot is kept as it is, lower-cased."""
    host = host.rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _escaped(text: str, keep: str) -> str:
    safe = keep + "!$'()*,;:@-._~"
    return re.sub(
        r"%[0-9a-fA-F]{2}|[^%]+|%",
        lambda piece: (
            _one_escape(piece[0], safe)
            if len(piece[0]) == 3 and piece[0][0] == "%"
            else "%25"
            if piece[0] == "%"
            else quote(piece[0], safe=safe)
        ),
        text,
    )


def _one_escape(escape: str, safe: str) -> str:
    letter = unquote(escape, errors="strict") if int(escape[1:], 16) < 0x80 else ""
    return letter if letter and (letter.isalnum() or letter in "-._~") else escape.upper()


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 over a key, as an unsigned 32-bit number (Apache Kafka, Utils.murmur2)."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    h = (0x9747B28C ^ length) & mask
    whole = length & ~3
    for i in range(0, whole, 4):
        k = (int.from_bytes(data[i : i + 4], "little") * m) & mask
        k = ((k ^ (k >> 24)) * m) & mask
        h = ((h * m) & mask) ^ k
    if length & 3:
        h = ((h ^ int.from_bytes(data[whole:], "little")) * m) & mask
    h = ((h ^ (h >> 13)) * m) & mask
    return h ^ (h >> 15)


def partition_of(partition_key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives a key."""
    return (murmur2(partition_key.encode()) & 0x7FFFFFFF) % partitions
