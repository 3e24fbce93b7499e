"""What differs, what is left alone, and what is refused."""

from dataclasses import replace

import pytest

from chatops.core.plan import NoteKind
from chatops.core.renaming import renames
from chatops.resources import UNKNOWN
from tests.core.build import (
    NO,
    company,
    differ,
    facts,
    lines,
    person,
    there_channel,
    there_members,
    there_setting,
    there_team,
    there_team_members,
    there_user,
)

NAME = there_setting("company.name", "Acme")


def teams(*channels: dict, **more: object) -> list[dict]:
    return [{"name": "eng", "channels": list(channels), **more}]


def test_nothing_there_everything_is_created_in_order() -> None:
    desired = company(users=[person("ann")], teams=teams({"name": "ops", "members": ["ann"]}))
    assert lines(differ(desired, there_setting("company.name", "Old"))) == [
        "update setting:company.name value",
        "create user:ann",
        "create team:eng",
        "create team-members:eng",
        "create channel:eng/ops",
        "create members:eng/ops",
    ]


def test_unmentioned_fields_are_never_compared() -> None:
    desired = company(users=[{"username": "ann"}])
    assert lines(differ(desired, NAME, there_user("ann", roles="admin", name="Any Body"))) == []


def test_unknown_fields_are_never_compared() -> None:
    desired = company(users=[person("ann", title="CIO")])
    there = there_user("ann")
    there = replace(there, resource=replace(there.resource, title=UNKNOWN))
    assert lines(differ(desired, NAME, there)) == []


def test_names_are_compared_folded() -> None:
    desired = company(users=[person("ann")])
    there = there_user("Ann")
    there = replace(there, resource=replace(there.resource, email="ann@acme.example"))
    assert lines(differ(desired, NAME, there)) == []


def test_what_the_platform_lacks_is_blank() -> None:
    desired = company(users=[person("ann", title="CIO")])
    assert lines(differ(desired, NAME, there_user("ann"), on=facts(user__title=NO))) == []
    assert lines(differ(desired, NAME, there_user("ann"))) == ["update user:ann title"]


@pytest.mark.parametrize("policy,expected", [("report", []), ("archive", ["remove channel:eng/x"])])
def test_unmanaged(policy: str, expected: list[str]) -> None:
    desired = company(teams=teams(), policy={"unmanaged": policy})
    found = differ(desired, NAME, there_team("eng"), there_channel("eng", "x"), there_user("bob"))
    assert lines(found) == expected
    noted = [str(n.key) for n in found.notes]
    assert noted == (["user:bob"] if expected else ["user:bob", "channel:eng/x"])


def test_unmanaged_ignore_says_nothing() -> None:
    desired = company(teams=teams(), policy={"unmanaged": "ignore"})
    found = differ(desired, NAME, there_team("eng"), there_channel("eng", "x"))
    assert (found.changes, found.notes) == ((), ())


def test_ignored_protected_archived_and_our_own_account_are_no_strangers() -> None:
    desired = company(teams=teams(), policy={"unmanaged": "archive"}, ignore=["channel:*/tmp-*"])
    found = differ(
        desired,
        NAME,
        there_team("eng"),
        there_channel("eng", "tmp-1"),
        there_channel("eng", "town-square", protected=True),
        there_channel("eng", "old", archived=True),
        there_user("root", roles="admin"),
    )
    assert (found.changes, found.notes) == ((), ())


def test_channels_of_a_strange_team_go_with_it() -> None:
    desired = company(policy={"unmanaged": "archive"})
    found = differ(desired, NAME, there_team("eng"), there_channel("eng", "x"))
    assert lines(found) == ["remove team:eng"]


def test_only() -> None:
    desired = company(users=[person("ann")], teams=teams({"name": "ops"}, {"name": "dev"}))
    assert lines(differ(desired, NAME, only=("channel:eng/o*",))) == ["create channel:eng/ops"]
    assert lines(differ(desired, NAME, only=("user",))) == ["create user:ann"]


def test_archived_is_brought_back() -> None:
    desired = company(teams=teams({"name": "ops", "topic": "T"}))
    found = differ(desired, NAME, there_team("eng"), there_channel("eng", "ops", archived=True))
    assert lines(found) == ["update channel:eng/ops topic,archived"]


