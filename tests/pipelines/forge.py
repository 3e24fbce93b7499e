"""Stand-ins for the few endpoints of GitHub and GitLab that the examples speak to.

A real HTTP server on loopback, but no forge: it knows one repository, its comments, issues and
kept plans, and nothing else. What it demands of a caller is what the vendors' pages say (token,
permission, fields); GitHub's shapes are held to real payloads in test_forge.py.
"""

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

Doc = dict[str, Any]


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Request:
    """One call: what of it an endpoint looks at."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    raw: bytes

    @property
    def body(self) -> Doc:
        """The JSON sent. GitHub takes it whatever its content type, GitLab wants to be told."""
        found = json.loads(self.raw)
        assert isinstance(found, dict)
        return found

    def page(self, things: list[Any], usual: int) -> list[Any]:
        """The part asked for; 100 is the most."""
        size = min(int(self.query.get("per_page", usual)), 100)
        start = (int(self.query.get("page", 1)) - 1) * size
        return things[start : start + size]


@dataclass
class Answer:
    """What goes back."""

    body: Any = None
    status: int = 200
    headers: Doc = field(default_factory=dict)


class Forge:
    """One repository on one server. Subclasses have the endpoints as `METHOD path` patterns."""

    routes: ClassVar[list[tuple[str, str, str]]] = []
    usual = 30
    prefix = ""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.tokens: list[str] = []
        self.issues: list[Doc] = []
        self.next = 1000
        self.url = ""

    def number(self) -> int:
        """A number that nothing has yet."""
        self.next += 1
        return self.next

    def authorize(self, request: Request) -> None:
        """Refuse who has no valid token."""
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """Find the endpoint."""
        path = request.path.removeprefix(self.prefix)
        self.calls.append(f"{request.method} {path}")
        for method, pattern, name in self.routes:
            found = re.fullmatch(pattern, path) if method == request.method else None
            if found:
                if not name.startswith("storage"):
                    self.authorize(request)
                result = getattr(self, name)(request, *found.groups())
                return result if isinstance(result, Answer) else Answer(result)
        raise Refused(404, "Not Found")


@contextmanager
def serving(forge: Forge) -> Iterator[Forge]:
    """The forge on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(self.command, parts.path, query, self.headers, raw)
            try:
                answer = forge.answer(request)
            except Refused as refused:
                answer = Answer({"message": str(refused)}, refused.status)
            except (ValueError, AssertionError, KeyError) as error:
                answer = Answer({"message": f"Problems parsing JSON: {error!r}"}, 400)
            body = (
                answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            )
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """No talk."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def zipped(name: str, content: bytes) -> bytes:
    """One file as an archive, as artifacts are handed out."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


