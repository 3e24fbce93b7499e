"""The channels that the server makes with each team can be described, not closed or emptied."""

from tests.contract.world import world

SPEC = """\
policy: {unsupported: note, unmanaged: ignore, max_removals: 50}
users:
  - {username: ann-{t}, name: Ann, email: ann-{t}@contract.example}
  - {username: ben-{t}, name: Ben, email: ben-{t}@contract.example}
teams:
  - name: team-{t}
    visibility: invite
    members: [everyone]
    channels:
      - {name: town-square, topic: hello, members: [ann-{t}], membership: exact}
      - {name: off-topic, purpose: Anything at all}
"""


def test_they_take_a_topic_on_the_first_run() -> None:
    with world("mattermost") as made:
        made.make(SPEC)
        notes = made.plan(SPEC).plan.view.notes
        assert any("everybody in it" in n.message for n in notes), notes
        made.make(SPEC.replace("hello", "good morning"))
        private = SPEC.replace("topic: hello", "topic: good morning, private: true")
        planned = made.plan(private)
        assert not planned.plan.changes
        made.clean()
