"""The vendors' own JavaScript clients take the sandbox for their product."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chatops.sandbox import Sandbox
from tests.clients import install

HERE = Path(__file__).parent
NAME, PASSWORD = "root", "Sup3r-secret!pw"


@pytest.fixture(scope="session")
def modules() -> Path:
    if not install.runnable():
        pytest.skip("Node or npm is not installed")
    try:
        return install.installed()
    except install.UnreachableError as error:
        pytest.skip(f"npm does not reach its registry: {error}")


def told(product: str, modules: Path) -> dict[str, Any]:
    """What a client says of a sandbox that it had to itself."""
    with Sandbox(product) as sandbox:
        sandbox.workspace.seed_admin(NAME, PASSWORD, "root@acme.example")
        run = subprocess.run(
            ["node", HERE / f"{product}.cjs", sandbox.url, NAME, PASSWORD],
            env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_mattermosts_client_sets_up_a_company(modules: Path) -> None:
    answer = told("mattermost", modules)
    assert answer.pop("server").startswith("11.6.0.")
    assert answer == {
        "wrong_password": [401, "api.user.login.invalid_credentials_email_username"],
        "stranger": [401, "api.context.session_expired.app_error"],
        "me": {"same": True, "roles": "system_admin system_user"},
        "ping": "OK",
        "config": {"version": "11.6.0", "site": "Mattermost"},
        "licensed": "false",
        "limit": 200,
        "double": [400, "app.user.save.username_exists.app_error"],
        "people": [
            ["ann", "Head of Operations", "system_user system_admin", True],
            ["bo", "", "system_user", True],
            ["eva", "", "system_user", False],
            ["root", "", "system_admin system_user", True],
        ],
        "two_to_a_page": 2,
        "searched": ["ann"],
        "nobody": [404, "app.user.get_by_username.app_error"],
        "added": [["ann", True], ["bo", True]],
        "teams": [["eng", "Engineering"]],
        "team": True,
        "my_teams": ["eng"],
        "team_members": 3,
        "gone": [404, "app.channel.get_by_name.missing.app_error"],
        "channels": [
            ["deploys", "O", "On call: Ann", "Every deployment", False],
            ["off-topic", "O", "", "", False],
            ["town-square", "O", "", "", False],
        ],
        "all_channels": ["deploys", "off-topic", "secret", "town-square"],
        "back": ["old", "O", "", "", False],
        "members": ["ann", "bo", "root"],
        "member_count": 3,
        "said": ["2026.11 is out 🚀", "green"],
        "site": "Acme",
        "roles": ["system_admin", "team_user"],
        "bo": {
            "channels": ["off-topic", "secret", "town-square"],
            "config": [403, "api.context.permissions.app_error"],
            "team": [403, "api.context.permissions.app_error"],
        },
        "after_logout": [401, "api.context.session_expired.app_error"],
    }


def test_rocketchats_client_sets_up_a_company(modules: Path) -> None:
    answer = told("rocketchat", modules)
    assert answer["bo"].pop("create")[0] >= 400
    assert answer == {
        "wrong_password": [401, "Unauthorized"],
        "stranger": [401, "You must be logged in to do this."],
        "me": {"status": "success", "same": True, "roles": ["admin"]},
        "version": "8.3.0",
        "double": [400, "error-field-unavailable"],
        "people": [
            ["ann", "Ann Holm", True],
            ["bo", "Bo Lund", True],
            ["eva", "Eva Bak", False],
            ["root", "Administrator", True],
        ],
        "one_to_a_page": 1,
        "nobody": [400, "User not found."],
        "factor_missing": [400, "totp-required"],
        "renamed": "Ann Holm-Lund",
        "site": "Acme",
        # The client answered the challenges by itself, once for each call.
        "asked": [["password", False], ["password", False]],
        "room_double": [400, "error-duplicate-channel-name"],
        "channels": [
            ["deploys", "On call: Ann", "Every deployment", False],
            ["general", "", "", False],
            ["old", "", "", True],
        ],
        "groups": ["secret"],
        "members": ["bo", "root"],
        "teams": ["eng"],
        "team_members": ["ann", "root"],
        "team_rooms": ["deploys"],
        "said": ["2026.11 is out 🚀"],
        "bo": {"groups": ["secret"]},
        "after_logout": [401, "You must be logged in to do this."],
    }


def test_the_lock_names_no_registry() -> None:
    text = (HERE / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert {each["resolved"] for each in packages.values() if "resolved" in each} == {"typings"}
    assert all(
        each.get("integrity", "").startswith("sha512-")
        for path, each in packages.items()
        if path.startswith("node_modules/") and not each.get("link")
    )
