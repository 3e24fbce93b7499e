"""Emoji: a picture that is sent, aliases that stay, and a server that says nothing."""

import hashlib
from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.resources import UNKNOWN, Emoji, Key, Kind, Picture
from tests.clients.pictures import png
from tests.platforms.rocketchat.conftest import Bench, connect
from tests.platforms.rocketchat.relay import Bend, relay


def picture(side: int = 2, data: bytes = b"") -> Picture:
    data = data or png(side, side)
    return Picture(name="x.png", data=data, sha256=hashlib.sha256(data).hexdigest())


def row(bench: Bench, name: str) -> dict:
    rows = bench.server.client.get("emoji-custom.list")["emojis"]["update"]
    return next(row for row in rows if row["name"] == name)


def test_made_changed_and_removed_twice(bench: Bench) -> None:
    want = Emoji(name=bench.fresh("nordlys"), picture=picture())
    bench.create(want)
    live = bench.one(want.key)
    assert live.resource.picture is UNKNOWN
    before = row(bench, want.name)
    body = {"_id": live.id, "name": want.name, "aliases": "aurora,lights"}
    bench.server.client.upload("emoji-custom.update", body, "emoji", picture(3), repeatable=True)
    assert row(bench, want.name)["aliases"] == ["aurora", "lights"]
    bench.update(want.key, picture=picture(4))
    after = row(bench, want.name)
    assert after["_id"] == before["_id"]
    assert after["etag"] != before["etag"]
    assert after["aliases"] == ["aurora", "lights"]
    handler = bench.server.handlers[Kind.EMOJI]
    handler.remove(live, bench.run)
    handler.remove(live, bench.run)
    assert bench.read(want.key) == {}


@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe0", b"GIF89a"])
def test_the_server_is_told_what_kind_of_picture_it_is(bench: Bench, start: bytes) -> None:
    name = bench.fresh("kind")
    bench.create(Emoji(name=name, picture=picture(data=start + b"\0" * 20)))
    assert row(bench, name)["extension"] == ("jpeg" if start[:1] == b"\xff" else "gif")


def test_a_name_that_is_taken_is_said_in_words(bench: Bench) -> None:
    want = Emoji(name=bench.fresh("nordlys"), picture=picture())
    bench.create(want)
    with pytest.raises(ApiError) as caught:
        bench.create(want)
    assert caught.value.code == "taken"
    assert "alias" in caught.value.message


def test_one_without_its_picture_shows_none(bench: Bench) -> None:
    """The server writes the emoji first and its picture after: a crash between leaves a name."""
    names = [bench.fresh("nordlys"), bench.fresh("sydlys")]
    for name in names:
        bench.create(Emoji(name=name, picture=picture()))

    def half(path: str, status: int, data: Any) -> tuple[int, Any]:
        for found in (data.get("emojis") or {}).get("update") or ():
            if found["name"] == names[0]:
                del found["etag"]
        return status, data

    with relay(bench.server.client.http.base, Bend(answer=half)) as between:
        other = Bench(connect(between.url))
        found = other.all(Kind.EMOJI)
        other.server.close()
    assert found[Key(Kind.EMOJI, names[0])].resource.picture == ""
    assert found[Key(Kind.EMOJI, names[1])].resource.picture is UNKNOWN
