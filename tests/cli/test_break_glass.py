"""The account for emergencies: it is made, its password is in the vault alone, and lets one in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from tests.cli.conftest import Done, lets_in, run

PRODUCTS = pytest.mark.parametrize("product", sorted(platforms()))
COMPANY = """\
version: 1
company: {name: Acme, domain: acme.example}
chat: {platform: %s}
sign_in: {self_registration: false, onboarding: %s, break_glass: %s}
users:
  - {username: ida, email: ida@acme.example, roles: [admin]}
  - {username: glass, email: glass@acme.example, roles: [admin]}
"""


@pytest.fixture
def server(product: str) -> Iterator[Sandbox]:
    with Sandbox(product) as sandbox:
        yield sandbox


def company(folder: Path, product: str, who: str, onboarding: str = "file") -> None:
    text = COMPANY % (product, onboarding, who)
    (folder / "company.yaml").write_text(text, encoding="utf-8")


def kept(folder: Path, who: str) -> str:
    done = run(folder, "secret", "get", f"break-glass/{who}", "--pipe")
    assert done.code == 0, done.err
    return done.out.strip()


def calm(done: Done) -> None:
    assert done.code == 0, done.out + done.err


@PRODUCTS
@pytest.mark.parametrize("onboarding", ["file", "mail"])
def test_its_password_is_made_kept_and_told_to_nobody(
    tmp_path: Path, product: str, server: Sandbox, onboarding: str
) -> None:
    company(tmp_path, product, "glass", onboarding)
    url = ("--server", server.url)
    done = run(tmp_path, "apply", "--yes", *url)
    if onboarding == "file":
        calm(done)
    password = kept(tmp_path, "glass")
    assert "chatops secret get break-glass/glass" in done.err
    assert password not in done.out + done.err
    assert lets_in(product, server.url, "glass", password)
    for path in (tmp_path / ".chatops").rglob("first-passwords.csv"):
        assert "glass" not in path.read_text(encoding="utf-8")
    calm(run(tmp_path, "plan", "--expect-no-changes", *url))


@PRODUCTS
def test_made_up_anew_it_is_a_change_and_the_old_one_ends(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    company(tmp_path, product, "glass")
    url = ("--server", server.url)
    calm(run(tmp_path, "apply", "--yes", *url))
    old = kept(tmp_path, "glass")
    calm(run(tmp_path, "secret", "rotate", "break-glass/glass"))
    plan = run(tmp_path, "plan", "--expect-no-changes", *url)
    assert plan.code == 4
    assert "~ user glass  password: another value (hidden)" in plan.out
    calm(run(tmp_path, "apply", "--yes", *url))
    new = kept(tmp_path, "glass")
    assert new != old
    assert lets_in(product, server.url, "glass", new)
    assert not lets_in(product, server.url, "glass", old)
    calm(run(tmp_path, "plan", "--expect-no-changes", *url))
    assert "not applied yet" not in run(tmp_path, "secret", "list").out


@PRODUCTS
def test_somebody_who_is_there_already_gets_one_of_their_own(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    company(tmp_path, product, "glass")
    url = ("--server", server.url)
    calm(run(tmp_path, "apply", "--yes", *url))
    company(tmp_path, product, "ida")
    plan = run(tmp_path, "plan", *url)
    assert "~ user ida  password: another value (hidden)" in plan.out
    calm(run(tmp_path, "apply", "--yes", *url))
    assert kept(tmp_path, "ida") != kept(tmp_path, "glass")
    assert lets_in(product, server.url, "ida", kept(tmp_path, "ida"))
    calm(run(tmp_path, "plan", "--expect-no-changes", *url))


@PRODUCTS
def test_the_account_that_runs_keeps_its_password(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    text = (COMPANY % (product, "file", "chatops")) + (
        "  - {username: chatops, email: chatops@acme.example, roles: [admin]}\n"
    )
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    url = ("--server", server.url)
    calm(run(tmp_path, "apply", "--yes", *url))
    plan = run(tmp_path, "plan", "--expect-no-changes", *url)
    calm(plan)
    assert "keeps its password: this run signs in with it" in plan.out


def test_a_pipeline_that_cannot_keep_it_makes_none(tmp_path: Path) -> None:
    with Sandbox("mattermost") as server:
        company(tmp_path, "mattermost", "glass")
        url = ("--server", server.url)
        calm(run(tmp_path, "apply", "--yes", *url))
        company(tmp_path, "mattermost", "ida")
        done = run(tmp_path, "apply", "--yes", *url, env={"CI": "true"})
        assert done.code == 5
        assert "chatops secret invent break-glass/ida" in done.err
