"""Standard Webhooks v1: HMAC-SHA256 over `id.timestamp.body`, timestamps in whole seconds.

The specification is at github.com/standard-webhooks; the vectors that hold this are in the tests.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

from wire.errors import TocsinError

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
TOLERANCE_S = 300
MAX_SIGNATURES = 16

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class Refusal(StrEnum):
    """Why a request is not accepted as ours."""

    MISSING_HEADER = "missing_header"
    BAD_TIMESTAMP = "bad_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    BAD_SIGNATURE = "bad_signature"


class SignatureError(TocsinError):
    """A request that did not come from the holder of a secret, or not now."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(str(reason))
        self.reason = reason


class BadSecret(TocsinError):
    """A secret that cannot sign. Its text never holds the secret."""


def key_of(secret: str) -> bytes:
    """The key in a `whsec_` secret: 24 to 64 bytes in base64. Raises BadSecret."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret(f"a secret is {PREFIX} and base64; this one is not base64") from None
    if len(key) not in KEY_BYTES:
        raise BadSecret(f"a secret holds {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes, this one {len(key)}")
    return key


def signature(key: bytes, message: str, timestamp_s: int, body: bytes) -> str:
    """One `v1,` signature of a message."""
    signed = f"{message}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def sign(message: str, timestamp_s: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers, with a signature of each live secret. Raises BadSecret."""
    signatures = [signature(key_of(secret), message, timestamp_s, body) for secret in secrets]
    if not signatures:
        raise BadSecret("no secret to sign with")
    return {ID: message, TIMESTAMP: str(timestamp_s), SIGNATURE: " ".join(signatures)}


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now_s: float, tolerance_s: int = TOLERANCE_S
) -> None:
    """Return where a live secret signed exactly this, about now. `headers` have lower-case names.

    Raises SignatureError, and nothing else whatever the headers and body hold; BadSecret for our own secrets.
    """
    keys = [key_of(secret) for secret in secrets]
    message, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not message or not timestamp or not given:
        raise SignatureError(Refusal.MISSING_HEADER)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureError(Refusal.BAD_TIMESTAMP)
    timestamp_s = int(timestamp)
    if timestamp_s < now_s - tolerance_s:
        raise SignatureError(Refusal.TOO_OLD)
    if timestamp_s > now_s + tolerance_s:
        raise SignatureError(Refusal.TOO_NEW)
    candidates = [text.encode("utf-8", "replace") for text in given.split(" ")[:MAX_SIGNATURES]]
    # The timestamp is signed as it was sent: "0160" is not "160".
    signed = f"{message}.{timestamp}.".encode("utf-8", "replace") + body
    good = False
    for key in keys:
        expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for candidate in candidates:
            good |= hmac.compare_digest(expected, candidate)
    if not good:
        raise SignatureError(Refusal.BAD_SIGNATURE)
