"""Departments and hours: one of a name, agents first, and hours that count."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Change, Release
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.settings.live_chat import colour, origin
from chatops.resources import BusinessHours, Department, Kind, Setting
from chatops.sandbox import Sandbox
from tests.platforms.rocketchat.conftest import Bench

Own = Callable[..., tuple[Sandbox, Bench]]
HOURS = BusinessHours().key


def department(name: str = "Support", **fields: Any) -> Department:
    return Department(name=name, **fields)


def row(bench: Bench, ident: str) -> dict:
    return bench.server.client.get(f"livechat/department/{ident}")["department"]


def roles(bench: Bench, name: str) -> list[str]:
    return bench.server.client.get("users.info", username=name)["user"]["roles"]


@pytest.fixture
def alone(own: Own) -> Bench:
    """A server without a department."""
    return own()[1]


def test_agents_get_their_role_first(alone: Bench) -> None:
    ida, bo = alone.users(2)
    made = alone.create(department(agents=frozenset({ida, bo}), email="a@x.example"))
    assert not made.failed
    live = alone.one(department().key)
    assert live.resource == Department(
        name="Support",
        agents=frozenset({ida, bo}),
        email="a@x.example",
        description="",
        active=True,
    )
    assert all("livechat-agent" in roles(alone, name) for name in (ida, bo))
    alone.update(department().key, agents=frozenset({bo}))
    assert alone.one(department().key).resource.agents == {bo}
    # Who answers here no more may answer elsewhere.
    assert "livechat-agent" in roles(alone, ida)


def test_an_agent_who_is_nobody_stops_none_of_the_others(alone: Bench) -> None:
    ida = alone.user()
    made = alone.create(department(agents=frozenset({ida, "nobody-at-all"})))
    assert set(made.failed) == {"nobody-at-all"}
    assert alone.one(department().key).resource.agents == {ida}


def test_a_second_one_is_refused_in_words_that_name_the_first(alone: Bench) -> None:
    alone.create(department("Sales"))
    with pytest.raises(ApiError) as caught:
        alone.create(department())
    assert "there is one: Sales" in caught.value.message
    alone.remove(department("Sales").key)
    with pytest.raises(ApiError) as caught:
        alone.create(department())
    assert "Sales (archived)" in caught.value.message


def test_one_of_the_same_name_is_a_conflict_whatever_its_case(alone: Bench) -> None:
    alone.create(department())
    with pytest.raises(ApiError) as caught:
        alone.create(department("SUPPORT"))
    assert caught.value.code == "taken"


def test_archived_and_brought_back_it_keeps_what_it_had(alone: Bench) -> None:
    ida = alone.user()
    ident = alone.create(
        department(agents=frozenset({ida}), email="a@x.example", description="d")
    ).id
    alone.remove(department().key)
    live = alone.one(department().key)
    assert live.archived
    assert live.resource.active is False
    handler = alone.server.handlers[Kind.DEPARTMENT]
    handler.remove(live, alone.run)
    alone.update(department().key, active=True)
    live = alone.one(department().key)
    assert live.id == ident
    assert live.resource == Department(
        name="Support",
        agents=frozenset({ida}),
        email="a@x.example",
        description="d",
        active=True,
    )


def test_what_was_set_by_hand_stays(alone: Bench) -> None:
    ident = alone.create(department(email="a@x.example")).id
    body = {
        "enabled": True,
        "name": "Support",
        "email": "a@x.example",
        "showOnRegistration": False,
        "showOnOfflineForm": True,
        "waitingQueueMessage": "One moment.",
    }
    alone.server.client.put(f"livechat/department/{ident}", {"department": body})
    alone.update(department().key, description="d")
    kept = row(alone, ident)
    assert kept["waitingQueueMessage"] == "One moment."
    assert kept["showOnRegistration"] is False
    assert (kept["email"], kept["description"]) == ("a@x.example", "d")


def test_of_several_with_one_name_the_one_in_use_is_meant(own: Own) -> None:
    _, bench = own(licence="Pro")
    first = bench.create(department()).id
    bench.server.client.post(f"livechat/department/{first}/archive", {})
    body = {
        "enabled": True,
        "name": "support",
        "email": "",
        "showOnRegistration": True,
        "showOnOfflineForm": True,
    }
    second = bench.server.client.post("livechat/department", {"department": body})
    found = bench.all(Kind.DEPARTMENT)
    assert {live.id for live in found.values()} == {first, second["department"]["_id"]}
    assert bench.one(department("support").key).id == second["department"]["_id"]
    assert department(f"Support (again, {first})").key in found


def test_hours_that_do_not_count_are_none(alone: Bench) -> None:
    assert alone.all(Kind.BUSINESS_HOURS) == {}
    want = BusinessHours(days=("monday 08:00-16:00",), timezone="Europe/Copenhagen")
    alone.create(want)
    assert alone.one(HOURS).resource == want
    switch = alone.server.client.get("settings/Livechat_enable_business_hours")
    assert switch["value"] is True


def test_hours_that_are_silent_about_the_zone_leave_it(alone: Bench) -> None:
    alone.create(BusinessHours(days=("monday 08:00-16:00",), timezone="Asia/Tokyo"))
    live = alone.one(HOURS)
    want = BusinessHours(days=("sunday 00:00-23:59",))
    change: Change[Any] = Change(
        action="update", key=HOURS, want=want, have=live, changed=("days",)
    )
    alone.server.handlers[Kind.BUSINESS_HOURS].update(change, alone.run)
    assert alone.one(HOURS).resource == BusinessHours(
        days=("sunday 00:00-23:59",), timezone="Asia/Tokyo"
    )


def test_hours_decide_whether_somebody_is_there(alone: Bench) -> None:
    client = alone.server.client
    client.post("livechat/users/agent", {"username": alone.server.me})
    client.post("users.setStatus", {"status": "online", "message": ""})
    online = lambda: client.get("livechat/config")["config"]["online"]  # noqa: E731
    assert online()
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    every = tuple(f"{day} 00:00-23:59" for day in week)
    # Where it is noon now: never the one minute of the day in which nobody is there.
    noon = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    alone.create(BusinessHours(days=every, timezone=noon))
    assert online()
    alone.update(HOURS, days=())
    assert not online()


def test_the_last_minute_of_a_day_is_kept_as_the_server_counts() -> None:
    facts = PLATFORM.facts(Release((8, 9), "community"))
    want = BusinessHours(days=("saturday 10:00-24:00", "sunday 00:00-12:00"))
    held = facts.normalize[Kind.BUSINESS_HOURS](want)
    assert held.days == ("saturday 10:00-23:59", "sunday 00:00-12:00")


@pytest.mark.parametrize(("version", "held"), [((8, 0), True), ((7, 13), False)])
def test_hours_came_with_8(version: tuple[int, ...], held: bool) -> None:
    cell = PLATFORM.facts(Release(version, "community")).cell("business-hours.days")
    assert cell.held is held


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.nordlys.example", "https://www.nordlys.example"),
        ("http://WWW.nordlys.example/shop?x=1", "https://www.nordlys.example"),
        ("https://nordlys.example:443/", "https://nordlys.example"),
        ("http://nordlys.example:8080", "https://nordlys.example:8080"),
    ],
)
def test_a_website_is_told_by_its_host(written: str, kept: str) -> None:
    assert origin(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"), [("#0a5", "#00aa55"), ("#0A5F10", "#0a5f10"), ("red", "red")]
)
def test_colours_have_two_digits_each(written: str, kept: str) -> None:
    assert colour(written) == kept


def test_the_widget_is_told_what_the_file_says(alone: Bench) -> None:
    alone.set("live_chat.website", "https://www.nordlys.example")
    alone.set("live_chat.offline_message", "We answer tomorrow.")
    alone.set("live_chat.widget.title", "Ask Nordlys")
    alone.set("live_chat.widget.color", "#00aa55")
    config = alone.server.client.get("livechat/config")["config"]
    assert config["theme"]["title"] == "Ask Nordlys"
    assert config["theme"]["color"] == "#00aa55"
    assert config["messages"]["offlineMessage"] == "We answer tomorrow."
    assert config["messages"]["offlineUnavailableMessage"] == "We answer tomorrow."
    hosts = alone.server.client.get("settings/Livechat_AllowedDomainsList")
    assert hosts["value"] == "www.nordlys.example"
    # Without the form another text is shown, and it is that which counts.
    alone.server.client.post("settings/Livechat_display_offline_form", {"value": False})
    alone.server.client.post("settings/Livechat_offline_form_unavailable", {"value": "Shut."})
    assert alone.value("live_chat.offline_message") == "Shut."
    alone.set("live_chat.enabled", False)
    assert alone.server.client.get("livechat/config")["config"] == {"enabled": False}
    alone.set("live_chat.enabled", True)
    assert alone.value("live_chat.enabled") is True


def test_the_snippet_is_that_of_the_servers_own_page(alone: Bench) -> None:
    handler = alone.server.handlers[Kind.SETTING]
    found = handler.outputs(alone.one(Setting(name="live_chat.enabled", value="").key))
    text = found["snippet"].value
    base = alone.server.client.http.base
    assert isinstance(text, str)
    assert text.startswith("<!-- Start of Rocket.Chat Livechat Script -->\n\t<script")
    assert f"j.src = '{base}/livechat/rocketchat-livechat.min.js?_=201903270000';" in text
    assert text.endswith(f"(window, document, 'script', '{base}/livechat');\n\t</script>")
    assert handler.outputs(alone.one(Setting(name="company.name", value="").key)) == {}


def test_an_address_that_would_leave_its_quotes_stays_inside(alone: Bench) -> None:
    client = alone.server.client
    client.post("settings/Site_Url", {"value": "https://x.example/'</script><b>\"`"})
    handler = alone.server.handlers[Kind.SETTING]
    found = handler.outputs(alone.one(Setting(name="live_chat.enabled", value="").key))
    text = found["snippet"].value
    assert "https://x.example/%27%3C/script%3E%3Cb%3E%22%60/livechat" in text
    assert text.count("</script>") == 1