def test_locked_is_said_and_not_tried() -> None:
    desired = company()
    found = differ(
        desired, there_setting("company.name", "Old", locked={"value": "set by environment"})
    )
    assert found.changes == ()
    assert found.notes[0].kind is NoteKind.LOCKED
    assert "set by environment" in found.notes[0].message


def test_the_account_that_runs_is_spared() -> None:
    desired = company(users=[person("root", roles=["member"], active=False, name="Root")])
    found = differ(desired, NAME, there_user("root", roles="admin"))
    assert lines(found) == ["update user:root name"]
    assert [n.kind for n in found.notes] == [NoteKind.KEPT]


def test_inactive_and_absent_is_not_created() -> None:
    assert lines(differ(company(users=[person("ann", active=False)]), NAME)) == []


def removals(**policy: object) -> tuple:
    desired = company(
        users=[person("ann"), person("ben")],
        teams=teams({"name": "ops", "members": ["ann"], "membership": "exact"}),
        policy=policy,
    )
    return (
        desired,
        NAME,
        there_user("ann"),
        there_user("ben"),
        there_team("eng"),
        there_team_members("eng", "ann", "ben", "cat"),
        there_channel("eng", "ops"),
        there_members("eng", "ops", "ann", "ben", "cat"),
    )


def test_memberships_lost_count_against_the_cap() -> None:
    found = differ(*removals(max_removals=1))
    assert found.refusals == (
        "2 memberships would go, and policy.max_removals allows 1 "
        "(--allow-removals does it all the same)",
    )
    assert differ(*removals(max_removals=2)).refusals == ()
    assert differ(*removals(max_removals=1), allow_removals=True).refusals == ()


def test_a_cap_as_a_share_is_of_what_is_managed() -> None:
    assert differ(*removals(max_removals="67%")).refusals == ()
    assert "(66% of 3)" in differ(*removals(max_removals="66%")).refusals[0]


def test_deactivations_count() -> None:
    people = [person("ann", active=False), person("ben", active=False)]
    desired = company(users=people, policy={"max_removals": 1})
    found = differ(desired, NAME, there_user("ann"), there_user("ben"), there_user("cat"))
    assert "2 users would go" in found.refusals[0]


def test_enough_admins_must_remain() -> None:
    desired = company(users=[person("ann", roles=["member"])], policy={"min_admins": 2})
    there = (NAME, there_user("ann", roles="admin"), there_user("root", roles="admin"))
    assert "root would remain as admin" in differ(desired, *there).refusals[0]
    both = company(
        users=[person("ann", roles=["member"]), person("ben", roles=["admin"])],
        policy={"min_admins": 2},
    )
    assert differ(both, *there).refusals == ()


def test_too_few_admins_to_begin_with_is_no_reason_to_refuse() -> None:
    desired = company(users=[person("ann")], policy={"min_admins": 5})
    assert differ(desired, NAME, there_user("root", roles="admin")).refusals == ()


def test_more_people_than_the_server_takes() -> None:
    desired = company(users=[person("ann"), person("ben")])
    there = (NAME, there_user("root", roles="admin"))
    assert (
        "3 active people, and this server takes 2" in differ(desired, *there, people=2).refusals[0]
    )
    assert differ(desired, *there, people=3).refusals == ()


def test_a_rename_keeps_the_thing() -> None:
    desired = company(teams=teams({"name": "ops", "renamed_from": "old", "topic": "T"}))
    found = differ(desired, NAME, there_team("eng"), there_channel("eng", "old"))
    assert lines(found) == ["update channel:eng/ops name,topic"]
    done = differ(desired, NAME, there_team("eng"), there_channel("eng", "ops", topic="T"))
    assert lines(done) == []


def test_neither_name_live_is_a_create() -> None:
    desired = company(teams=teams({"name": "ops", "renamed_from": "old"}))
    assert lines(differ(desired, NAME, there_team("eng"))) == ["create channel:eng/ops"]


