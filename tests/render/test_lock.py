"""The lock: read, written, and asked of a real registry."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatops.deploy.images import Lock, Locked, Platform, Reference, packaged, read, text
from chatops.deploy.images.choosing import needed, newest
from chatops.deploy.images.registry import Registries
from chatops.errors import ChatopsError, SpecError
from chatops.platforms.base import Network
from chatops.spec.text import findings_text
from tests.render import programs
from tests.render.company import ACME, HOSTS, Case, installation, written
from tests.render.registry import Registry, registry, relay

GOLDEN = Path(__file__).parent / "golden"


# --- the file -------------------------------------------------------------------------------

digests = st.binary(min_size=32, max_size=32).map(lambda b: f"sha256:{b.hex()}")
platforms = st.builds(
    Platform,
    name=st.sampled_from(["linux/amd64", "linux/arm64"]),
    manifest=digests,
    config=digests,
)
images = st.builds(
    Locked,
    image=st.builds(
        Reference.of,
        st.sampled_from(["docker.io/library/postgres", "10.0.0.9:5000/a/b_c"]),
        st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}", fullmatch=True),
        st.one_of(st.just(""), digests),
    ),
    platforms=st.lists(platforms, max_size=2, unique_by=lambda p: p.name).map(
        lambda ps: tuple(sorted(ps))
    ),
)


@given(st.dictionaries(st.sampled_from(["caddy", "postgres", "grafana"]), images, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read(images: dict[str, Locked]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chatops.lock"
        path.write_text(text(images), encoding="utf-8")
        whole = {**packaged().images, **images}
        assert read(path) == Lock(images=whole, own=images, file=str(path))


def test_without_a_file_there_is_the_one_that_came_with_chatops(tmp_path: Path) -> None:
    lock = read(tmp_path / "chatops.lock")
    assert lock.file == ""
    assert lock.unpinned == tuple(sorted(lock.images))
    assert {n for n in lock.images if n.startswith("jitsi-")} <= set(lock.images)


def test_a_wrong_lock_is_told_at_its_lines(
    tmp_path: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chatops.lock").write_text(
        "version: 2\n"
        "images:\n"
        "  postgres: {repository: postgres, tag: '17'}\n"
        "  caddy: {repository: docker.io/library/caddy, tag: 'a b', digset: x}\n"
        "  mongodb: {repository: docker.io/library/mongo, tag: '8', digest: sha256:12}\n"
        "  grafana:\n"
        "    repository: docker.io/Grafana/grafana\n"
        "    tag: '12'\n"
        "  coturn:\n"
        "    repository: docker.io/coturn/coturn\n"
        "    tag: 4.6.3\n"
        "    platforms: {linux/amd64: {manifest: x, config: y}}\n"
        "  prometheus: [a]\n"
    )
    with pytest.raises(SpecError) as caught:
        read(Path("chatops.lock"))
    golden(GOLDEN / "wrong-lock.txt", f"{caught.value}\n\n{findings_text(caught.value.findings)}")


def test_an_image_on_ones_own_registry() -> None:
    image = Reference.of("docker.io/library/postgres", "17.5", "sha256:" + "a" * 64)
    assert str(image.at("registry.local:5000")).startswith("registry.local:5000/library/postgres:")
    assert image.at("registry.local/mirror").repository == "registry.local/mirror/library/postgres"
    assert image.at("") == image


def test_the_newest_of_a_series() -> None:
    tags = [
        "latest",
        "17",
        "17.5",
        "17.10",
        "17.9-alpine",
        "18.0",
        "18rc1",
        "16.11",
        "17.10-bookworm",
    ]
    assert newest("postgres", tags, (17,)) == "17.10"
    assert newest("postgres", tags, (15,)) is None
    assert (
        newest("mattermost-team", ["11.7.9", "11.7.10", "release-11.7", "11.8.0"], (11, 7))
        == "11.7.10"
    )
    assert newest("prometheus", ["v3.4.0", "v3.10.1", "v4.0.0-rc.0", "main"], (3,)) == "v3.10.1"
    jitsi = ["stable", "stable-11146", "stable-11146-2", "stable-9779", "unstable-2026-09-01"]
    assert newest("jitsi-web", jitsi, ()) == "stable-11146-2"


def test_only_what_is_run_is_asked_for() -> None:
    assert needed("mattermost", "team", monitoring=False) == (
        "caddy",
        "mattermost-team",
        "postgres",
    )
    assert "mattermost-enterprise" in needed("mattermost", "entry")
    assert needed("rocketchat", "community", database=False, monitoring=False) == (
        "caddy",
        "rocketchat",
    )
    assert "jitsi-jibri" not in needed("rocketchat", "community", video=True)


# --- the registry ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("registry")) as found:
        yield found


def asked(address: str) -> Registries:
    return Registries(Network(), own=address, insecure=True)


IMAGE = Reference.of("docker.io/library/thing", "1.0")


def test_an_image_for_several_platforms(there: Registry) -> None:
    digest = there.index("library/thing", "1.0")
    found = asked(there.address).locked(IMAGE)
    assert found.image == Reference("docker.io", "library/thing", "1.0", digest)
    assert [p.name for p in found.platforms] == ["linux/amd64", "linux/arm64"]
    assert len({p.config for p in found.platforms} | {p.manifest for p in found.platforms}) == 4


def test_an_image_for_one_platform(there: Registry) -> None:
    digest = there.manifest("library/one", "1.0", {"os": "linux", "architecture": "arm64"})
    image = Reference.of("docker.io/library/one", "1.0")
    found = asked(there.address).locked(image)
    assert found.image.digest == digest
    assert [(p.name, p.manifest) for p in found.platforms] == [("linux/arm64", digest)]


def test_tags_come_in_pages(there: Registry) -> None:
    for number in range(5):
        there.manifest("library/many", f"1.{number}", {"os": "linux", "n": number})
    image = Reference.of("docker.io/library/many", "1")
    assert sorted(asked(there.address).tags(image)) == ["1.0", "1.1", "1.2", "1.3", "1.4"]
    with relay(there, pages=True) as address:
        assert asked(address).tags(image) == ("1.0", "1.1", "1.2", "1.3", "1.4")


def test_a_token_is_fetched_where_one_is_wanted(
    there: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = there.index("library/thing", "1.0")
    with relay(there) as address:
        assert asked(address).locked(IMAGE).image.digest == digest
    monkeypatch.setenv("CHATOPS_REGISTRY_USERNAME", "ann")
    monkeypatch.setenv("CHATOPS_REGISTRY_PASSWORD", "secret word")
    with relay(there, user="ann") as address:
        assert asked(address).locked(IMAGE).image.digest == digest
    with relay(there, user="bob") as address, pytest.raises(ChatopsError) as caught:
        asked(address).locked(IMAGE)
    assert "does not let us read library/thing" in str(caught.value)
    assert "CHATOPS_REGISTRY_USERNAME" in caught.value.hint


def test_what_was_changed_on_the_way_is_refused(there: Registry) -> None:
    there.index("library/thing", "1.0")
    with relay(there, spoil=True) as address, pytest.raises(ChatopsError, match="has the digest"):
        asked(address).locked(IMAGE)


def test_a_configuration_that_is_kept_elsewhere_is_not_followed(there: Registry) -> None:
    there.manifest("library/one", "1.0", {"os": "linux", "architecture": "amd64"})
    with relay(there, redirect=True) as address:
        found = asked(address).locked(Reference.of("docker.io/library/one", "1.0"))
    assert [p.name for p in found.platforms] == ["linux/amd64"]


def test_what_is_not_there_is_told(there: Registry) -> None:
    with pytest.raises(ChatopsError, match=r"has no library/none:1\.0"):
        asked(there.address).locked(Reference.of("docker.io/library/none", "1.0"))


# --- the verb -------------------------------------------------------------------------------


def chatops(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatops", *words, "-f", "company.yaml", "--env", "prod"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def company(folder: Path, address: str, more: str = "") -> Path:
    options = f"images: {{registry: '{address}'{more}}}\n"
    written(Case(more=ACME, environment=HOSTS + options), folder)
    return folder


def filled(there: Registry) -> dict[str, str]:
    return {
        name: there.index(image.image.path, image.image.tag)
        for name, image in packaged().images.items()
        if name in ("caddy", "mattermost-team", "postgres")
    }


def test_the_lock_is_written_compared_and_moved(there: Registry, tmp_path: Path) -> None:
    digests = filled(there)
    folder = company(tmp_path / "a", there.address, ", insecure: true")
    never = chatops(folder, "lock", "--check")
    assert never.returncode == 4
    assert not (folder / "chatops.lock").exists()
    first = chatops(folder, "lock")
    assert first.returncode == 0, first.stderr
    assert "written" in first.stderr
    lock = read(folder / "chatops.lock")
    assert {n: lock.images[n].image.digest for n in digests} == digests
    assert lock.images["postgres"].image.repository == "docker.io/library/postgres"
    again = chatops(folder, "lock")
    assert again.returncode == 0
    assert "is as it was" in again.stderr
    assert chatops(folder, "lock", "--check").returncode == 0

    moved = there.index("library/postgres", packaged().images["postgres"].tag, " moved")
    other = chatops(folder, "lock", "--check", "--json")
    assert other.returncode == 4
    assert json.loads(other.stdout)["changed"] == ["postgres"]
    assert chatops(folder, "lock").returncode == 0
    assert read(folder / "chatops.lock").images["postgres"].image.digest == moved

    there.index("library/postgres", "17.11")
    there.index("library/postgres", "18.1")
    newer = chatops(folder, "lock", "--update")
    assert "~ postgres" in newer.stdout
    assert "(was 17.5)" in newer.stdout
    assert read(folder / "chatops.lock").images["postgres"].tag == "17.11"

    rendered = chatops(folder, "render", "--json")
    assert json.loads(rendered.stdout)["unpinned"] == []
    compose = (folder / "build/prod/hosts/chat-1/postgres/compose.yaml").read_text()
    assert f'"{there.address}/library/postgres:17.11@sha256:' in compose
    programs.run(
        *programs.compose(),
        "-f",
        "-",
        "config",
        "--images",
        text=compose.replace("env_file", "x-e"),
    )


def test_a_release_that_is_asked_for_is_found(there: Registry, tmp_path: Path) -> None:
    filled(there)
    name = "mattermost/mattermost-team-edition"
    for tag in ("11.6.0", "11.6.2", "11.6.10", "11.7.9"):
        there.index(name, tag)
    folder = company(tmp_path / "a", there.address, ", insecure: true")
    file = folder / "company.yaml"
    file.write_text(file.read_text().replace('"11.7"', '"11.6"'))
    assert chatops(folder, "render").returncode == 3
    assert chatops(folder, "lock").returncode == 0
    assert read(folder / "chatops.lock").images["mattermost-team"].tag == "11.6.10"
    assert chatops(folder, "render").returncode == 0


def test_one_image_that_is_not_there_leaves_the_file_alone(there: Registry, tmp_path: Path) -> None:
    filled(there)
    folder = company(tmp_path / "a", f"{there.address}/nowhere", ", insecure: true")
    done = chatops(folder, "lock")
    assert done.returncode == 1
    assert "3 of 3 images could not be asked for; nothing was written" in done.stderr
    assert not (folder / "chatops.lock").exists()


def test_a_registry_with_a_certificate_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    programs.run(
        *(programs.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
        *("-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-out", str(chain), "-keyout", str(key)),
    )
    with registry(tmp_path / "registry") as plain:
        filled(plain)
    with registry(tmp_path / "registry", tls=(chain, key)) as there:
        folder = company(tmp_path / "a", there.address)
        stranger = chatops(folder, "lock")
        assert stranger.returncode == 1
        assert "is not trusted" in stranger.stderr
        folder = company(tmp_path / "b", there.address, ", ca_file: ca.pem")
        (folder / "inventories/prod/ca.pem").write_text(chain.read_text())
        done = chatops(folder, "lock")
        assert done.returncode == 0, done.stderr
        planned = json.loads(chatops(folder, "render", "--json").stdout)
        assert f"hosts/chat-1/docker/etc/docker/certs.d/{there.address}/ca.crt" in planned["files"]


def test_an_archive_goes_by_its_tag_and_its_configuration(tmp_path: Path) -> None:
    image = packaged().images["postgres"].image
    config = "sha256:" + "c" * 64
    digest = "sha256:" + "d" * 64
    locked = Locked(
        image=Reference(image.registry, image.path, image.tag, digest),
        platforms=(Platform(name="linux/amd64", manifest=digest, config=config),),
    )
    case = Case(
        more=ACME,
        environment=HOSTS + "images: {folder: images}\n",
        files={"chatops.lock": text({"postgres": locked})},
    )
    planned = installation(case, tmp_path)
    (part,) = [p for h in planned.hosts for p in h.parts if p.name == "postgres"]
    compose = next(f.text for f in part.files if f.path.endswith("compose.yaml"))
    assert f'image: "{image}"' in compose
    assert "pull_policy: never" in compose


def test_without_a_registry_there_is_one_document(tmp_path: Path) -> None:
    folder = company(tmp_path, "127.0.0.1:9", ", insecure: true")
    done = chatops(folder, "lock", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert "postgres" in told["failed"]
    assert told["images"] == {}
    assert "nothing was written" in done.stderr
    assert not (folder / "chatops.lock").exists()
