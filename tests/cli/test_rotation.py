"""A password that was made up anew: the old one is in force until an apply has changed it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.platforms.base import Credential, Target
from chatops.platforms.registry import platforms
from chatops.platforms.rocketchat.server import RocketChatServer
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from tests.cli.conftest import COMPANY, Done, lets_in, run

PRODUCTS = pytest.mark.parametrize("product", sorted(platforms()))


@pytest.fixture
def server(product: str) -> Iterator[Sandbox]:
    with Sandbox(product) as sandbox:
        yield sandbox


def kept(folder: Path) -> str:
    return run(folder, "secret", "get", "first-admin", "--pipe").out.strip()


def calm(done: Done) -> None:
    assert done.code == 0, done.err
    assert "no changes" in done.out


@PRODUCTS
def test_the_first_admins_password_is_changed_by_the_next_apply(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % product, encoding="utf-8")
    url = ("--server", server.url)
    assert run(tmp_path, "apply", "--yes", *url).code == 0
    old = kept(tmp_path)
    assert run(tmp_path, "secret", "rotate", "first-admin").code == 0
    new = kept(tmp_path)
    assert new != old
    assert lets_in(product, server.url, "chatops", old)
    plan = run(tmp_path, "plan", *url)
    calm(plan)
    assert "first-admin was made up anew: the next deploy or apply brings it" in plan.out
    done = run(tmp_path, "apply", "--yes", *url)
    calm(done)
    assert "the new password of first-admin is in force" in done.err
    assert not lets_in(product, server.url, "chatops", old)
    assert lets_in(product, server.url, "chatops", new)
    calm(run(tmp_path, "plan", *url))
    assert "in force" not in run(tmp_path, "apply", "--yes", *url).err


@PRODUCTS
def test_a_run_that_was_cut_off_between_server_and_vault_is_finished(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % product, encoding="utf-8")
    url = ("--server", server.url)
    assert run(tmp_path, "apply", "--yes", *url).code == 0
    old = Credential(username="chatops", password=Secret(kept(tmp_path)))
    assert run(tmp_path, "secret", "rotate", "first-admin").code == 0
    there = platforms()[product].connect(Target(url=server.url, credential=old))
    there.change_password(Secret(kept(tmp_path)))
    there.close()
    calm(run(tmp_path, "plan", *url))
    assert "in force" in run(tmp_path, "apply", "--yes", *url).err
    assert "not applied" not in run(tmp_path, "secret", "list").out


@pytest.mark.parametrize("product", ["rocketchat"])
def test_a_server_that_says_yes_and_does_nothing_is_noticed(
    tmp_path: Path, product: str, server: Sandbox
) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % product, encoding="utf-8")
    url = ("--server", server.url)
    assert run(tmp_path, "apply", "--yes", *url).code == 0
    credential = Credential(username="chatops", password=Secret(kept(tmp_path)))
    there = platforms()[product].connect(Target(url=server.url, credential=credential))
    assert isinstance(there, RocketChatServer)
    there.client.post("settings/Accounts_AllowPasswordChange", {"value": False})
    there.close()
    assert run(tmp_path, "secret", "rotate", "first-admin").code == 0
    done = run(tmp_path, "apply", "--yes", *url)
    assert done.code == 1
    assert "did not take the new password of chatops" in done.err
    assert "not applied yet" in run(tmp_path, "secret", "list").out
