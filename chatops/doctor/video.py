"""The door of the video server: a good token is let in, every bad one is not.

A configuration check proves nothing here (it passes while the token module is dead), and health
lies: only a sign-in tells. Over BOSH, as a browser may (XEP-0124, XEP-0206): open a stream, sign
in anonymously with the token in the address; the answer is in the SASL element, HTTP is 200 always.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from chatops.doctor import probes
from chatops.doctor.outcome import Check, Outcome, State
from chatops.doctor.probes import Address, ProbeError
from chatops.doctor.tokens import mint
from chatops.secrets import Secret
from chatops.spec.text import counted

__all__ = ["Door", "Tried", "cases", "sign_in", "token_checks"]

ROOM: Final = "chatops-doctor"
_MINUTE: Final = 60


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where people sign in to meetings, and what its tokens are made with.

    `domain` is the XMPP domain behind the address, `open`: no token is asked for.
    """

    address: Address
    app: str
    secret: Secret
    domain: str = "meet.jitsi"
    audience: str = "jitsi"
    path: str = "/http-bind"
    open: bool = False


@dataclass(frozen=True)
class Tried:
    """What the server said to a token. `text` is its own word for a refusal."""

    let_in: bool
    text: str = ""


def sign_in(door: Door, token: str | None) -> Tried:
    """Sign in with a token, or with none. Raises ProbeError where nothing sensible answers."""
    query = {"room": ROOM} | ({} if token is None else {"token": token})
    path = f"{door.path}?{urlencode(query, quote_via=quote)}"
    rid = int(time.time()) * 1000
    opened = _send(
        door,
        path,
        f"<body rid='{rid}' to='{door.domain}' xml:lang='en' wait='10' hold='1' ver='1.6' "
        "content='text/xml; charset=utf-8' xmpp:version='1.0' "
        "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>",
    )
    session = re.search(r"""\bsid=['"]([^'"]+)['"]""", opened)
    if session is None:
        raise ProbeError(f"no stream opens: {_gist(opened)}")
    answer = _send(
        door,
        path,
        f"<body rid='{rid + 1}' sid='{session[1]}' xmlns='http://jabber.org/protocol/httpbind'>"
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>",
    )
    if "<success" in answer:
        _send(
            door,
            path,
            f"<body rid='{rid + 2}' sid='{session[1]}' type='terminate' "
            "xmlns='http://jabber.org/protocol/httpbind'/>",
        )
        return Tried(True)
    if "<failure" in answer:
        text = re.search(r"<text[^>]*>([^<]*)</text>", answer)
        return Tried(False, text[1] if text else "refused")
    raise ProbeError(f"no answer to the sign-in: {_gist(answer)}")


def cases(door: Door, now: float) -> Mapping[str, tuple[bool, str | None]]:
    """Each kind of token: whether it is to be let in, and the token (None: none at all)."""
    base: dict[str, Any] = {
        "iss": door.app,
        "aud": door.audience,
        "sub": door.address.host,
        "room": ROOM,
        "nbf": int(now) - _MINUTE,
        "exp": int(now) + 5 * _MINUTE,
    }
    other = Secret("not-the-secret-of-this-server-0000")

    def token(secret: Secret = door.secret, **changed: Any) -> str:
        claims = {k: v for k, v in (base | changed).items() if v is not None}
        return mint(claims, secret)

    unsigned = mint(base, door.secret, {"alg": "none", "typ": "JWT"}).rpartition(".")[0] + "."
    return {
        "a good token": (True, token()),
        "no token": (door.open, None),
        "a token of another secret": (False, token(other)),
        "a token that has ended": (False, token(exp=int(now) - _MINUTE)),
        "a token that is not valid yet": (False, token(nbf=int(now) + 10 * _MINUTE)),
        "a token of another app": (False, token(iss="somebody-else")),
        "a token for somebody else": (False, token(aud="somebody-else")),
        "a token without a room": (False, token(room=None)),
        "an unsigned token": (False, unsigned),
        "no token at all, but letters": (False, "abc.def.ghi"),
    }


def token_checks(door: Door) -> list[Check]:
    """One check that tries them all."""
    return [Check("video tokens", lambda: _tokens(door))]


def _tokens(door: Door) -> Iterable[Outcome]:
    good: list[str] = []
    for name, (wanted, token) in cases(door, time.time()).items():
        try:
            tried = sign_in(door, token)
        except ProbeError as error:
            yield Outcome(
                check="video tokens",
                state=State.BAD,
                message=f"{name}: {error}",
                hint="is Prosody running? `chatops status`; without it nobody meets",
            )
            return
        if tried.let_in is wanted:
            good.append(name)
        elif wanted:
            yield Outcome(
                check="video tokens",
                state=State.BAD,
                message=f"{name} is refused: {tried.text}",
                hint="chat and video must share one secret, and their clocks must agree",
            )
        else:
            yield Outcome(
                check="video tokens",
                state=State.BAD,
                message=f"{name} is let in",
                hint="anybody may start meetings: is the token module of Prosody loaded?",
            )
    if good:
        kinds = "kind of token is answered as it", "kinds of token are answered as they"
        text = f"{counted(len(good), *kinds)} should be"
        yield Outcome(check="video tokens", state=State.OK, message=text)


def _send(door: Door, path: str, body: str) -> str:
    answer = probes.ask(
        door.address,
        path,
        method="POST",
        body=body.encode(),
        headers={"Content-Type": "text/xml; charset=utf-8"},
    )
    if answer.status != 200:
        raise ProbeError(f"{door.path} answers {answer.status}")
    return answer.body.decode("utf-8", "replace")


def _gist(text: str) -> str:
    return " ".join(text.split())[:120]