def test_both_names_live_is_refused() -> None:
    desired = company(teams=teams({"name": "ops", "renamed_from": "old"}))
    there = {
        x.key.folded: x
        for x in (there_team("eng"), there_channel("eng", "old"), there_channel("eng", "ops"))
    }
    moving, wrong = renames(desired, facts(), there)
    assert moving == {}
    assert "both are on the server" in wrong[0]


def test_names_that_move_up_in_a_row() -> None:
    desired = company(
        teams=teams(
            {"name": "b", "renamed_from": "a"},
            {"name": "c", "renamed_from": "b"},
        )
    )
    before = (NAME, there_team("eng"), there_channel("eng", "a"), there_channel("eng", "b"))
    assert lines(differ(desired, *before)) == [
        "update channel:eng/b name",
        "update channel:eng/c name",
    ]
    after = (NAME, there_team("eng"), there_channel("eng", "b"), there_channel("eng", "c"))
    assert lines(differ(desired, *after)) == []


def test_who_is_switched_off_on_the_server_is_not_added_while_the_file_is_silent() -> None:
    desired = company(users=[person("ann")], teams=teams({"name": "ops", "members": ["ann"]}))
    there = (NAME, there_user("ann", active=False), there_team("eng"), there_channel("eng", "ops"))
    there = (*there, there_team_members("eng"), there_members("eng", "ops"))
    assert lines(differ(desired, *there)) == []
    back = company(
        users=[person("ann", active=True)], teams=teams({"name": "ops", "members": ["ann"]})
    )
    assert lines(differ(back, *there)) == [
        "update user:ann active",
        "update team-members:eng members",
        "update members:eng/ops members",
    ]


def test_only_refuses_what_would_stand_on_nothing() -> None:
    desired = company(users=[person("ann")], teams=teams({"name": "ops", "members": ["ann"]}))
    found = differ(desired, NAME, there_user("ann"), only=("channel",))
    assert found.refusals == (
        "channel:eng/ops needs team:eng, which is neither on the server nor in --only",
    )
    assert (
        differ(desired, NAME, there_user("ann"), there_team("eng"), only=("channel",)).refusals
        == ()
    )


def test_the_account_that_runs_keeps_its_name_and_its_mail() -> None:
    desired = company(
        users=[person("chief", renamed_from="root"), {"username": "ann", "email": "a@acme.example"}]
    )
    found = differ(desired, NAME, there_user("root", roles="admin"), there_user("ann"), me="ann")
    assert lines(found) == ["update user:chief username,email"]
    assert any("keeps its mail address" in n.message for n in found.notes)


def test_ignore_minds_no_case_and_covers_the_members_and_the_old_name() -> None:
    desired = company(
        users=[person("w3", renamed_from="p3")],
        teams=teams({"name": "keep", "members": ["w3"], "membership": "exact"}),
        policy={"unmanaged": "archive"},
        ignore=["channel:*/TMP-*", "user:p*", "channel:eng/k*"],
    )
    found = differ(
        desired,
        NAME,
        there_user("p3"),
        there_team("eng"),
        there_team_members("eng", "w3"),
        there_channel("eng", "Tmp-Files"),
        there_channel("eng", "keep"),
        there_members("eng", "keep", "ben"),
    )
    assert lines(found) == []


def test_a_place_in_a_team_takes_the_places_in_its_channels_with_it() -> None:
    desired = company(
        users=[person("ann"), person("ben")],
        teams=teams(
            {"name": "one", "members": ["ann"]},
            {"name": "two", "members": ["ann"]},
            members=["ann"],
            membership="exact",
        ),
        policy={"max_removals": 1},
    )
    there = (
        NAME,
        there_user("ann"),
        there_user("ben"),
        there_team("eng"),
        there_team_members("eng", "ann", "ben"),
        there_channel("eng", "one"),
        there_channel("eng", "two"),
        there_members("eng", "one", "ann", "ben"),
        there_members("eng", "two", "ann", "ben"),
    )
    found = differ(desired, *there)
    # The channels lose Ben with the team: that is no change of theirs, but it counts.
    assert lines(found) == ["update team-members:eng members"]
    assert "3 memberships would go" in found.refusals[0]


