"""People: they come, change, leave and come back; what roles may do."""

from tests.contract.cases.story import ANN, PEOPLE, QUIET, Case, Chapter, person

__all__ = ["CASES"]

CASES: tuple[Case, ...] = (
    Case("a person", "user", (Chapter(QUIET + "users:\n" + ANN),)),
    Case("several people", "user", (Chapter(QUIET + PEOPLE),)),
    Case(
        "a person's name and mail change",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("dan")),
            Chapter(
                QUIET
                + "users:\n"
                + person("dan", name="Daniel van der Berg", email="daniel-{t}@contract.example"),
                words=("name:", "email:"),
            ),
        ),
    ),
    Case(
        "a person's title changes",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("eva", title="CIO")),
            Chapter(QUIET + "users:\n" + person("eva", title="Chief of ships"), words=("title:",)),
        ),
        ("user.title",),
    ),
    Case(
        "a person's language changes",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("kai", locale="de")),
            Chapter(QUIET + "users:\n" + person("kai", locale="sv"), words=("locale:",)),
        ),
        ("user.locale",),
    ),
    Case(
        "a person moves to another time zone",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("lea", timezone="Europe/Copenhagen")),
            Chapter(
                QUIET + "users:\n" + person("lea", timezone="Asia/Tokyo"), words=("timezone:",)
            ),
        ),
        ("user.timezone",),
    ),
    Case(
        "a person is given a picture",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("max", picture="pictures/green.png")),
            Chapter(QUIET + "users:\n" + person("max"), changes=False),
            Chapter(QUIET + "users:\n" + person("nel")),
            Chapter(
                QUIET + "users:\n" + person("nel", picture="pictures/blue.png"),
                words=("picture:",),
            ),
        ),
        ("user.picture",),
    ),
    Case(
        "a person leaves and comes back",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("fay")),
            Chapter(QUIET + "users:\n" + person("fay", active="false"), words=("deactivate",)),
            Chapter(QUIET + "users:\n" + person("fay", active="true"), words=("activate",)),
        ),
    ),
    Case(
        "who is inactive and not there is not made",
        "user",
        (Chapter(QUIET + "users:\n" + person("gil", active="false"), changes=False),),
    ),
    Case(
        "a person becomes an admin and no more",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("hal", roles="[admin]")),
            Chapter(QUIET + "users:\n" + person("hal", roles="[member]"), words=("roles",)),
        ),
    ),
    Case(
        "a person takes another user name",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("ivy")),
            Chapter(
                QUIET
                + "users:\n"
                + "  - {username: ivo-{t}, renamed_from: ivy-{t}, name: Person ivy, "
                "email: ivy-{t}@contract.example}\n",
                words=("renamed from",),
            ),
        ),
        ("user.rename",),
    ),
    Case(
        "the leads of teams may less, and more",
        "role",
        (
            # Some products let them at birth, some do not.
            Chapter(
                QUIET + "roles: [{name: team-lead, may: [channel.create_private]}]\n", changes=None
            ),
            Chapter(
                QUIET + "roles: [{name: team-lead, may_not: [channel.create_private]}]\n",
                words=("may −1 (channel.create_private)",),
            ),
            Chapter(
                QUIET + "roles: [{name: team-lead, may: [channel.create_private]}]\n",
                words=("may +1 (channel.create_private)",),
            ),
        ),
        ("role.may", "permission.channel.create_private.team-lead"),
    ),
    Case(
        "the leads of channels may less, and more",
        "role",
        (
            Chapter(
                QUIET + "roles: [{name: channel-lead, may: [post.delete_others]}]\n", changes=None
            ),
            Chapter(
                QUIET + "roles: [{name: channel-lead, may_not: [post.delete_others]}]\n",
                words=("may −1",),
            ),
            Chapter(
                QUIET + "roles: [{name: channel-lead, may: [post.delete_others]}]\n",
                words=("may +1",),
            ),
        ),
        ("role.may", "permission.post.delete_others.channel-lead"),
    ),
    Case(
        "everybody may make no channel, then any",
        "role",
        (
            Chapter(QUIET + "roles: [{name: member, may: [channel.create]}]\n", changes=None),
            Chapter(QUIET + "roles: [{name: member, may_not: [channel.create]}]\n"),
            Chapter(
                QUIET
                + "roles: [{name: member, may: [channel.create_public], "
                + "may_not: [channel.create_private]}]\n",
                words=("channel.create_public",),
            ),
            Chapter(QUIET + "roles: [{name: member, may: [channel.create]}]\n"),
        ),
        ("role.may", "permission.channel.create.member"),
    ),
    Case(
        "everybody may make emoji, and no more",
        "role",
        (
            Chapter(QUIET + "roles: [{name: member, may_not: [emoji.create]}]\n", changes=None),
            Chapter(
                QUIET + "roles: [{name: member, may: [emoji.create]}]\n",
                words=("may +1 (emoji.create)",),
            ),
            Chapter(
                QUIET + "roles: [{name: member, may_not: [emoji.create]}]\n", words=("may −1",)
            ),
        ),
        ("role.may", "permission.emoji.create.member"),
    ),
    Case(
        "a person is a guest, then a member",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("lou", roles="[guest]")),
            Chapter(QUIET + "users:\n" + person("lou", roles="[member]"), words=("roles",)),
            Chapter(QUIET + "users:\n" + person("lou", roles="[guest]"), words=("roles",)),
        ),
        ("role.guest",),
    ),
    Case(
        "everybody may less, and may it again",
        "role",
        (
            Chapter(
                QUIET + "roles: [{name: member, may_not: [direct_message.create]}]\n",
                words=("may −1 (direct_message.create)",),
            ),
            Chapter(QUIET + "roles: [{name: member, may: [direct_message.create]}]\n"),
            Chapter(QUIET + "roles: [{name: member, may: [post.edit_own]}]\n", changes=False),
        ),
        ("role.may", "permission.direct_message.create.member", "permission.post.edit_own.member"),
    ),
    Case(
        "a role of the company's own, and who has it",
        "role",
        (
            Chapter(
                QUIET
                + "roles: [{name: crew-{t}, may: [channel.create_private]}]\nusers:\n"
                + person("jan", roles="['crew-{t}']")
            ),
            Chapter(
                QUIET
                + "roles:\n  - name: crew-{t}\n    may: [channel.archive]\n"
                + "    may_not: [channel.create_private]\nusers:\n"
                + person("jan", roles="[member]"),
                words=("own_roles",),
            ),
        ),
        ("role.own", "user.own_roles"),
    ),
)
