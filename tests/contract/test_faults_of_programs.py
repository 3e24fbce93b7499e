"""What goes wrong with webhooks, commands, bots, emoji, pinned messages and conversations.

As for people and places: nothing is doubled, what can go on goes on, the next run finishes.
"""

import pytest

from chatops.core.events import Outcome
from chatops.deploy.company import load_company
from chatops.deploy.keeping import shelf_of
from chatops.deploy.outputs import collect, look
from chatops.platforms.base import Action, Credential, Run
from chatops.platforms.registry import platforms
from chatops.resources import Kind
from chatops.sandbox import Fault
from tests.contract.cases.story import CHANNELS, PEOPLE, QUIET
from tests.contract.test_faults import fault_of, outcomes
from tests.contract.world import World

PINNED = "Read me first {t}"
COMPANY = (
    QUIET
    + PEOPLE
    + CHANNELS
    + "      - {name: one-{t}, pinned: ['"
    + PINNED
    + "']}\n"
    + "direct_messages: [{members: [ann-{t}, ben-{t}]}]\n"
    + "integrations:\n"
    + "  incoming_webhooks: [{name: ci-{t}, channel: team-{t}/one-{t}}]\n"
    + "  outgoing_webhooks: [{name: told-{t}, channel: team-{t}/one-{t}, trigger_words: ['!w'], "
    + "url: 'https://bots.contract.example/w'}]\n"
    + "  slash_commands: [{team: team-{t}, trigger: truck-{t}, "
    + "url: 'https://bots.contract.example/t'}]\n"
    + "  bots: [{username: robo-{t}, channels: [team-{t}/one-{t}]}]\n"
    + "  emoji: [{name: nord-{t}, file: pictures/green.png}]\n"
    + "live_chat:\n"
    + "  departments: [{name: 'Support {t}', agents: [ann-{t}], email: h-{t}@contract.example}]\n"
    + "  hours: {monday-friday: '08:15-16:00'}\n"
)
CREATES = {
    "mattermost": {
        Kind.PINNED: "/api/v4/posts",
        Kind.DIRECT_MESSAGE: "/api/v4/channels/direct",
        Kind.INCOMING_WEBHOOK: "/api/v4/hooks/incoming",
        Kind.OUTGOING_WEBHOOK: "/api/v4/hooks/outgoing",
        Kind.SLASH_COMMAND: "/api/v4/commands",
        Kind.BOT: "/api/v4/bots",
        Kind.EMOJI: "/api/v4/emoji",
    },
    "rocketchat": {
        Kind.PINNED: "/api/v1/chat.sendMessage",
        Kind.DIRECT_MESSAGE: "/api/v1/im.create",
        Kind.INCOMING_WEBHOOK: "/api/v1/integrations.create",
        Kind.OUTGOING_WEBHOOK: "/api/v1/integrations.create",
        Kind.BOT: "/api/v1/users.create",
        Kind.EMOJI: "/api/v1/emoji-custom.create",
        Kind.DEPARTMENT: "/api/v1/livechat/department",
        Kind.BUSINESS_HOURS: "/api/v1/livechat/business-hours.save",
    },
}
"""Where each product makes things: the faults are laid there."""
WAYS = [(name, kind) for name in sorted(CREATES) for kind in CREATES[name]]
STEPS = {
    "mattermost": ["/api/v4/bots", "/api/v4/users/*/tokens"],
    "rocketchat": [
        "/api/v1/users.create",
        "/api/v1/login",
        "/api/v1/users.generatePersonalAccessToken",
        "/api/v1/roles.addUserToRole",
    ],
}
"""The calls between which a bot is half made."""
EVERY = pytest.mark.parametrize("fresh", sorted(platforms()), indirect=True)


def count(world: World, kind: Kind) -> int:
    """How many of a kind are there, counted from a listing; of messages, how often it was said."""
    if kind is Kind.PINNED:
        assert world.sandbox is not None
        text = PINNED.replace("{t}", world.tag)
        view = world.sandbox.workspace.view()
        said = (m.text for t in view.teams for c in t.channels for m in c.messages)
        return sum(text in line for line in said)
    planned = world.plan(COMPANY)
    server = planned.server
    assert server is not None
    keys = [r.key for r in planned.reading.held if r.kind is kind]
    scope = keys if kind is Kind.DIRECT_MESSAGE else None
    found = server.handlers[kind].read(scope, planned.reading.ids)
    # There is one set of hours on a server, under no name of ours.
    return sum(world.tag in x.key.name or kind is Kind.BUSINESS_HOURS for x in found)


