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
)