def test_leads_lost_count() -> None:
    desired = company(
        users=[person("ann")],
        teams=teams(leads=["ann"], members=["ann", "group:g"], membership="exact"),
        groups=[{"name": "g", "members": ["ann"]}],
        policy={"max_removals": 0},
    )
    there = (NAME, there_user("ann"), there_team("eng"))
    there = (*there, there_team_members("eng", "ann", leads=("ann",)))
    assert differ(desired, *there).refusals == ()
    nobody = company(
        users=[person("ann")],
        teams=teams(leads=[], members=["ann"], membership="exact"),
        policy={"max_removals": 0},
    )
    assert "1 membership would go" in differ(nobody, *there).refusals[0]


def test_a_team_takes_its_channels_with_it_and_they_count() -> None:
    desired = company(policy={"unmanaged": "archive", "max_removals": 1})
    there = [there_channel("eng", f"c{n}") for n in range(3)]
    assert "3 channels would go" in differ(desired, NAME, there_team("eng"), *there).refusals[0]


def test_privacy_that_is_not_said_is_left_alone() -> None:
    secret = there_channel("eng", "ops")
    secret = replace(secret, resource=replace(secret.resource, private=True))
    desired = company(teams=teams({"name": "ops"}))
    assert lines(differ(desired, NAME, there_team("eng"), secret)) == []


def test_a_pattern_that_names_nothing_is_refused() -> None:
    desired = company(users=[person("ann")])
    assert "names nothing" in differ(desired, NAME, only=("chanel",)).refusals[0]
    assert "names nothing" in differ(desired, NAME, only=("user:nix",)).refusals[0]


def test_what_the_server_made_keeps_its_name() -> None:
    desired = company(users=[person("cat", renamed_from="rocket.cat")])
    bot = there_user("rocket.cat", protected=True)
    moving, wrong = renames(desired, facts(), {bot.key.folded: bot})
    assert moving == {}
    assert "made by the server itself" in wrong[0]


def moved(policy: str) -> tuple[list[str], list[str]]:
    """A channel of `eng` is said to be one of `ops` under a new name."""
    desired = company(
        teams=[
            {"name": "eng", "channels": []},
            {"name": "ops", "channels": [{"name": "beta9", "renamed_from": "beta"}]},
        ],
        policy={"unmanaged": policy},
    )
    found = differ(desired, there_team("eng"), there_team("ops"), there_channel("eng", "beta"))
    told = [n.message for n in found.notes if n.key is not None and n.key.name == "ops/beta9"]
    return told, list(found.refusals)


def test_a_channel_does_not_move_to_another_team_by_its_old_name() -> None:
    told, refusals = moved("report")
    assert told == [
        "ops has no channel `beta` to rename, and eng/beta is another one: channels do not move "
        "between teams"
    ]
    assert refusals == []
    told, refusals = moved("archive")
    assert told == []
    assert refusals == [
        "channel:ops/beta9: ops has no channel `beta` to rename, and eng/beta is another one: "
        "channels do not move between teams; keep eng/beta in the file, or take `renamed_from` "
        "out to begin anew"
    ]


def test_who_keeps_the_old_name_is_added_nowhere_under_the_new_one() -> None:
    desired = company(
        users=[person("boss", renamed_from="me", roles=["admin"])],
        teams=[{"name": "eng", "members": ["everyone"]}],
    )
    found = differ(desired, there_user("me", roles="admin"), there_team("eng"), me="me")
    assert "team-members:eng" not in {str(c.key) for c in found.changes}


def test_an_address_that_somebody_has_and_keeps_is_refused() -> None:
    desired = company(users=[person("anna", email="ann@acme.example"), person("bo")])
    found = differ(desired, there_user("ann"), there_user("bo", email="old@acme.example"))
    assert found.refusals == (
        "anna: ann@acme.example is the address of ann; if it is the same person under a new name, "
        "write `renamed_from: ann`",
    )
    left = company(
        users=[person("ann", email="new@acme.example"), person("bo", email="ann@acme.example")]
    )
    assert not differ(left, there_user("ann"), there_user("bo")).refusals
    kept = company(users=[person("ann"), person("bo", email="Ann@acme.example")])
    assert differ(kept, there_user("ann"), there_user("bo")).refusals == (
        "bo: ann@acme.example is the address of ann; give one of them another address",
    )
