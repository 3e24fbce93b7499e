"""The pipeline for GitLab, job by job, on a git repository, a server and a stand-in for GitLab."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.conftest import EXAMPLES, PASSWORD, Chat, Repository, Runner
from tests.pipelines.forge import GitLab, serving
from tests.pipelines.gitlab_runner import Job, Pipeline, Reader
from tests.pipelines.watching import Watch

TOPIC = "On duty: 112"
TOKEN = "glpat-canary-93ac1f"


@pytest.fixture(scope="session")
def reader(modules: Path, tmp_path_factory: pytest.TempPathFactory, tools: None) -> Reader:
    folder = tmp_path_factory.mktemp("reader") / "project"
    return Reader(modules, EXAMPLES / "gitlab" / ".gitlab-ci.yml", folder)


@dataclass
class Project:
    """GitLab as far as the company's project meets it."""

    forge: GitLab
    chat: Chat
    repository: Repository
    machine: Runner
    reader: Reader
    folder: Path
    runs: int = 0
    logs: str = ""

    def run(self, source: str, sha: str, **more: Any) -> dict[str, Job]:
        self.runs += 1
        pipeline = Pipeline(
            reader=self.reader,
            forge=self.forge,
            repository=self.repository.folder,
            folder=self.folder / f"run-{self.runs}",
            python=self.machine.python,
            source=source,
            sha=sha,
            secrets={**self.chat.secrets, "CHATOPS_FORGE_TOKEN": TOKEN},
            **({} if "request" in more else {"branch": "main"}),
            **more,
        )
        (self.folder / f"run-{self.runs}").mkdir(parents=True)
        jobs = pipeline.go()
        self.logs += "".join(job.log for job in jobs.values())
        return jobs

    def push(self, iid: int, branch: str, source_project: int = 5) -> dict[str, Job]:
        """What a push to the branch of a merge request sets off."""
        sha = self.repository.git("rev-parse", branch)
        known = [m for m in self.forge.requests if m["iid"] == iid]
        request = known[0] if known else {"iid": iid, "state": "opened", "target_branch": "main"}
        request |= {"sha": sha, "merge_commit_sha": None, "source_project_id": source_project}
        if not known:
            self.forge.requests.append(request)
        return self.run("merge_request_event", sha, request=request)

    def merge(self, iid: int, branch: str) -> dict[str, Job]:
        sha = self.repository.squash(branch)
        request = next(m for m in self.forge.requests if m["iid"] == iid)
        request |= {"state": "merged", "merge_commit_sha": sha}
        return self.run("push", sha)

    def head(self) -> str:
        return self.repository.git("rev-parse", "main")

    def notes(self, iid: int) -> list[str]:
        return [made["body"] for on, made in self.forge.notes if on == iid]


@pytest.fixture
def project(
    chat: Chat, repository: Repository, machine: Runner, reader: Reader, tmp_path: Path
) -> Iterator[Project]:
    with serving(GitLab(TOKEN)) as forge:
        assert isinstance(forge, GitLab)
        yield Project(forge, chat, repository, machine, reader, tmp_path / "runs")


def results(jobs: Mapping[str, Job]) -> dict[str, str]:
    return {name: job.result for name, job in jobs.items()}


@pytest.mark.parametrize("chat", ["rocketchat"], indirect=True)
def test_from_a_merge_request_to_the_server(project: Project) -> None:
    watch = Watch()
    watch.start()
    project.repository.branch("more")
    project.repository.edit(TOPIC, "On duty: 113")
    # Somebody else may write a note that looks like ours: it is left to them.
    project.forge.note(7, "<!-- chatops plan production --> mine", author=1)
    jobs = project.push(7, "more")
    assert results(jobs) == {"validate": "success", "plan": "success"}, project.logs
    _, first = project.notes(7)
    assert first.startswith("<!-- chatops plan production -->\n") and "113" in first
    assert jobs["validate"].folder
    report = json.loads((jobs["validate"].folder / "gl-code-quality-report.json").read_text())
    assert report == []
    for n in range(120):
        project.forge.note(7, f"remark {n}", author=2)
    project.repository.edit(
        "      - {name: dispatch", "      - {name: depot}\n      - {name: dispatch"
    )
    assert results(project.push(7, "more")) == {"validate": "success", "plan": "success"}
    ours = [made for _, made in project.forge.notes if made["author"]["id"] == project.forge.me]
    assert len(ours) == 1 and "depot" in ours[0]["body"]
    assert project.chat.topic("dispatch") == TOPIC, "a plan changes nothing"

    assert results(project.merge(7, "more")) == {"apply": "success"}, project.logs
    assert project.chat.topic("dispatch") == "On duty: 113"
    assert "depot" in project.chat.channels()
    watch.stop.set()
    watch.join()

    told = [project.logs, json.dumps(project.forge.notes), "\n".join(watch.seen)]
    told += ["\n".join(project.forge.calls)]
    for path in project.folder.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            told.append(path.read_text(encoding="utf-8", errors="replace"))
    assert [text[:200] for text in told if TOKEN in text or PASSWORD in text] == []
    assert any("chatops" in line and "apply" in line for line in watch.seen), "it was looked at all"