class GitHub(Forge):
    """Comments, issues, artifacts and pull requests of acme/chat."""

    repo = "acme/chat"
    repository_id = 77
    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", r"/repos/acme/chat/issues/(\d+)/comments", "list_comments"),
        ("POST", r"/repos/acme/chat/issues/(\d+)/comments", "add_comment"),
        ("PATCH", r"/repos/acme/chat/issues/comments/(\d+)", "change_comment"),
        ("GET", r"/repos/acme/chat/commits/([0-9a-f]{40})/pulls", "pulls_of"),
        ("GET", r"/repos/acme/chat/actions/artifacts", "list_artifacts"),
        ("GET", r"/repos/acme/chat/actions/artifacts/(\d+)/zip", "download"),
        ("GET", r"/storage/(\d+)", "storage"),
        ("GET", r"/repos/acme/chat/issues", "list_issues"),
        ("POST", r"/repos/acme/chat/issues", "add_issue"),
        ("PATCH", r"/repos/acme/chat/issues/(\d+)", "change_issue"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.comments: list[tuple[int, Doc]] = []
        self.pulls: list[Doc] = []
        self.artifacts: list[tuple[Doc, bytes]] = []
        self.scanned: list[Doc] = []
        self.permissions: dict[str, str] = {}
        self.token = "ghs_none"

    def authorize(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(401, "Bad credentials")

    def need(self, permission: str, level: str) -> None:
        """What a job's token may, by the job's own `permissions`."""
        has = self.permissions.get(permission, "none")
        if has != "write" and has != level:
            raise Refused(403, "Resource not accessible by integration")

    @staticmethod
    def user(login: str) -> Doc:
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"login": login, "id": 41898282, "type": kind}

    def comment(self, pull: int, body: str, login: str = "github-actions[bot]") -> Doc:
        """Put a comment there, as somebody."""
        ident = self.number()
        made = {
            "id": ident,
            "body": body,
            "user": self.user(login),
            "html_url": f"{self.url}/acme/chat/pull/{pull}#issuecomment-{ident}",
        }
        self.comments.append((pull, made))
        return made

    def list_comments(self, request: Request, pull: str) -> list[Doc]:
        return request.page([made for on, made in self.comments if on == int(pull)], self.usual)

    def add_comment(self, request: Request, pull: str) -> Answer:
        self.need("pull-requests", "write")
        assert len(request.body["body"]) <= 65536
        return Answer(self.comment(int(pull), request.body["body"]), 201)

    def change_comment(self, request: Request, ident: str) -> Doc:
        self.need("pull-requests", "write")
        made = next(made for _, made in self.comments if made["id"] == int(ident))
        if made["user"]["login"] != "github-actions[bot]":
            raise Refused(403, "not yours")
        made["body"] = request.body["body"]
        return made

    def pulls_of(self, request: Request, sha: str) -> list[Doc]:
        self.need("pull-requests", "read")
        return [p for p in self.pulls if sha in (p["merge_commit_sha"], p["head"]["sha"])]

    def keep(self, name: str, head: str, content: bytes, fork: bool = False) -> None:
        """An artifact of a run of this head."""
        ident = self.number()
        run = {"id": self.number(), "repository_id": self.repository_id, "head_sha": head}
        run["head_repository_id"] = 99 if fork else self.repository_id
        made = {
            "id": ident,
            "name": name,
            "expired": False,
            "workflow_run": run,
            "archive_download_url": f"{self.url}/repos/acme/chat/actions/artifacts/{ident}/zip",
        }
        # Newest first, as they are listed.
        self.artifacts.insert(0, (made, zipped("plan.json", content)))

    def list_artifacts(self, request: Request) -> Doc:
        self.need("actions", "read")
        found = [a for a, _ in self.artifacts if a["name"] == request.query.get("name", a["name"])]
        return {"total_count": len(found), "artifacts": request.page(found, self.usual)}

    def download(self, request: Request, ident: str) -> Answer:
        self.need("actions", "read")
        # Another host, where nobody needs to see the token.
        elsewhere = self.url.replace("127.0.0.1", "localhost")
        return Answer(None, 302, {"Location": f"{elsewhere}/storage/{ident}"})

    def storage(self, request: Request, ident: str) -> Answer:
        if request.headers.get("authorization"):
            raise Refused(400, "the token went to a stranger")
        content = next(content for a, content in self.artifacts if a["id"] == int(ident))
        return Answer(content, 200, {"Content-Type": "application/zip"})

    def list_issues(self, request: Request) -> list[Doc]:
        wanted = set(filter(None, request.query.get("labels", "").split(",")))
        state = request.query.get("state", "open")
        found = [
            issue
            for issue in self.issues
            if state in ("all", issue["state"]) and wanted <= {la["name"] for la in issue["labels"]}
        ]
        return request.page(found, self.usual)

    def add_issue(self, request: Request) -> Answer:
        self.need("issues", "write")
        body, number = request.body, self.number()
        made = {
            "number": number,
            "title": body["title"],
            "body": body.get("body"),
            "labels": [{"name": name} for name in body.get("labels", [])],
            "state": "open",
            "user": self.user("github-actions[bot]"),
            "html_url": f"{self.url}/acme/chat/issues/{number}",
        }
        self.issues.append(made)
        return Answer(made, 201)

    def change_issue(self, request: Request, number: str) -> Doc:
        self.need("issues", "write")
        issue = next(i for i in self.issues if i["number"] == int(number))
        known = {
            "title",
            "body",
            "state",
            "state_reason",
            "labels",
            "assignees",
            "milestone",
            "type",
        }
        assert set(request.body) <= known
        changes = dict(request.body)
        if "labels" in changes:
            changes["labels"] = [{"name": name} for name in changes["labels"]]
        issue.update(changes)
        return issue


class GitLab(Forge):
    """Notes, issues, pipelines and merge requests of project 5."""

    project = 5
    prefix = "/api/v4"
    usual = 20
    me = 300
    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", r"/user", "who"),
        ("GET", r"/projects/5/merge_requests/(\d+)/notes", "list_notes"),
        ("POST", r"/projects/5/merge_requests/(\d+)/notes", "add_note"),
        ("PUT", r"/projects/5/merge_requests/(\d+)/notes/(\d+)", "change_note"),
        ("GET", r"/projects/5/repository/commits/([0-9a-f]{40})/merge_requests", "requests_of"),
        ("GET", r"/projects/5/merge_requests/(\d+)/pipelines", "list_pipelines"),
        ("GET", r"/projects/5/pipelines/(\d+)/jobs", "list_jobs"),
        ("GET", r"/projects/5/jobs/(\d+)/artifacts/(.+)", "artifact"),
        ("GET", r"/projects/5/issues", "list_issues"),
        ("POST", r"/projects/5/issues", "add_issue"),
        ("PUT", r"/projects/5/issues/(\d+)", "change_issue"),
    ]

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.notes: list[tuple[int, Doc]] = []
        self.requests: list[Doc] = []
        self.pipelines: list[Doc] = []
        self.files: dict[tuple[int, str], bytes] = {}

    def authorize(self, request: Request) -> None:
        if request.headers.get("private-token") != self.token:
            raise Refused(401, "401 Unauthorized")

    def given(self, request: Request) -> Doc:
        """GitLab reads a form unless it is told that JSON comes."""
        if request.headers.get("content-type") != "application/json":
            raise Refused(400, "body is missing")
        return request.body

    def who(self, request: Request) -> Doc:
        return {"id": self.me, "username": "project_5_bot"}

    def note(self, iid: int, body: str, author: int) -> Doc:
        """Put a note there, as somebody."""
        made = {"id": self.number(), "body": body, "system": False, "author": {"id": author}}
        self.notes.append((iid, made))
        return made

    def list_notes(self, request: Request, iid: str) -> list[Doc]:
        found = [made for on, made in self.notes if on == int(iid)]
        if request.query.get("sort") != "asc":
            found.reverse()
        return request.page(found, self.usual)

    def add_note(self, request: Request, iid: str) -> Answer:
        return Answer(self.note(int(iid), self.given(request)["body"], self.me), 201)

    def change_note(self, request: Request, iid: str, ident: str) -> Doc:
        made = next(made for on, made in self.notes if (on, made["id"]) == (int(iid), int(ident)))
        if made["author"]["id"] != self.me:
            raise Refused(403, "403 Forbidden")
        made["body"] = self.given(request)["body"]
        return made

    def requests_of(self, request: Request, sha: str) -> list[Doc]:
        return [m for m in self.requests if sha in (m["merge_commit_sha"], m["sha"])]

    def ran(self, iid: int, head: str, plan: bytes | None) -> None:
        """A pipeline of a merge request, whose job `plan` kept this file or failed."""
        pipeline, job = self.number(), self.number()
        status = "success" if plan is not None else "failed"
        doc = {"id": pipeline, "sha": head, "status": status, "iid": iid}
        doc["jobs"] = [{"id": job, "name": "plan", "status": status}]
        self.pipelines.insert(0, doc)
        if plan is not None:
            self.files[job, "plan.json"] = plan

    def list_pipelines(self, request: Request, iid: str) -> list[Doc]:
        found = [p for p in self.pipelines if p["iid"] == int(iid)]
        return request.page([{k: p[k] for k in ("id", "sha", "status")} for p in found], self.usual)

    def list_jobs(self, request: Request, ident: str) -> list[Doc]:
        jobs = next(p["jobs"] for p in self.pipelines if p["id"] == int(ident))
        scope = request.query.get("scope[]")
        return [job for job in jobs if scope in (None, job["status"])]

    def artifact(self, request: Request, job: str, name: str) -> Answer:
        content = self.files.get((int(job), name))
        if content is None:
            raise Refused(404, "404 Not Found")
        return Answer(content, 200, {"Content-Type": "application/octet-stream"})

    def list_issues(self, request: Request) -> list[Doc]:
        wanted = set(filter(None, request.query.get("labels", "").split(",")))
        state = request.query.get("state", "all")
        found = [
            i for i in self.issues if state in ("all", i["state"]) and wanted <= set(i["labels"])
        ]
        return request.page(found, self.usual)

    def add_issue(self, request: Request) -> Answer:
        body, iid = self.given(request), self.number()
        made = {
            "iid": iid,
            "title": body["title"],
            "description": body.get("description"),
            "labels": body.get("labels", "").split(","),
            "state": "opened",
            "web_url": f"{self.url}/acme/chat/-/issues/{iid}",
        }
        self.issues.append(made)
        return Answer(made, 201)

    def change_issue(self, request: Request, iid: str) -> Doc:
        issue = next(i for i in self.issues if i["iid"] == int(iid))
        body = dict(self.given(request))
        event = body.pop("state_event", None)
        assert set(body) <= {"title", "description", "labels"}
        if "labels" in body:
            body["labels"] = body["labels"].split(",")
        issue.update(body)
        if event:
            issue["state"] = {"close": "closed", "reopen": "opened"}[event]
        return issue
