"""The workflow for GitHub, job by job, on a git repository, a server and a stand-in for GitHub."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.conftest import EXAMPLES, PASSWORD, Chat, Repository, Runner
from tests.pipelines.forge import GitHub, serving
from tests.pipelines.runner import Expressions, Job, Run, load
from tests.pipelines.watching import Watch

WORKFLOW = load(EXAMPLES / "github" / ".github" / "workflows" / "chat.yml")
TOPIC = "On duty: 112"


@dataclass
class Actions:
    """GitHub as far as the company's repository meets it."""

    forge: GitHub
    chat: Chat
    repository: Repository
    machine: Runner
    expressions: Expressions
    folder: Path
    runs: int = 0
    logs: str = ""

    def run(
        self,
        event: str,
        sha: str,
        payload: Mapping[str, Any] | None = None,
        ref: str = "refs/heads/main",
        secrets: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> dict[str, Job]:
        self.runs += 1
        run = Run(
            workflow=WORKFLOW,
            forge=self.forge,
            expressions=self.expressions,
            repository=self.repository.folder,
            folder=self.folder / f"run-{self.runs}",
            python=self.machine.python,
            event=event,
            payload=dict(payload or {}),
            sha=sha,
            ref=ref,
            secrets=self.chat.secrets if secrets is None else secrets,
            inputs=inputs,
            variables=self.machine.variables,
        )
        jobs = run.go()
        self.logs += "".join(job.log + job.summary for job in jobs.values())
        return jobs

    def pull(self, number: int, branch: str, fork: bool = False) -> dict[str, Job]:
        """What a push to the branch of a pull request sets off."""
        head = self.repository.git("rev-parse", branch)
        known = [p for p in self.forge.pulls if p["number"] == number]
        pull = (
            known[0] if known else {"number": number, "merged_at": None, "merge_commit_sha": None}
        )
        pull["head"] = {
            "sha": head,
            "ref": branch,
            "repo": {"full_name": "mallory/chat" if fork else "acme/chat"},
        }
        if not known:
            self.forge.pulls.append(pull)
        return self.run(
            "pull_request",
            self.repository.merge_commit(branch),
            {"pull_request": pull},
            f"refs/pull/{number}/merge",
            {} if fork else None,
        )

    def merge(self, number: int, branch: str) -> dict[str, Job]:
        """What the button does: one new commit on main, and a push of it."""
        sha = self.repository.squash(branch)
        pull = next(p for p in self.forge.pulls if p["number"] == number)
        pull |= {"merged_at": "2026-11-25T18:00:00Z", "merge_commit_sha": sha}
        return self.run("push", sha)

    def comments(self, number: int) -> list[str]:
        return [made["body"] for on, made in self.forge.comments if on == number]

    def head(self) -> str:
        return self.repository.git("rev-parse", "main")


@pytest.fixture
def actions(
    chat: Chat, repository: Repository, machine: Runner, expressions: Expressions, tmp_path: Path
) -> Iterator[Actions]:
    with serving(GitHub()) as forge:
        assert isinstance(forge, GitHub)
        yield Actions(forge, chat, repository, machine, expressions, tmp_path / "runs")


def results(jobs: Mapping[str, Job]) -> dict[str, str]:
    return {name: job.result for name, job in jobs.items() if job.result != "skipped"}


def test_from_a_pull_request_to_the_server(actions: Actions) -> None:
    watch = Watch()
    watch.start()
    actions.repository.branch("more")
    actions.repository.edit(TOPIC, "On duty: 113")
    jobs = actions.pull(7, "more")
    assert results(jobs) == {"validate": "success", "plan": "success"}, actions.logs
    (first,) = actions.comments(7)
    assert first.startswith("<!-- chatops plan production -->")
    assert "113" in first and "depot" not in first
    assert jobs["plan"].summary == first
    assert [s["runs"][0]["tool"]["driver"]["name"] for s in actions.forge.scanned] == ["chatops"]
    assert actions.chat.topic("dispatch") == TOPIC, "a plan changes nothing"

    # Others talk too, and more than a page of them.
    for n in range(120):
        actions.forge.comment(7, f"remark {n}", login="cem")
    actions.repository.edit(
        "      - {name: dispatch", "      - {name: depot}\n      - {name: dispatch"
    )
    assert results(actions.pull(7, "more")) == {"validate": "success", "plan": "success"}
    ours = [body for body in actions.comments(7) if body.startswith("<!-- chatops")]
    assert len(ours) == 1 and "depot" in ours[0] and ours[0] != first

    jobs = actions.merge(7, "more")
    assert results(jobs) == {"apply": "success"}, jobs["apply"].log
    assert (actions.chat.topic("dispatch"), "depot" in actions.chat.channels()) == (
        "On duty: 113",
        True,
    )
    assert len([b for b in actions.comments(7) if b.startswith("<!-- chatops")]) == 1
    watch.stop.set()
    watch.join()
    nothing_leaks(actions, watch)


def test_the_plan_of_another_pull_request_does_not_make_ours_stale(actions: Actions) -> None:
    actions.repository.branch("first")
    actions.repository.edit("users:\n", "users:\n  # A comment that moves every line below.\n")
    actions.repository.edit(
        "    members: [everyone]", '    description: "Drivers"\n    members: [everyone]'
    )
    actions.repository.branch("second")
    actions.repository.edit(TOPIC, "On duty: 115")
    assert results(actions.pull(1, "first"))["plan"] == "success"
    assert results(actions.pull(2, "second"))["plan"] == "success"
    assert results(actions.merge(1, "first")) == {"apply": "success"}
    assert results(actions.merge(2, "second")) == {"apply": "success"}, actions.logs
    assert actions.chat.topic("dispatch") == "On duty: 115"


def test_what_was_not_reviewed_is_not_applied(actions: Actions) -> None:
    actions.repository.branch("more")
    actions.repository.edit(TOPIC, "On duty: 114")
    actions.pull(8, "more")
    # Somebody is faster, by hand: the plan that was reviewed is no longer what would happen.
    other = actions.repository.folder / "other.yaml"
    text = (actions.repository.folder / "company.yaml").read_text(encoding="utf-8")
    other.write_text(text.replace("On duty: 114", "By hand"), encoding="utf-8")
    assert actions.chat.by_hand(actions.repository, "apply", "--yes", file="other.yaml") == 0
    other.unlink()
    jobs = actions.merge(8, "more")
    assert results(jobs) == {"apply": "failure"}
    assert jobs["apply"].steps["Apply"] == "exit 5"
    assert "stale" in jobs["apply"].log
    assert "::error::refused; where the plan is stale" in jobs["apply"].log
    assert actions.chat.topic("dispatch") == "By hand"

    # The way out, by hand: plan what main says, and apply that.
    jobs = actions.run("workflow_dispatch", actions.head(), work="apply")
    assert results(jobs) == {"plan": "success", "apply": "success"}, actions.logs
    assert "By hand" in jobs["plan"].summary
    assert actions.chat.topic("dispatch") == "On duty: 114"


def test_a_commit_without_a_pull_request(actions: Actions) -> None:
    sha = actions.repository.commit("Nothing of the chat")
    jobs = actions.run("push", sha)
    assert results(jobs) == {"apply": "success"}, jobs["apply"].log
    sha = actions.repository.edit(TOPIC, "Unseen")
    jobs = actions.run("push", sha)
    assert results(jobs) == {"apply": "failure"}
    assert "::error::nobody saw a plan of this commit" in jobs["apply"].log
    assert actions.chat.topic("dispatch") == TOPIC


def test_a_fork_gets_no_secrets_and_its_plan_counts_for_nothing(actions: Actions) -> None:
    actions.repository.branch("gift")
    head = actions.repository.edit(TOPIC, "From a fork")
    jobs = actions.pull(9, "gift", fork=True)
    assert results(jobs) == {"validate": "success"}
    assert actions.comments(9) == []
    assert actions.forge.scanned == []
    # It may upload what it likes under any name.
    actions.forge.keep(f"plan-{head}", head, b'{"format": 1}', fork=True)
    jobs = actions.merge(9, "gift")
    assert results(jobs) == {"apply": "failure"}
    assert "nobody saw a plan" in jobs["apply"].log
    assert actions.chat.topic("dispatch") == TOPIC


def test_a_file_that_is_wrong(actions: Actions) -> None:
    actions.repository.branch("wrong")
    actions.repository.edit("members: [ann, ben]", "members: [ann, bne]")
    jobs = actions.pull(3, "wrong")
    assert results(jobs) == {"validate": "failure", "plan": "failure"}
    assert jobs["validate"].steps["Validate"] == "exit 3"
    assert "::error file=company.yaml,line=16," in jobs["validate"].log
    (log,) = actions.forge.scanned
    (found,) = log["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "company.yaml"
    assert place["region"]["startLine"] == 16
    assert "bne" in found["message"]["text"]
    (comment,) = actions.comments(3)
    assert "### chatops: no plan" in comment
    assert f"{actions.forge.url}/acme/chat/actions/runs/4711" in comment
    # Mended, and the same comment says so.
    actions.repository.edit("members: [ann, bne]", "members: [ann, cem]")
    assert results(actions.pull(3, "wrong")) == {"validate": "success", "plan": "success"}
    (comment,) = actions.comments(3)
    assert "no plan" not in comment


def test_a_plan_that_a_rule_refuses_is_shown_and_not_kept(actions: Actions) -> None:
    actions.repository.branch("fewer")
    for name in ("ann", "ben", "cem"):
        actions.repository.edit(
            f"email: {name}@acme.example", f"email: {name}@acme.example, active: false"
        )
    jobs = actions.pull(4, "fewer")
    assert results(jobs) == {"validate": "success", "plan": "failure"}
    assert jobs["plan"].steps["Plan"] == "exit 5"
    (comment,) = actions.comments(4)
    assert "**Refused:**" in comment
    assert actions.forge.artifacts == []
    assert results(actions.merge(4, "fewer")) == {"apply": "failure"}


def test_a_server_that_is_away(actions: Actions) -> None:
    actions.repository.branch("more")
    actions.repository.edit(TOPIC, "On duty: 116")
    actions.chat.sandbox.stop()
    jobs = actions.pull(5, "more")
    assert results(jobs) == {"validate": "success", "plan": "failure"}
    assert "### chatops: no plan" in actions.comments(5)[0]
    assert results(actions.run("schedule", actions.head())) == {"drift": "failure"}
    assert actions.forge.issues == [], "who cannot look does not know"


def test_drift_is_told_in_one_issue(actions: Actions) -> None:
    def look() -> Job:
        job = actions.run("schedule", actions.head())["drift"]
        assert job.result == "success", job.log
        return job

    assert "no drift" in look().log
    assert actions.forge.issues == []
    elsewhere = actions.repository.folder / "elsewhere.yaml"

    def somebody_changes(topic: str) -> None:
        text = (actions.repository.folder / "company.yaml").read_text(encoding="utf-8")
        elsewhere.write_text(text.replace(TOPIC, topic), encoding="utf-8")
        assert (
            actions.chat.by_hand(actions.repository, "apply", "--yes", file="elsewhere.yaml") == 0
        )

    somebody_changes("Coffee is out")
    look()
    (issue,) = actions.forge.issues
    assert issue["title"] == "Chat drift: production"
    assert [label["name"] for label in issue["labels"]] == ["chat-drift"]
    assert "Coffee is out" in issue["body"] and issue["state"] == "open"
    somebody_changes("Tea is out")
    look()
    assert [i["number"] for i in actions.forge.issues] == [issue["number"]]
    assert "Tea is out" in issue["body"] and "Coffee" not in issue["body"]
    assert actions.chat.topic("dispatch") == "Tea is out", "looking mends nothing"

    assert actions.chat.by_hand(actions.repository, "apply", "--yes") == 0
    assert "closed" in look().log
    assert issue["state"] == "closed"
    somebody_changes("No milk")
    look()
    assert [i["state"] for i in actions.forge.issues] == ["closed", "open"]


def nothing_leaks(actions: Actions, watch: Watch) -> None:
    """Neither the server's password nor a token of the forge is where somebody may look."""
    secrets = [PASSWORD, *actions.forge.tokens]
    assert len(secrets) > 3
    told = [actions.logs, json.dumps([c for _, c in actions.forge.comments])]
    told += [json.dumps([actions.forge.issues, actions.forge.scanned])]
    told += [content.decode("latin-1") for _, content in actions.forge.artifacts]
    told += ["\n".join(watch.seen), "\n".join(actions.forge.calls)]
    for path in actions.folder.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            told.append(path.read_text(encoding="utf-8", errors="replace"))
    assert [(s, t[:200]) for s in secrets for t in told if s in t] == []
    assert any("chatops" in line and "plan" in line for line in watch.seen), "it was looked at all"


def test_the_canaries_would_be_found(actions: Actions) -> None:
    actions.forge.tokens = ["ghs_canary_a", "ghs_canary_b", "ghs_canary_c"]
    watch = Watch()
    watch.seen.add("chatops plan")
    nothing_leaks(actions, watch)
    plant: list[Callable[[], object]] = [
        lambda: watch.seen.add("curl --header ghs_canary_a"),
        lambda: actions.forge.comment(1, "ghs_canary_b"),
    ]
    for each in plant:
        each()
        with pytest.raises(AssertionError):
            nothing_leaks(actions, watch)