def test_what_was_not_reviewed_is_not_applied(project: Project) -> None:
    project.repository.branch("more")
    project.repository.edit(TOPIC, "On duty: 114")
    project.push(8, "more")
    project.repository.edit("On duty: 114", "Unseen", "after the last pipeline")
    jobs = project.merge(8, "more")
    assert results(jobs) == {"apply": "failed"}
    assert "is stale" in jobs["apply"].log and "[exit 5]" in jobs["apply"].log
    assert project.chat.topic("dispatch") == TOPIC

    # The way out: a pipeline by hand makes a plan, and waits until somebody has read it.
    jobs = project.run("web", project.head())
    assert results(jobs) == {"plan": "success", "apply": "manual"}
    assert "Unseen" in jobs["plan"].log
    assert project.chat.topic("dispatch") == TOPIC
    jobs = project.run("web", project.head(), manual=True)
    assert results(jobs) == {"plan": "success", "apply": "success"}, project.logs
    assert project.chat.topic("dispatch") == "Unseen"


def test_a_commit_without_a_merge_request(project: Project) -> None:
    assert results(project.run("push", project.repository.commit("Nothing of the chat"))) == {
        "apply": "success"
    }
    jobs = project.run("push", project.repository.edit(TOPIC, "Unseen"))
    assert results(jobs) == {"apply": "failed"}
    assert "nobody saw a plan of this commit" in jobs["apply"].log
    assert project.chat.topic("dispatch") == TOPIC


def test_a_fork_gets_no_plan(project: Project) -> None:
    project.repository.branch("gift")
    project.repository.edit(TOPIC, "From a fork")
    assert results(project.push(9, "gift", source_project=99)) == {"validate": "success"}
    assert project.notes(9) == []


def test_a_file_that_is_wrong(project: Project) -> None:
    project.repository.branch("wrong")
    project.repository.edit("members: [ann, ben]", "members: [ann, bne]")
    jobs = project.push(3, "wrong")
    assert results(jobs) == {"validate": "failed", "plan": "failed"}
    assert "[exit 3]" in jobs["validate"].log and "[exit 3]" in jobs["plan"].log
    assert jobs["validate"].folder
    report = json.loads((jobs["validate"].folder / "gl-code-quality-report.json").read_text())
    (found,) = report
    assert found["severity"] == "major" and "bne" in found["description"]
    assert found["location"] == {"path": "company.yaml", "lines": {"begin": 16}}
    assert len(found["fingerprint"]) == 32
    (note,) = project.notes(3)
    assert "### chatops: no plan" in note and "/-/jobs/plan" in note


def test_drift_is_told_in_one_issue(project: Project) -> None:
    def look() -> Job:
        jobs = project.run("schedule", project.head())
        assert results(jobs) == {"drift": "success"}, project.logs
        return jobs["drift"]

    assert "no drift" in look().log
    assert project.forge.issues == []
    elsewhere = project.repository.folder / "elsewhere.yaml"

    def somebody_changes(topic: str) -> None:
        text = (project.repository.folder / "company.yaml").read_text(encoding="utf-8")
        elsewhere.write_text(text.replace(TOPIC, topic), encoding="utf-8")
        assert (
            project.chat.by_hand(project.repository, "apply", "--yes", file="elsewhere.yaml") == 0
        )

    somebody_changes("Coffee is out")
    look()
    (issue,) = project.forge.issues
    assert (issue["title"], issue["labels"]) == ("Chat drift: production", ["chat-drift"])
    assert "Coffee is out" in issue["description"] and issue["state"] == "opened"
    somebody_changes("Tea is out")
    look()
    assert [i["iid"] for i in project.forge.issues] == [issue["iid"]]
    assert "Tea is out" in issue["description"]
    assert project.chat.by_hand(project.repository, "apply", "--yes") == 0
    assert "closed" in look().log
    assert issue["state"] == "closed"
    project.chat.sandbox.stop()
    jobs = project.run("schedule", project.head())
    assert results(jobs) == {"drift": "failed"}, "who cannot look does not know"
    assert [i["state"] for i in project.forge.issues] == ["closed"]
