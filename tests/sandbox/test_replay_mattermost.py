"""What a real Mattermost 11.6.0 answered, step by step, and what the sandbox answers."""

from pathlib import Path

from chatops.sandbox import Sandbox
from tests.sandbox.replay import Caller, Product, replay

RECORDING = Path(__file__).parents[1] / "recordings" / "mattermost-11.6.jsonl"
NAMES = {"admin": "root-admin", "member": "bob"}
PASSWORD = "Sup3r-secret!pw"


def login(caller: Caller) -> dict[str, str]:
    answer = caller.http.post(
        f"{caller.sandbox.url}/api/v4/users/login",
        json={"login_id": NAMES[caller.who], "password": PASSWORD},
        timeout=30,
    )
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.headers['Token']}"}


MATTERMOST = Product(
    prefix="/api/v4",
    login=login,
    stranger="z" * 26,
    identifier=r"\b[a-z0-9]{26}(?![a-z0-9])|(?<=_)[a-z0-9]{26}(?![a-z0-9])|\b[0-9a-f]{40}\b",
    placeholders={
        "<time>": lambda value: isinstance(value, int) and value > 1_500_000_000_000,
        "<request>": lambda value: isinstance(value, str) and len(value) == 26,
    },
    error_keys=("id", "status_code", "request_id"),
    # Counters, and the time at which a picture was drawn, written as a negative number.
    loose=frozenset(
        {
            "total_msg_count",
            "total_msg_count_root",
            "mention_count",
            "mention_count_root",
            "last_picture_update",
            "SiteURL",
        }
    ),
    unordered=(
        "GET /teams/*/members",
        "GET /channels/*/members",
        "GET /users/*/channels/members",
        "POST /roles/names",
        "POST /users/ids",
    ),
    unordered_keys=frozenset({"permissions"}),
)


def test_every_recorded_step_is_answered_alike() -> None:
    with Sandbox("mattermost") as sandbox:
        outcome = replay(RECORDING, sandbox, MATTERMOST)
    assert outcome.matched == outcome.total == 230, outcome.report()
