"""Small companies for the tests of the engine's pure parts."""

from typing import Any

from chatops.core.desired import Desired
from chatops.core.diff import Difference, Observed, compare
from chatops.core.expand import expand
from chatops.core.holding import hold
from chatops.core.renaming import renames
from chatops.platforms.base import Can, Facts, Limits, Support
from chatops.resources import (
    Channel,
    ChannelMembers,
    Live,
    Resource,
    Setting,
    Team,
    TeamMembers,
    User,
)
from chatops.spec.models import Spec


def facts(**cells: Support) -> Facts:
    """A platform that holds everything but what is named (`user__title=…`)."""
    return Facts(
        label="Toy 1.0",
        editions=("free",),
        support={k.replace("__", "."): v for k, v in cells.items()},
        rules=(),
        normalize={},
        implied=lambda resources: (),
        pristine=(),
    )


NO = Support(Can.NO, "it cannot")


def company(**parts: Any) -> Desired:
    body: dict[str, Any] = {"version": 1, "company": {"name": "Acme"}, "chat": {"platform": "toy"}}
    return expand(Spec.model_validate(body | parts))


def person(username: str, **more: Any) -> dict[str, Any]:
    return {"username": username, "email": f"{username}@acme.example", **more}


def live(resource: Resource, **more: Any) -> Live[Any]:
    return Live(resource=resource, id=f"id-{resource.key}", **more)


def there_user(username: str, *, roles: str = "member", active: bool = True, **more: Any) -> Live:
    return live(
        User(
            username=username,
            name=more.pop("name", ""),
            email=more.pop("email", f"{username}@acme.example"),
            title="",
            roles=frozenset({roles}),
            active=active,
        ),
        archived=not active,
        **more,
    )


def there_team(name: str, **more: Any) -> Live:
    archived = more.get("archived", False)
    return live(
        Team(name=name, display_name=name, description="", open=False, archived=archived), **more
    )


def there_channel(team: str, name: str, *, topic: str = "", **more: Any) -> Live:
    archived = more.get("archived", False)
    return live(
        Channel(
            team=team,
            name=name,
            display_name=name,
            topic=topic,
            purpose="",
            private=False,
            archived=archived,
        ),
        **more,
    )


def there_members(team: str, channel: str, *people: str) -> Live:
    return live(ChannelMembers(team=team, channel=channel, members=frozenset(people)))


def there_team_members(team: str, *people: str, leads: tuple[str, ...] = ()) -> Live:
    return live(TeamMembers(team=team, members=frozenset(people), leads=frozenset(leads)))


def there_setting(name: str, value: Any, **more: Any) -> Live:
    return live(Setting(name=name, value=value), **more)


def differ(
    desired: Desired,
    *lives: Live,
    me: str = "root",
    people: int | None = None,
    only: tuple[str, ...] = (),
    allow_removals: bool = False,
    on: Facts | None = None,
) -> Difference:
    """Compare a company with what is there."""
    on = on or facts()
    there = {x.key.folded: x for x in lives}
    moving, wrong = renames(desired, on, there)
    assert not wrong, wrong
    active = sum(isinstance(x.resource, User) and x.resource.active is True for x in lives)
    return compare(
        desired,
        tuple(hold(r, on) for r in desired.resources),
        Observed(live=there, me=me, limits=Limits(people=people, people_now=active)),
        moving,
        only=only,
        allow_removals=allow_removals,
    )


def lines(found: Difference) -> list[str]:
    """Each change in a word."""
    return [
        f"{c.action} {c.key}" + (f" {','.join(c.changed)}" if c.changed else "")
        for c in found.changes
    ]
