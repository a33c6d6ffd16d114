"""Standard Webhooks v1: the published vector, computed here apart from the code, and every way to break it."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.webhooks.sign import BadSecret, Refusal, SignatureError, key_of, sign, signature, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
PUBLISHED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_" + base64.b64encode(b"another key of 24 bytes.").decode()
HEADERS = {"webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": PUBLISHED}


def test_the_published_vector():
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = hmac.new(key, b".".join((ID.encode(), str(AT).encode(), BODY)), hashlib.sha256).digest()
    assert "v1," + base64.b64encode(mac).decode() == PUBLISHED
    assert sign(ID, AT, BODY, [SECRET]) == HEADERS
    verify(HEADERS, BODY, [SECRET], AT)


def test_each_live_secret_signs_and_any_of_them_is_enough():
    headers = sign(ID, AT, BODY, [SECRET, OTHER])
    assert headers["webhook-signature"].split(" ") == [PUBLISHED, signature(key_of(OTHER), ID, AT, BODY)]
    for secrets in ([SECRET], [OTHER], [OTHER, SECRET]):
        verify(headers, BODY, secrets, AT)


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
def test_no_byte_can_be_changed(part):
    whole = BODY if part == "body" else HEADERS[part].encode()
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        headers = HEADERS if part == "body" else {**HEADERS, part: changed.decode("latin-1")}
        with pytest.raises(SignatureError):
            verify(headers, changed if part == "body" else BODY, [SECRET], AT)


@pytest.mark.parametrize(
    ("now", "reason"), [(AT + 301, Refusal.TOO_OLD), (AT - 301, Refusal.TOO_NEW), (AT + 300, None), (AT - 300, None)]
)
def test_a_signature_lives_five_minutes_to_either_side(now, reason):
    if reason is None:
        verify(HEADERS, BODY, [SECRET], now)
        return
    with pytest.raises(SignatureError) as caught:
        verify(HEADERS, BODY, [SECRET], now)
    assert caught.value.reason is reason


@pytest.mark.parametrize("text", ["1614265330.0", "1.6e9", "-1", "+1614265330", " 1614265330", "١٦", "9" * 40])
def test_a_timestamp_is_whole_seconds_in_plain_digits(text):
    with pytest.raises(SignatureError) as caught:
        verify({**HEADERS, "webhook-timestamp": text}, BODY, [SECRET], AT)
    assert caught.value.reason is Refusal.BAD_TIMESTAMP


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", SECRET[:-1], "whsec_*"])
def test_a_bad_secret_is_refused_without_being_shown(secret):
    with pytest.raises(BadSecret) as caught:
        sign(ID, AT, BODY, [secret])
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(caught.value)
    with pytest.raises(BadSecret):
        sign(ID, AT, BODY, [])


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(HEADERS)), st.text(max_size=60) | st.just("v1," + "A" * 44)),
    st.binary(max_size=40),
)
def test_whatever_comes_is_refused_cleanly(headers, body):
    with pytest.raises(SignatureError):
        verify({**HEADERS, **headers}, body, [SECRET], AT)


def test_a_header_full_of_signatures_is_read_to_a_bound():
    late = " ".join(["v1,AAAA"] * 16 + [PUBLISHED])
    with pytest.raises(SignatureError):
        verify({**HEADERS, "webhook-signature": late}, BODY, [SECRET], AT)
    verify({**HEADERS, "webhook-signature": "v2,x " + PUBLISHED}, BODY, [SECRET], AT)
