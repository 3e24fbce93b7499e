"""A bot's token is made anew: the new one works and is kept, the old one is at its end."""

from pathlib import Path

import pytest
import requests

from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from tests.cli.conftest import Done, run

COMPANY = """\
version: 1
company: {name: Acme, domain: acme.example}
chat: {platform: %s}
integrations:
  bots: [{username: robo, display_name: Robo}]
"""


def output(folder: Path, url: str, name: str) -> str:
    done = run(folder, "output", f"bot:robo.{name}", "--server", url)
    assert done.code == 0, done.err
    return done.out.strip()


def works(product: str, url: str, token: str, user_id: str) -> bool:
    """Whether the server knows who this is."""
    if product == "mattermost":
        path, headers = "/api/v4/users/me", {"Authorization": f"Bearer {token}"}
    else:
        path, headers = "/api/v1/me", {"X-Auth-Token": token, "X-User-Id": user_id}
    status = requests.get(url + path, headers=headers, timeout=10).status_code
    assert status in (200, 401)
    return status == 200


def calm(done: Done) -> None:
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("product", sorted(platforms()))
def test_a_token_is_made_anew(tmp_path: Path, product: str) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % product, encoding="utf-8")
    with Sandbox(product) as sandbox:
        url = ("--server", sandbox.url)
        calm(run(tmp_path, "apply", "--yes", *url))
        old = output(tmp_path, sandbox.url, "token")
        turned = run(tmp_path, "secret", "rotate", "bot/robo/token", *url)
        calm(turned)
        assert "the server is to make it anew" in turned.out
        assert output(tmp_path, sandbox.url, "token") == old
        plan = run(tmp_path, "plan", "--expect-no-changes", *url)
        assert plan.code == 4
        assert "~ bot robo  token: another value (hidden)" in plan.out
        assert "bot/robo/token is to be made anew" in plan.out
        calm(run(tmp_path, "apply", "--yes", *url))
        new = output(tmp_path, sandbox.url, "token")
        assert new != old
        user_id = output(tmp_path, sandbox.url, "user_id") if product == "rocketchat" else ""
        assert works(product, sandbox.url, new, user_id)
        assert not works(product, sandbox.url, old, user_id)
        calm(run(tmp_path, "plan", "--expect-no-changes", *url))


def test_a_pipeline_that_cannot_keep_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % "mattermost", encoding="utf-8")
    with Sandbox("mattermost") as sandbox:
        url = ("--server", sandbox.url)
        calm(run(tmp_path, "apply", "--yes", *url))
        calm(run(tmp_path, "secret", "rotate", "bot/robo/token", *url))
        password = (tmp_path / ".chatops" / "vault-password").read_text(encoding="utf-8")
        pipeline = {"CI": "true", "CHATOPS_VAULT_PASSWORD": password.strip()}
        done = run(tmp_path, "apply", "--yes", *url, env=pipeline)
        assert done.code == 5
        assert "bot/robo" in done.err
