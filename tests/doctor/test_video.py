"""The door of the video server: on a stand-in that judges as the real one was seen to, or, with
CHATOPS_VIDEO_DOOR=URL and CHATOPS_VIDEO_SECRET, on a real Prosody.
"""

import os
import time
from collections.abc import Iterator

import pytest

from chatops.core.expand.settings import VIDEO_APP
from chatops.doctor.outcome import State, carry_out
from chatops.doctor.probes import address_of
from chatops.doctor.tokens import mint
from chatops.doctor.video import ROOM, Door, cases, sign_in, token_checks
from chatops.secrets import Secret

from .servers import Quiet, prosody, serving

SECRET = "0123456789abcdefghijABCDEFGHIJ"


def door(url: str, secret: str = SECRET, **more: bool) -> Door:
    address = address_of(url)
    return Door(address=address, app="chatops", audience="chatops", secret=Secret(secret), **more)


@pytest.fixture
def real_or_stand_in() -> Iterator[Door]:
    url = os.environ.get("CHATOPS_VIDEO_DOOR")
    if url:
        yield door(url, os.environ["CHATOPS_VIDEO_SECRET"])
        return
    with serving(prosody(SECRET, "chatops")) as port:
        yield door(f"http://127.0.0.1:{port}")


def test_each_token_gets_the_answer_it_should(real_or_stand_in: Door) -> None:
    for name, (wanted, token) in cases(real_or_stand_in, time.time()).items():
        tried = sign_in(real_or_stand_in, token)
        assert tried.let_in is wanted, (name, tried.text)
        assert wanted or tried.text


def of_the_plugin(secret: str, room: str, minutes: int = 30) -> str:
    """A token as Mattermost's plugin makes it for the link of a meeting that begins.

    Source: startMeeting in server/plugin.go and Claims in server/model.go of
    mattermost-community/mattermost-plugin-jitsi 2.0. The one audience is written as text, the
    person is empty until somebody opens the link, and there is no `nbf`.
    """
    nobody = {"avatar": "", "name": "", "email": "", "id": ""}
    claims = {
        "aud": VIDEO_APP,
        "exp": int(time.time()) + minutes * 60,
        "iss": VIDEO_APP,
        "sub": "meet.nordlys.example",
        "context": {"user": nobody, "group": ""},
        "room": room,
    }
    return mint(claims, Secret(secret), {"alg": "HS256", "typ": "JWT"})


def test_a_token_of_the_chats_plugin_is_let_in(real_or_stand_in: Door) -> None:
    mine = real_or_stand_in.secret.reveal()
    assert sign_in(real_or_stand_in, of_the_plugin(mine, ROOM)).let_in
    assert not sign_in(real_or_stand_in, of_the_plugin(mine, ROOM, minutes=-1)).let_in
    assert not sign_in(real_or_stand_in, of_the_plugin("another-secret-entirely", ROOM)).let_in


def test_all_is_well(real_or_stand_in: Door) -> None:
    found = carry_out(token_checks(real_or_stand_in), lambda name: None)
    assert [(o.state, o.message) for o in found] == [
        (State.OK, "10 kinds of token are answered as they should be")
    ]


def test_a_dead_token_module_is_seen() -> None:
    with serving(prosody(SECRET, "chatops", let_in=lambda problem: True)) as port:
        found = carry_out(token_checks(door(f"http://127.0.0.1:{port}")), lambda name: None)
    bad = [o.message for o in found if o.state is State.BAD]
    assert "no token is let in" in bad
    assert "a token of another secret is let in" in bad
    assert len(bad) == 9


def test_another_secret_than_the_chats_is_seen() -> None:
    with serving(prosody("another-secret-entirely", "chatops")) as port:
        found = carry_out(token_checks(door(f"http://127.0.0.1:{port}")), lambda name: None)
    bad = [o.message for o in found if o.state is State.BAD]
    assert bad == ["a good token is refused: Invalid signature"]


def test_no_prosody_behind_the_proxy_is_one_finding() -> None:
    with serving(Quiet) as port:
        found = carry_out(token_checks(door(f"http://127.0.0.1:{port}")), lambda name: None)
    assert [o.state for o in found] == [State.BAD]
    assert "answers 501" in found[0].message


def test_no_token_is_asked_for_where_all_may_meet() -> None:
    with serving(prosody(SECRET, "chatops", let_in=lambda p: p == "token required")) as port:
        found = carry_out(
            token_checks(door(f"http://127.0.0.1:{port}", open=True)), lambda name: None
        )
    assert [o.state for o in found] == [State.OK]
