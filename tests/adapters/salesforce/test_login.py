"""Logging in and staying logged in: our own re-login, never the library's (salesforce.md 2.4)."""

from __future__ import annotations

import json
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from syncd.errors import ConfigError, Forbidden, RemoteError, ServerTrouble, Unauthorized, Unreachable
from syncd.testing.sandbox.salesforce import App
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import LATER_S, PROJECT, SECRET, Rig, edit, error

TOKEN = r"/services/oauth2/token$"
EXPIRED = json.dumps([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]).encode()


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """A private key and its public half, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return secret.decode(), public.decode()


def signing(key: str, **more: Any) -> Rig:
    options = {"username": "sync@acme.com", "client_id_env": "ID", "private_key_env": "KEY", "domain": "acme.my"}
    return Rig(options=options, secrets={"KEY": key}, **more)


@pytest.mark.parametrize("one_line", [False, True])
def test_a_signed_token_lets_us_in(keys: tuple[str, str], one_line: bool) -> None:
    """Also when the key comes in a variable of one line, its breaks spelled out."""
    private, public = keys
    rig = signing(private.replace("\n", "\\n") if one_line else private)
    rig.twin.switch(apps={"the-app": App(public_key=public, usernames=frozenset({"sync@acme.com"}))})

    assert rig.adapter.check().problems == ()


def test_a_key_that_cannot_sign_is_a_config_error() -> None:
    rig = signing("not a key")

    with pytest.raises(ConfigError, match="private key") as caught:
        rig.adapter.check()

    assert "not a key" not in "".join(traceback.format_exception(caught.value))


def test_a_wrong_secret_stops() -> None:
    rig = Rig(switches={"apps": {"the-app": App(secret="another")}})

    with pytest.raises(Unauthorized, match="invalid_client") as caught:
        rig.adapter.check()

    assert rig.adapter.calls == 1, "bad credentials were sent more than once: accounts get locked"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, b"<html>busy</html>", ServerTrouble),
        (500, b"[]", ServerTrouble),
        (403, b'[{"errorCode":"API_DISABLED_FOR_ORG"}]', Forbidden),
        (404, b"<html>no such host</html>", Unreachable),
        (200, b'{"access_token":"t"}', ServerTrouble),
        (200, b"<html>sign in</html>", ServerTrouble),
        (200, b'{"access_token":"two\\nlines","instance_url":"https://x.salesforce.com"}', ServerTrouble),
    ],
)
def test_an_outage_of_the_login_is_not_bad_credentials(status: int, body: bytes, kind: type[RemoteError]) -> None:
    """salesforce.md 2.2: the library raises AttributeError, or its own class with a number for a code."""
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path=TOKEN, status=status, body=body, times=-1))

    with pytest.raises(kind):
        rig.adapter.check()


def test_an_expired_session_is_renewed_in_passing() -> None:
    rig = Rig()
    id = rig.add()
    rig.fetch(id)
    rig.twin.expire_sessions()

    assert not rig.fetch(id)[id].deleted

    assert rig.twin.access.logins == 2


def test_a_repeated_call_keeps_its_guard() -> None:
    """salesforce.md trap 1: the library's own refresh repeats a PATCH without its headers."""
    rig = Rig()
    id = rig.add()
    rig.clock.advance(LATER_S)
    read = rig.fetch(id)[id]
    rig.person.edit_record(id, Name="a person's")
    rig.twin.expire_sessions()
    rig.asked.clear()

    outcomes = rig.adapter.update(PROJECT, [edit(read, {"Name": "ours"})])

    assert not hasattr(outcomes[0], "remote"), "the guard was lost with the session"
    assert rig.person.record(id)["Name"] == "a person's"
    sent = [json.loads(one.body) for one in rig.asked if one.path.endswith("/composite")]
    assert len(sent) == 2
    assert all("If-Unmodified-Since" in one["compositeRequest"][0]["httpHeaders"] for one in sent)


def test_a_session_that_no_login_cures_ends_after_one() -> None:
    """salesforce.md traps 2 and 39: the library goes round until the stack is full."""
    rig = Rig(switches={"session_incurable": True})

    with pytest.raises(Unauthorized) as caught:
        rig.fetch(rig.add())

    assert rig.twin.access.logins == 2
    assert rig.adapter.calls == 4
    assert caught.value.remedy


@pytest.mark.parametrize("body", [EXPIRED, b"<html>expired</html>", b"[]", b"{}"])
def test_a_401_of_any_shape_is_an_expired_session(body: bytes) -> None:
    """salesforce.md 2.4, trap 40: the library looks into the body and breaks over what it does not know."""
    rig = Rig()
    id = rig.add()
    rig.fetch(id)
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query", status=401, body=body))

    assert not rig.fetch(id)[id].deleted


def test_sixteen_threads_on_one_expired_session_log_in_once() -> None:
    rig = Rig()
    id = rig.add()
    rig.fetch(id)
    rig.twin.expire_sessions()
    together = threading.Barrier(16)

    def one(_: int) -> bool:
        together.wait()
        return rig.fetch(id)[id].deleted

    with ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(one, range(16)))

    assert rig.twin.access.logins == 2


