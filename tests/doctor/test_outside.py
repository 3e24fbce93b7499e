"""The chat from outside: what is well, and each thing that can be wrong, in its own words."""

import socket
from pathlib import Path

import pytest

from chatops.doctor import probes
from chatops.doctor.outcome import Check, Outcome, State, carry_out, worst
from chatops.doctor.outside import Site, outside
from chatops.doctor.probes import ProbeError, address_of

from .servers import Deaf, Quiet, certificates, serving


def looked(site: Site) -> dict[str, Outcome]:
    return {o.check: o for o in carry_out(outside([site]), lambda name: None)}


def site(url: str, *, ca_file: str = "", websocket: str = "/live", **more: object) -> Site:
    address = address_of(url, ca_file=ca_file)
    return Site(what="chat", address=address, websocket=websocket, product="chat", **more)


def test_all_is_well_over_tls(tmp_path: Path) -> None:
    context, ca = certificates(tmp_path)
    with serving(Quiet, context) as port:
        found = looked(site(f"https://127.0.0.1:{port}", ca_file=str(ca), answers=lambda: True))
    assert {o.state for o in found.values()} == {State.OK}, found
    assert "from Nordlys, good until" in found["certificate of the chat"].message
    assert found["live connection to the chat"].message == "a websocket opens at /live"


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    context, _ = certificates(tmp_path)
    with serving(Quiet, context) as port:
        found = looked(site(f"https://127.0.0.1:{port}"))
    assert found["certificate of the chat"].state is State.BAD
    assert "not trusted: self-signed certificate" in found["certificate of the chat"].message
    assert "--ca-file" in found["certificate of the chat"].hint
    assert "not trusted" in found["page of the chat"].message


def test_a_certificate_that_ends_soon(tmp_path: Path) -> None:
    context, ca = certificates(tmp_path, days=3)
    with serving(Quiet, context) as port:
        found = looked(site(f"https://127.0.0.1:{port}", ca_file=str(ca)))
    assert found["certificate of the chat"].state is State.WARNING
    assert "should have been renewed" in found["certificate of the chat"].hint


def test_the_last_day_of_a_certificate_is_told_in_hours(tmp_path: Path) -> None:
    context, ca = certificates(tmp_path, days=1)
    with serving(Quiet, context) as port:
        found = looked(site(f"https://127.0.0.1:{port}", ca_file=str(ca)))
    assert "from Nordlys, good for 24 hours" in found["certificate of the chat"].message


def test_no_tls_where_it_is_expected() -> None:
    with serving(Quiet) as port:
        found = looked(site(f"https://127.0.0.1:{port}"))
    assert "no TLS there" in found["certificate of the chat"].message


def test_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = looked(site(f"http://127.0.0.1:{port}"))
    assert "nothing listens there" in found["page of the chat"].message


def test_the_name_leads_elsewhere() -> None:
    with serving(Quiet) as port:
        found = looked(site(f"http://127.0.0.1:{port}", expected=("203.0.113.10",)))
    assert found["name of the chat"].state is State.BAD
    assert "leads to 127.0.0.1, not to 203.0.113.10" in found["name of the chat"].message


def test_a_name_that_is_none() -> None:
    found = looked(site("http://no-such-name.invalid"))
    assert found["name of the chat"].state is State.BAD
    assert "order a DNS record" in found["name of the chat"].hint


def test_the_proxy_without_anything_behind_it() -> None:
    with serving(Quiet) as port:
        found = looked(site(f"http://127.0.0.1:{port}/broken"))
    assert "the proxy answers 502" in found["page of the chat"].message


def test_what_answers_is_something_else() -> None:
    with serving(Quiet) as port:
        found = looked(site(f"http://127.0.0.1:{port}", answers=lambda: False))
    assert found["page of the chat"].state is State.BAD
    assert "what answers is no chat" in found["page of the chat"].message


@pytest.mark.parametrize(
    ("handler", "path", "words"),
    [
        (Quiet, "/nowhere", "instead of 101"),
        (Deaf, "/live", "did not read the request"),
    ],
)
def test_no_websocket(handler: type[Quiet], path: str, words: str) -> None:
    with serving(handler) as port:
        found = looked(site(f"http://127.0.0.1:{port}", websocket=path))
    assert found["live connection to the chat"].state is State.BAD
    assert words in found["live connection to the chat"].message


def test_a_check_that_breaks_hides_no_other() -> None:
    def broken() -> list[Outcome]:
        raise RuntimeError("a bug")

    good = Outcome(check="b", state=State.OK, message="fine")
    found = carry_out([Check("a", broken), Check("b", lambda: [good])], lambda name: None)
    assert [o.state for o in found] == [State.UNKNOWN, State.OK]
    assert worst(found) is State.UNKNOWN


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        port = listening.getsockname()[1]
        import threading

        def hang_up() -> None:
            peer, _ = listening.accept()
            peer.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ProbeError):
            probes.ask(address_of(f"http://127.0.0.1:{port}"), "/")
        thread.join()
