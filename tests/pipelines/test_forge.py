"""The stand-in for GitHub says what GitHub says, as far as it speaks."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.pipelines.forge import GitHub, GitLab, serving

REPO = "/repos/acme/chat"


@pytest.fixture(scope="session")
def payloads(modules: Path) -> dict[str, list[dict[str, Any]]]:
    """Real payloads of GitHub's webhooks, by the name of the thing inside."""
    path = modules / "@octokit" / "webhooks-examples" / "api.github.com" / "index.json"
    found: dict[str, list[dict[str, Any]]] = {"issue": [], "comment": [], "pull_request": []}
    for event in json.loads(path.read_text(encoding="utf-8")):
        for example in event["examples"]:
            for name, kept in found.items():
                if name in example and (name != "comment" or event["name"] == "issue_comment"):
                    kept.append(example[name])
    return found


def alike(made: Any, real: list[Any], where: str) -> list[str]:
    """What in `made` no real one has, or has as something else. Null says nothing."""
    if made is None:
        return []
    if isinstance(made, dict):
        there = [r for r in real if isinstance(r, dict)]
        wrong = []
        for key, value in made.items():
            below = [r[key] for r in there if key in r]
            if not below:
                wrong.append(f"{where}.{key}: no such key")
            wrong += alike(value, below, f"{where}.{key}") if below else []
        return wrong
    if isinstance(made, list):
        items = [item for r in real if isinstance(r, list) for item in r]
        return [w for item in made for w in alike(item, items, f"{where}[]")]
    if any(type(made) is type(r) for r in real) or set(real) == {None}:
        return []
    return [f"{where}: {made!r} beside {real[:2]!r}"]


def test_its_things_are_githubs_things(payloads: dict[str, list[dict[str, Any]]]) -> None:
    with serving(GitHub()) as forge:
        assert isinstance(forge, GitHub)
        forge.permissions = {"issues": "write", "pull-requests": "write"}
        head = {"Authorization": f"Bearer {forge.token}"}
        issues = f"{forge.url}{REPO}/issues"
        body = {"title": "t", "body": "b", "labels": ["chat-drift"]}
        issue = requests.post(issues, json=body, headers=head, timeout=10).json()
        comment = requests.post(
            f"{issues}/1/comments", json={"body": "b"}, headers=head, timeout=10
        )
    assert len(payloads["issue"]) > 20 and len(payloads["comment"]) > 2
    assert alike(issue, payloads["issue"], "issue") == []
    assert alike(comment.json(), payloads["comment"], "comment") == []
    # What the tests put in by hand, and the workflow reads of an event.
    pull = {"number": 1, "merged_at": "2026-11-25T18:00:00Z", "merge_commit_sha": "0" * 40}
    pull["head"] = {"sha": "0" * 40, "ref": "x", "repo": {"full_name": "acme/chat"}}
    assert alike(pull, payloads["pull_request"], "pull_request") == []
    assert alike({"number": "1"}, payloads["issue"], "issue")
    assert alike({"titel": "t"}, payloads["issue"], "issue")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{REPO}/issues/1/comments"),
        ("POST", f"{REPO}/issues"),
        ("GET", f"{REPO}/actions/artifacts"),
        ("GET", f"{REPO}/commits/{'0' * 40}/pulls"),
    ],
)
def test_a_token_without_the_permission_is_refused(method: str, path: str) -> None:
    body = {"title": "t", "body": "b"}
    with serving(GitHub()) as forge:
        assert isinstance(forge, GitHub)

        def ask(token: str) -> int:
            head = {"Authorization": f"Bearer {token}"}
            url = forge.url + path
            return requests.request(method, url, json=body, headers=head, timeout=10).status_code

        assert ask("somebody") == 401
        assert ask(forge.token) == 403
        forge.permissions = dict.fromkeys(("issues", "pull-requests", "actions"), "write")
        assert ask(forge.token) in (200, 201)


def test_gitlab_wants_its_token_and_to_be_told_of_json() -> None:
    with serving(GitLab("glpat-x")) as forge:
        url = f"{forge.url}/api/v4/projects/5/issues"
        body = json.dumps({"title": "t"})
        assert requests.post(url, data=body, timeout=10).status_code == 401
        head = {"PRIVATE-TOKEN": "glpat-x"}
        assert requests.post(url, data=body, headers=head, timeout=10).status_code == 400
        head["Content-Type"] = "application/json"
        assert requests.post(url, data=body, headers=head, timeout=10).status_code == 201