@pytest.mark.parametrize(("fresh", "kind"), WAYS, indirect=["fresh"])
@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "cut_after"])
def test_a_fault_at_a_create_doubles_nothing(fresh: World, kind: Kind, fault: str) -> None:
    assert fresh.sandbox is not None
    planned = fresh.plan(COMPANY)
    path = CREATES[fresh.platform.name][kind]
    fresh.sandbox.faults.add(Fault(method="POST", path=path, times=1, **fault_of(fault)))
    events = fresh.apply(planned)
    assert fresh.sandbox.faults.fired
    assert all(e.outcome is Outcome.DONE for e in events), [
        e for e in events if e.outcome is not Outcome.DONE
    ]
    fresh.settled(COMPANY)
    assert count(fresh, kind) == 1


@pytest.mark.parametrize(("fresh", "kind"), WAYS, indirect=["fresh"])
def test_what_stays_broken_fails_alone_and_the_next_run_finishes(fresh: World, kind: Kind) -> None:
    assert fresh.sandbox is not None
    fresh.make(QUIET + PEOPLE + CHANNELS + "      - {name: one-{t}}\n")
    planned = fresh.plan(COMPANY)
    path = CREATES[fresh.platform.name][kind]
    fresh.sandbox.faults.add(Fault(method="POST", path=path, times=50, status=500))
    got = outcomes(fresh.apply(planned))
    shared = {k for k, p in CREATES[fresh.platform.name].items() if p == path}
    bad = {name for name, outcome in got.items() if outcome is not Outcome.DONE}
    assert bad and {name.partition(":")[0] for name in bad} <= {k.value for k in shared}
    fresh.sandbox.faults.clear()
    fresh.make(COMPANY)
    assert count(fresh, kind) == 1


@EVERY
def test_what_somebody_makes_meanwhile_is_made_once(fresh: World) -> None:
    """A conflict where a name can be taken once; what has no name is found again."""
    first, second = fresh.plan(COMPANY), fresh.plan(COMPANY)
    assert all(e.outcome is Outcome.DONE for e in fresh.apply(first))
    for event in fresh.apply(second):
        change = event.change
        idempotent = (
            *(Kind.DIRECT_MESSAGE, Kind.PINNED, Kind.BUSINESS_HOURS),
            *(Kind.TEAM_MEMBERS, Kind.CHANNEL_MEMBERS),
        )
        if change.action is Action.CREATE and change.key.kind not in idempotent:
            assert event.outcome in (Outcome.FAILED, Outcome.BLOCKED), change.key
    fresh.settled(COMPANY)
    for kind in CREATES[fresh.platform.name]:
        assert count(fresh, kind) == 1, kind


@EVERY
def test_removing_twice_is_fine(fresh: World) -> None:
    fresh.make(COMPANY)
    planned = fresh.plan(COMPANY)
    server = planned.server
    assert server is not None
    gone = 0
    for live in planned.reading.observed.live.values():
        if live.key.kind in CREATES[fresh.platform.name] and fresh.tag in live.key.name:
            for _ in range(2):
                server.handlers[live.key.kind].remove(live, Run(ids=planned.reading.ids))
            gone += 1
    lasting = {Kind.BUSINESS_HOURS}
    assert gone >= len(CREATES[fresh.platform.name].keys() - lasting)
    fresh.make(COMPANY)


@pytest.mark.parametrize(
    ("fresh", "path"),
    [(name, path) for name in sorted(STEPS) for path in STEPS[name]],
    indirect=["fresh"],
)
@pytest.mark.parametrize("fault", ["429", "500", "cut", "cut_after"])
def test_a_bot_is_whole_or_finished_by_the_next_run(fresh: World, path: str, fault: str) -> None:
    """Whatever is lost on the way, in the end the token that the vault holds is one that works."""
    assert fresh.sandbox is not None
    text = (
        QUIET + CHANNELS + "      - {name: one-{t}}\nintegrations: {bots: [{username: robo-{t}}]}\n"
    )
    planned = fresh.plan(text)
    fresh.sandbox.faults.add(Fault(method="POST", path=path, times=1, **fault_of(fault)))
    fresh.apply(planned)
    assert fresh.sandbox.faults.fired
    fresh.sandbox.faults.clear()
    fresh.apply(fresh.plan(text))
    fresh.settled(text)
    assert count_bots(fresh, text) == 1
    name = f"robo-{fresh.tag}"
    company = load_company(fresh.write(text))
    looked = look(company, fresh.environment, fresh.credential)
    given = {
        g.name: g.output
        for g in collect(looked, shelf_of(company, fresh.environment))
        if g.key.name == name
    }
    token, ident = given["token"], given.get("user_id")
    assert token is not None
    looked.server.close()
    credential = Credential(token=token.value, user_id=str(ident.value) if ident else "")
    server = fresh.connect(credential)
    assert server.me == name
    server.close()


def count_bots(world: World, text: str) -> int:
    planned = world.plan(text)
    assert planned.server is not None
    found = planned.server.handlers[Kind.BOT].read(None, planned.reading.ids)
    return sum(world.tag in x.key.name for x in found)