def test_a_session_that_ends_between_pages_loses_nothing() -> None:
    rig = Rig(options={"page_max": 2})
    ids = {rig.add(Name=f"name {n}") for n in range(5)}
    seen: set[str] = set()

    for page in rig.adapter.changes(PROJECT, None):
        seen |= {row.id for row in page.rows}
        rig.twin.expire_sessions()

    assert ids == seen


def test_a_netrc_file_does_not_replace_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """salesforce.md trap 5: with a matching entry, requests would send Basic instead of Bearer."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    rig = Rig()

    rig.fetch(rig.add())

    bearers = [one.headers["authorization"] for one in rig.asked if "/services/data" in one.path]
    assert bearers
    assert all(one.startswith("Bearer ") for one in bearers)


def test_every_call_carries_our_name() -> None:
    """salesforce.md section 4 and trap 38: it shows in logs and change events."""
    rig = Rig()
    rig.fetch(rig.add())

    assert {one.headers["sforce-call-options"] for one in rig.asked} == {"client=syncd"}


def test_a_write_is_not_led_astray_by_a_redirect() -> None:
    """salesforce.md trap 4: followed, a POST becomes a GET whose 200 looks like success."""
    rig = Rig()
    read = rig.fetch(rig.add())
    (remote,) = read.values()
    elsewhere = {"Location": "https://elsewhere.example/"}
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=302, headers=elsewhere, times=-1))
    rig.asked.clear()

    (outcome,) = rig.adapter.update(PROJECT, [edit(remote, {"Name": "ours"}, guarded=False)])

    assert outcome.error.next_step == "confirm"  # type: ignore[union-attr]
    assert len(rig.asked) == 1
    assert {one.headers["host"] for one in rig.asked} == {"acme.my.salesforce.com"}


def test_the_account_is_the_organisation() -> None:
    """salesforce.md trap 43: a copied org has the same ids and another organisation."""
    rig = Rig()

    assert rig.adapter.check().account == f"salesforce {rig.twin.org.organization_id}"
    assert rig.adapter.identity(ask=False) == rig.twin.org.organization_id


def test_the_account_comes_with_the_login() -> None:
    """salesforce.md trap 43: a pass that logs in in any case pays nothing for it."""
    rig = Rig()
    told = rig.adapter.identity(ask=False)
    rig.fetch(rig.add())

    assert told == rig.twin.org.organization_id
    assert [one.path for one in rig.asked].count("/services/oauth2/token") == 1
    assert not any("userinfo" in one.path for one in rig.asked)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://login.salesforce.com/id/00DQy0000000001/005Qy00000000001AA", "00DQy0000000001MAA"),
        ("https://login.salesforce.com/id/00DQy0000000001MAA/005Qy00000000001AA/", "00DQy0000000001MAA"),
        ("https://login.salesforce.com/id/00DQy0000000001AAA/005Qy00000000001AA", None),
        ("", None),
    ],
)
def test_the_account_is_always_in_the_long_form(url: str, told: str | None) -> None:
    """salesforce.md trap 21: the short form names the same organisation, a wrong checksum names none."""
    rig = Rig()
    token = {"access_token": "00D!x", "instance_url": "https://acme.my.salesforce.com", "id": url}
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=200, path="/oauth2/token", body=json.dumps(token).encode()))

    assert rig.adapter.identity(ask=True) == told


def test_a_new_login_never_leads_into_another_organisation() -> None:
    """salesforce.md trap 43: a refresh ends the session in mid-pass; nothing is asked of the new organisation."""
    rig = Rig()
    id = rig.add()
    remote = rig.fetch(id)[id]
    rig.clock.advance(LATER_S)
    rig.twin.switch(organization=2)
    rig.twin.expire_sessions()
    rig.asked.clear()

    (outcome,) = rig.adapter.update(PROJECT, [edit(remote, {"Name": "ours"})])
    for _ in range(2):
        with pytest.raises(Unauthorized, match=f"leads to {rig.twin.org.organization_id} now"):
            rig.fetch(id)

    assert isinstance(error(outcome), Unauthorized)
    assert rig.person.record(id)["Name"] != "ours"
    sessions = {one.headers["authorization"] for one in rig.asked if "oauth2" not in one.path}
    assert len(sessions) == 1, "only the session that had ended"


def test_no_repr_shows_the_session() -> None:
    rig = Rig()
    rig.fetch(rig.add())
    session = rig.adapter._client._current()

    assert session.signed.token not in repr(session.signed)


def test_an_object_of_another_name_is_told_and_no_lost_record() -> None:
    rig = Rig(stamped=False)
    rig.twin.switch(hidden_objects=frozenset({"Opportunity"}))

    with pytest.raises(Forbidden, match="no object Opportunity"):
        rig.fetch(str(rig.twin.org.table("Opportunity").mint.new_id()))
