"""What comes before what, and what a cancelled walk leaves."""

import threading
from concurrent.futures import ThreadPoolExecutor

from chatops.core.order import Node, graph, knot, walk
from chatops.platforms.base import Action
from chatops.resources import Kind
from tests.core.build import (
    company,
    differ,
    person,
    there_channel,
    there_setting,
    there_team,
    there_user,
)


def order_of(desired, *there, moving=None) -> list[str]:
    seen: list[str] = []
    nodes = graph(differ(desired, *there).changes, moving or {})

    def visit(node: Node) -> None:
        if node.change is not None:
            seen.append(f"{node.change.action} {node.change.key}")

    with ThreadPoolExecutor(1) as pool:
        walk(nodes, visit, pool, threading.Event())
    return seen


def test_settings_first_one_by_one_then_what_stands_on_what() -> None:
    desired = company(
        sign_in={"self_registration": False},
        users=[person("ann")],
        teams=[{"name": "eng", "channels": [{"name": "ops", "members": ["ann"]}]}],
    )
    there = (
        there_setting("company.name", "Old"),
        there_setting("sign_in.self_registration", True),
    )
    seen = order_of(desired, *there)
    assert seen[:2] == [
        "update setting:company.name",
        "update setting:sign_in.self_registration",
    ]
    assert seen.index("create user:ann") < seen.index("create team-members:eng")
    assert seen.index("create team:eng") < seen.index("create channel:eng/ops")
    assert seen[-1] == "create members:eng/ops"


def test_a_new_admin_comes_before_the_old_one_goes() -> None:
    desired = company(
        users=[person("ann", roles=["member"]), person("zoe", roles=["admin"])],
    )
    there = (
        there_setting("company.name", "Acme"),
        there_user("ann", roles="admin"),
        there_user("zoe"),
    )
    assert order_of(desired, *there) == ["update user:zoe", "update user:ann"]


def test_a_name_is_left_before_the_next_one_takes_it() -> None:
    desired = company(
        teams=[
            {
                "name": "eng",
                "channels": [
                    {"name": "b", "renamed_from": "a"},
                    {"name": "c", "renamed_from": "b"},
                ],
            }
        ]
    )
    there = (
        there_setting("company.name", "Acme"),
        there_team("eng"),
        there_channel("eng", "a"),
        there_channel("eng", "b"),
    )
    moving = dict(desired.renames)
    assert order_of(desired, *there, moving=moving) == [
        "update channel:eng/c",
        "update channel:eng/b",
    ]


def test_a_cancelled_walk_starts_nothing_more() -> None:
    desired = company(users=[person(f"u{n}") for n in range(20)])
    found = differ(desired, there_setting("company.name", "Acme"))
    assert {c.action for c in found.changes} == {Action.CREATE}
    cancelled, seen = threading.Event(), []

    def visit(node: Node) -> None:
        if node.change is not None and node.change.key.kind is Kind.USER:
            seen.append(node)
            cancelled.set()

    with ThreadPoolExecutor(1) as pool:
        walk(graph(found.changes, {}), visit, pool, cancelled)
    assert len(seen) == 1


def test_a_demotion_in_a_row_of_renames_makes_no_circle() -> None:
    desired = company(
        users=[
            person("bb", renamed_from="aa", roles=["admin"]),
            person("cc", renamed_from="bb", roles=["member"]),
        ]
    )
    there = (
        there_setting("company.name", "Acme"),
        there_user("aa"),
        there_user("bb", roles="admin"),
    )
    seen = order_of(desired, *there, moving=dict(desired.renames))
    assert seen == ["update user:cc", "update user:bb"]


def test_people_join_a_team_when_its_channels_for_newcomers_are_there() -> None:
    desired = company(
        users=[person("ann")],
        teams=[
            {
                "name": "eng",
                "members": ["ann"],
                "channels": [{"name": "news", "default": True}, {"name": "ops"}],
            }
        ],
    )
    found = order_of(desired)
    assert found.index("create channel:eng/news") < found.index("create team-members:eng")


def test_an_address_is_left_before_somebody_else_takes_it() -> None:
    """Servers take no address that another account has."""
    desired = company(
        users=[
            person("bo", email="cy@acme.example"),
            person("cy", email="cy2@acme.example", roles=["member"]),
        ],
    )
    there = (
        there_user("bo", email="bo@acme.example"),
        there_user("cy", email="cy@acme.example", roles="admin"),
    )
    changes = differ(desired, *there).changes
    assert knot(changes, {}) == ()
    seen = order_of(desired, *there)
    assert seen.index("update user:cy") < seen.index("update user:bo")


def test_addresses_that_go_round_are_a_knot() -> None:
    desired = company(
        users=[person("bo", email="cy@acme.example"), person("cy", email="bo@acme.example")],
    )
    there = (
        there_user("bo", email="bo@acme.example"),
        there_user("cy", email="cy@acme.example"),
    )
    assert [k.name for k in knot(differ(desired, *there).changes, {})] == ["bo", "cy"]
