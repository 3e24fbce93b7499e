"""The client: sessions, lists, throttling, and what each kind of refusal becomes."""

import threading
from collections.abc import Callable

import pytest

from chatops.errors import ApiError, CredentialError, ServerError, UnreachableError
from chatops.platforms.base import AdminSeed, Credential, Target
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.refusals import refusal
from chatops.secrets import Secret

from .conftest import NETWORK, Bench, Site
from .stage import Answer, Stage


def refusal_of(code: str, status: int, message: str = "words of the server") -> Answer:
    return status, "application/json", {"id": code, "message": message, "status_code": status}


HTML: Answer = (200, "text/html", b"<!doctype html><title>Rocket</title>")


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        (404, "text/html", b"<h1>Not Found</h1>"),
        (404, "application/json", {"success": False, "error": "no"}),
        (200, "application/json", {"success": True}),
        (200, "application/json", []),
    ],
)
def test_another_program_is_recognised(
    stage: Callable[[Callable[[str, str], Answer]], Stage], answer: Answer
) -> None:
    other = stage(lambda method, path: answer)
    with pytest.raises(ServerError, match="not a Mattermost server") as caught:
        PLATFORM.is_empty(other.url, NETWORK)
    assert not isinstance(caught.value, ApiError | CredentialError)
    assert "url" in caught.value.hint


def test_a_redirect_names_the_other_address(
    stage: Callable[[Callable[[str, str], Answer]], Stage],
) -> None:
    other = stage(lambda method, path: (301, "text/html", b""))
    with pytest.raises(ServerError, match=r"elsewhere\.example"):
        PLATFORM.is_empty(other.url, NETWORK)


def test_nobody_at_home() -> None:
    with pytest.raises(UnreachableError):
        PLATFORM.is_empty("http://127.0.0.1:9", NETWORK)


def asked(
    stage: Callable[[Callable[[str, str], Answer]], Stage], answer: Answer, method: str = "GET"
) -> Exception:
    """What a call becomes when it is answered so."""
    server = stage(lambda _method, _path: answer)
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    with pytest.raises(ServerError) as caught:
        client.call(method, "/things", repeatable=False)
    return caught.value


def test_known_ids_have_our_words(stage: Callable[..., Stage]) -> None:
    error = asked(stage, refusal_of("app.user.save.username_exists.app_error", 400), "POST")
    assert isinstance(error, ApiError)
    assert "taken" in error.message
    assert (error.status, error.call) == (400, "POST /things")
    assert error.hint


def test_unknown_ids_have_the_servers_words(stage: Callable[..., Stage]) -> None:
    error = asked(stage, refusal_of("api.something.new.app_error", 400))
    assert isinstance(error, ApiError)
    assert (error.message, error.code) == ("words of the server", "api.something.new.app_error")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("api.team.demote_user_to_guest.license.error", 501),
        ("api.license_error", 501),
        ("api.user.update_user_roles.license.app_error", 400),
        ("ent.compliance.licence_disable.app_error", 501),
    ],
)
def test_licence_refusals_are_known_by_their_ending(
    stage: Callable[..., Stage], code: str, status: int
) -> None:
    error = asked(stage, refusal_of(code, status))
    assert isinstance(error, ApiError)
    assert "edition" in error.message


def test_a_missing_permission_says_who_should_run(stage: Callable[..., Stage]) -> None:
    error = asked(stage, refusal_of("api.context.permissions.app_error", 403))
    assert isinstance(error, ApiError)
    assert "administrator" in error.hint


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("api.context.session_expired.app_error", 401),
        ("api.context.mfa_required.app_error", 403),
        ("mfa.validate_token.authenticate.app_error", 401),
    ],
)
def test_credentials_that_do_not_do(stage: Callable[..., Stage], code: str, status: int) -> None:
    error = asked(stage, refusal_of(code, status))
    assert isinstance(error, CredentialError)
    assert "CHATOPS_TOKEN" in error.hint


def test_a_proxy_that_asks_for_a_password(stage: Callable[..., Stage]) -> None:
    assert isinstance(asked(stage, (401, "text/html", b"<h1>401</h1>")), CredentialError)


def test_a_proxys_page_is_not_shown(stage: Callable[..., Stage]) -> None:
    error = asked(stage, (413, "text/html", b"<html><h1>Too Large</h1></html>"))
    assert isinstance(error, ApiError)
    assert "<" not in error.message
    assert "413" in error.message


def test_what_is_so_already_has_no_words() -> None:
    assert refusal("api.channel.restore_channel.restored.app_error") is None


