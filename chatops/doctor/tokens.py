"""Tokens for the video server, made by hand: so that good and bad ones can be tried.

HS256 over the app's secret. What Prosody's token module wants of one was seen on a real one
(Jitsi's Prosody plugins of 2026-07): `typ` in capitals, `aud` one text, `sub` and `room` there,
no leeway on times.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from chatops.secrets import Secret

__all__ = ["mint"]


def mint(claims: Mapping[str, Any], secret: Secret, header: Mapping[str, Any] | None = None) -> str:
    """A token with these claims, signed."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else dict(header)
    parts = [_packed(json.dumps(p, separators=(",", ":")).encode()) for p in (head, dict(claims))]
    text = ".".join(parts)
    signature = hmac.new(secret.reveal().encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{_packed(signature)}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
