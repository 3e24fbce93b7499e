"""A secret is taken out of a text in every form in which a library may have put it there."""

import base64
import hashlib
import html
import json
import shlex
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from chatops.redaction import HIDDEN, Redactor

SECRET = "p4ss/wörd+zq 'xyw' \"vvk\" i&=?%<#>\\"
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in a sentence": lambda s: f"cannot send {s}!",
    "repr": repr,
    "json": json.dumps,
    "json in utf-8": lambda s: json.dumps(s, ensure_ascii=False),
    "json in json": lambda s: json.dumps(json.dumps({"password": s})),
    "shell": lambda s: f"curl -u {shlex.quote(s)}",
    "html": html.escape,
    "an address": lambda s: "https://chat.example/?token=" + quote(s),
    "an address, all quoted": lambda s: quote(s, safe=""),
    "a form": lambda s: urlencode({"token": s}),
    "plus": quote_plus,
    "requests": lambda s: str(
        requests.Request("GET", "http://a.example/", params={"t": s}).prepare().url
    ),
    "requests, in the path": lambda s: str(
        requests.Request("GET", f"http://a.example/x?t={s}").prepare().url
    ),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for addresses": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "basic auth": lambda s: str(
        requests.Request("GET", "http://a.example", auth=("boss", s.encode())).prepare().headers
    ),
    "hex": lambda s: s.encode().hex(),
    "digest": lambda s: hashlib.sha256(s.encode()).hexdigest(),
}


def telling(text: str) -> list[str]:
    """Pieces that would still tell the secret."""
    inside = base64.b64encode(SECRET.encode()).decode().rstrip("=")
    return [x for x in ("p4ss", "xyw", "vvk", inside[4:-4], inside[8:20]) if x in text]


@pytest.mark.parametrize("form", FORMS)
def test_it_is_taken_out(form: str) -> None:
    redactor = Redactor()
    redactor.learn(SECRET)
    shown = FORMS[form](SECRET)
    cleaned = redactor.clean(shown)
    assert HIDDEN in cleaned
    assert telling(cleaned) == []


@pytest.mark.parametrize("before", ["", "a", "ab", "boss:"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_base64_hides_it_wherever_it_stands(before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn("canary-value-417")
    text = base64.b64encode(f"{before}canary-value-417{after}".encode()).decode()
    left = redactor.clean(text).replace(HIDDEN, "")
    # What is left of it are the ends, which tell of neighbours and of one or two letters.
    assert len(left) <= len(base64.b64encode(f"{before}{after}".encode())) + 6


def test_a_line_of_a_key_counts_for_itself() -> None:
    redactor = Redactor()
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    redactor.learn(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    assert body not in redactor.clean(f"bad base64: {body}")
    assert "PRIVATE KEY" in redactor.clean("no PRIVATE KEY in it")


def test_the_longest_goes_first_and_short_ones_hide_nothing() -> None:
    redactor = Redactor()
    for value in ("secret", "secret-and-more", "abc", ""):
        redactor.learn(value)
    assert redactor.clean("secret-and-more, abc") == f"{HIDDEN}, abc"


@given(st.text(), st.text(min_size=6, max_size=20), st.text())
def test_nothing_else_is_touched(before: str, value: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn(value)
    cleaned = redactor.clean(before + value + after)
    assert value not in cleaned.replace(HIDDEN, "\0") or value in HIDDEN * 2
    assert Redactor().clean(before) == before


def test_thousands_of_secrets_do_not_slow_a_long_text_down() -> None:
    redactor = Redactor()
    for n in range(5_000):
        redactor.learn(f"Q{n:05d}-first-password")
    text = "a line of an answer of the server\n" * 10_000
    began = time.process_time()
    assert redactor.clean(text + "Q04711-first-password").endswith(HIDDEN)
    assert time.process_time() - began < 5