def rows(count: int) -> list[dict[str, str]]:
    return [{"id": str(n)} for n in range(count)]


@pytest.mark.parametrize(("cap", "total"), [(200, 450), (60, 450), (200, 200), (60, 60), (200, 0)])
def test_lists_end_where_they_end(stage: Callable[..., Stage], cap: int, total: int) -> None:
    """A server that gives fewer rows than asked for is read to the end all the same."""

    def play(method: str, path: str) -> Answer:
        page = int(path.partition("page=")[2].partition("&")[0])
        return 200, "application/json", rows(total)[page * cap : (page + 1) * cap]

    server = stage(play)
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    assert [row["id"] for row in client.pages("/things")] == [r["id"] for r in rows(total)]


def test_a_page_shorter_than_another_is_the_last(stage: Callable[..., Stage]) -> None:
    sizes = {"/api/v4/long": 120, "/api/v4/short": 7}

    def play(method: str, path: str) -> Answer:
        there, _, query = path.partition("?")
        first = "page=0" in query
        return 200, "application/json", rows(sizes[there]) if first else []

    server = stage(play)
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    assert len(list(client.pages("/long"))) == 120
    assert len(list(client.pages("/short"))) == 7
    assert len(server.asked) == 3


def test_rows_that_move_between_pages_come_once(stage: Callable[..., Stage]) -> None:
    pages = [rows(200), rows(201)[199:], []]

    def play(method: str, path: str) -> Answer:
        return 200, "application/json", pages[int(path.partition("page=")[2].partition("&")[0])]

    server = stage(play)
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    assert len(list(client.pages("/things"))) == 201


def test_the_limiters_header_may_come_twice(stage: Callable[..., Stage]) -> None:
    from requests import Response

    from chatops.platforms.mattermost.client import _throttled

    answer = Response()
    answer.headers["Retry-After"] = "1, 3"
    assert _throttled(answer) == 3
    answer.headers.clear()
    answer.headers["X-RateLimit-Reset"] = "2"
    assert _throttled(answer) == 2
    answer.headers["X-RateLimit-Reset"] = "soon"
    assert _throttled(answer) is None


def test_an_ended_session_is_begun_again(bench: Bench) -> None:
    client = bench.server.client
    client.post("/users/logout")
    threads: list[str] = []

    def ask() -> None:
        threads.append(client.get("/users/me")["username"])

    workers = [threading.Thread(target=ask) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert threads == [bench.server.me] * 8


def test_closing_signs_out(site: Site) -> None:
    server = site.connect()
    token = Secret(server.client.http.authorize()["Authorization"].removeprefix("Bearer "))
    assert PLATFORM.connect(target(site, Credential(token=token))).me == server.me
    server.close()
    with pytest.raises(CredentialError, match="does not know this token"):
        PLATFORM.connect(target(site, Credential(token=token)))


def test_a_token_of_yours_outlives_us(site: Site, bench: Bench) -> None:
    me = bench.server.client.get("/users/me")["id"]
    made = bench.server.client.post(f"/users/{me}/tokens", {"description": "chatops"})
    credential = Credential(token=Secret(made["token"]))
    for _ in range(2):
        server = PLATFORM.connect(target(site, credential))
        assert server.me == bench.server.me
        close = getattr(server, "close", None)
        assert callable(close)
        close()


def test_no_credential_at_all(site: Site) -> None:
    with pytest.raises(CredentialError, match="no credential") as caught:
        PLATFORM.connect(target(site, Credential()))
    assert "CHATOPS_TOKEN" in caught.value.hint


def test_a_wrong_password(site: Site) -> None:
    wrong = Credential(username="root-admin", password=Secret("not-the-password"))
    with pytest.raises(CredentialError, match="does not accept"):
        PLATFORM.connect(target(site, wrong))


def test_who_is_no_administrator_is_told(site: Site, bench: Bench) -> None:
    name = bench.user(password=Secret("Members-pass-1"))
    server = PLATFORM.connect(
        target(site, Credential(username=name, password=Secret("Members-pass-1")))
    )
    assert "no system administrator" in server.remarks[0]
    assert server.limits.people is None


def test_bootstrap_only_on_an_empty_server(site: Site) -> None:
    assert PLATFORM.is_empty(site.url, NETWORK) is False
    admin = AdminSeed(
        username="late", email="late@nordlys.example", name="", password=Secret("Too-late-123")
    )
    with pytest.raises(ServerError, match="accounts already"):
        PLATFORM.bootstrap(site.url, admin, NETWORK)


def target(site: Site, credential: Credential) -> Target:
    return Target(url=site.url, credential=credential, network=NETWORK)
