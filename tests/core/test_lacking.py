"""What a platform cannot hold, holds anyway, or holds in part."""

from dataclasses import replace

from chatops.core.holding import hold
from chatops.core.lacking import Lacking
from chatops.platforms.base import Can, Facts, Support
from chatops.resources import UNSET, Kind, Role, User, in_part
from chatops.spec import SourceMap
from chatops.spec.nodes import Mapping
from tests.core.build import NO, company, differ, facts, live, person


def said(desired, table: Facts) -> list[tuple[str, str]]:
    places = SourceMap("company.yaml", Mapping(1, 1))
    return [(f.rule, f.message) for f in Lacking(desired, table, places).run()]


def test_what_is_so_anyway_asks_for_nothing() -> None:
    table = replace(
        facts(channel__posting=NO, setting__storage__message_retention=NO),
        anyway={"channel.posting": "everyone", "setting.storage.message_retention": 0},
    )
    channels = [{"name": "a", "posting": "everyone"}, {"name": "b", "posting": "leads"}]
    asked = company(storage={"message_retention": "forever"}, teams=[_team(channels[:1])])
    assert said(asked, table) == []
    more = company(storage={"message_retention": "1y"}, teams=[_team(channels)])
    assert said(more, table) == [("unsupported", "it cannot")] * 2
    first = next(r for r in asked.resources if r.kind is Kind.CHANNEL)
    assert hold(first, table).posting is UNSET


def _team(channels: list[dict]) -> dict:
    return {"name": "eng", "channels": channels}


def test_another_value_is_said_once_for_all_who_get_it() -> None:
    def english(user: User) -> User:
        return replace(user, locale="en") if user.locale is not UNSET else user

    table = replace(
        facts(user__locale=Support(Can.EMULATED, "it speaks English")),
        normalize={Kind.USER: english},
    )
    people = [person("ann", locale="da"), person("ben", locale="da"), person("cat", locale="en")]
    assert said(company(users=people), table) == [
        ("altered", "`da` becomes `en`: it speaks English (2 people)")
    ]
    assert said(company(users=people), replace(table, support={})) == []


def test_a_permission_may_depend_on_the_role() -> None:
    table = facts(**{"permission__team.create.team-lead": NO})
    roles = [{"name": n, "may": ["team.create", "post.pin"]} for n in ("team-lead", "member")]
    asked = company(roles=roles)
    held = {r.name: hold(r, table).may for r in asked.resources if isinstance(r, Role)}
    assert held == {"team-lead": {"post.pin"}, "member": {"team.create", "post.pin"}}
    assert said(asked, table) == [("unsupported", "it cannot")]


def test_a_built_in_role_that_is_not_held_is_not_written() -> None:
    table = facts(role__guest=NO)
    asked = company(roles=[{"name": "guest", "may": ["post.pin"]}])
    role = next(r for r in asked.resources if isinstance(r, Role))
    assert hold(role, table) is None
    assert said(asked, table) == [("unsupported", "it cannot")]


def test_a_word_that_is_held_in_part_becomes_whole_or_nothing() -> None:
    archive, pin = "channel.archive", "post.pin"
    there = live(
        Role(name="member", may=frozenset({in_part(archive), in_part(pin), "team.create"}))
    )
    for said_of, left in (("may", {archive}), ("may_not", set())):
        asked = company(roles=[{"name": "member", said_of: [archive]}])
        change = next(c for c in differ(asked, there).changes if c.key.kind is Kind.ROLE)
        assert change.want.may == {"team.create", in_part(pin), *left}
