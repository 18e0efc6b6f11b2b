"""How we prove who we are: client credentials or a signed JWT, through simple-salesforce's own login calls.

No secret is ever in a repr, a message or a log. It is never renewed here: that is the client's, under one lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jwt
import msgspec
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from syncd.adapters.base import Setting
from syncd.errors import ConfigError, RemoteError, Unauthorized, Unreachable

from .errors import SYSTEM, complaints, not_answered, not_understood, refused
from .ids import full_id
from .line import Line
from .options import Options
from .shapes import Token


class Signed(msgspec.Struct, frozen=True):
    """A session, and whose it is."""

    token: str
    host: str
    organisation: str = ""  # in the long form (trap 21); "" where the answer does not tell
    user: str = ""

    def __repr__(self) -> str:
        return f"Signed({self.host})"


class Login:
    """The credentials of one connection. Raises ConfigError when they are not to be had."""

    def __init__(self, options: Options, setting: Setting) -> None:
        self._named: dict[str, Any] = {
            "sf_version": options.api_version,
            "domain": options.domain,
            "consumer_key": setting.secret(options.client_id_env),
        }
        if options.client_secret_env is not None:
            self._named["consumer_secret"] = setting.secret(options.client_secret_env)
        else:
            assert options.private_key_env is not None
            # A key in a variable of one line has its line breaks spelled out.
            key = setting.secret(options.private_key_env).replace("\\n", "\n")
            self._named |= {"username": options.username, "privatekey": key}

    def sign_in(self, line: Line) -> Signed:
        """A new session. Raises Unauthorized, and whatever else may go wrong with a read."""
        witness = _Witness(line)
        try:
            token, host = SalesforceLogin(session=cast(requests.Session, witness), **self._named)
        except requests.JSONDecodeError:
            raise not_understood(witness.status, writing=False) from None
        except requests.RequestException as exc:
            raise not_answered(exc, writing=False) from None
        except (jwt.PyJWTError, ValueError, TypeError) as exc:
            if witness.asked:
                raise not_understood(witness.status, writing=False) from None
            raise ConfigError(
                f"the private key can't sign ({type(exc).__name__})", remedy="give an RSA key in PEM form"
            ) from None
        except (SalesforceAuthenticationFailed, AttributeError):
            # The library's own class tells an outage from bad credentials no better than it must (section 2.2).
            raise _refused(witness, line.answered) from None
        if not isinstance(token, str) or not _sendable(token) or not host:
            raise not_understood(witness.status, writing=False)
        *_, organisation, user = ("", *_identity(witness.content).rstrip("/").split("/"))[-2:]
        return Signed(token, host.rstrip("/"), full_id(organisation) or "", user)


class _Witness:
    """Lends the library our session's POST and remembers the answer, of which the library keeps only a part."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.asked = False
        self.status: int | None = None
        self.content: Any = None

    def post(self, url: str, data: Any, **named: Any) -> requests.Response:
        self.asked = True
        named.pop("proxies", None)
        response = self._line.post(url, data, **named)
        self.status = response.status_code
        try:
            self.content = response.json()
        except ValueError:
            self.content = None
        return response


def _refused(witness: _Witness, headers: Mapping[str, str]) -> RemoteError:
    status, said = witness.status, complaints(witness.content)
    if status is None or status < 300:
        return not_understood(status, writing=False)
    if status == 404:
        return Unreachable(
            "there is no salesforce login at this address", system=SYSTEM, status=status, remedy="correct `domain`"
        )
    if status in (400, 401):
        code = next((one.code for one in said), None)
        return Unauthorized(
            "salesforce does not let us log in" + (f" ({code})" if code else ""),
            system=SYSTEM,
            status=status,
            code=code,
            remedy="check the External Client App's flow and credentials, and that its user is active",
        )
    return refused(status, witness.content, headers, writing=False)


def _identity(content: Any) -> str:
    try:
        return msgspec.convert(content, Token).id
    except msgspec.ValidationError:
        return ""


def _sendable(text: str) -> bool:
    # A line break would end up in the HTTP library's own error message, token included.
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
