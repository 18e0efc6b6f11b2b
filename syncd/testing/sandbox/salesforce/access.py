"""Who may come in (salesforce.md, sections 2.2, 2.4, 3.1): tokens, sessions, and the SOAP login that is gone."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import jwt

from syncd.testing.sandbox.wire import Request

from .ids import CHECK
from .org import Org
from .refusal import OAuthRefusal, Page, Refusal
from .switches import App

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SOAP_UNTIL = 65.0  # login() is not available from this version on
_AUDIENCE = re.compile(r"https://(login|test|[\w-]+(\.sandbox)?\.my)\.salesforce\.com")
_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode>'
    "<faultstring>{code}: {text}</faultstring><detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
    "<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body>"
    "</soapenv:Envelope>"
)


class Access:
    """The sessions of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._sessions: dict[str, float] = {}  # token → when it ends
        self.logins = 0

    def open(self) -> str:
        """A session for the API user, as the token endpoint gives it."""
        self.logins += 1
        now = self._org.now()
        self._sessions = {token: end for token, end in self._sessions.items() if end > now}
        token = f"{self._org.organization_id[:15]}!AQ{self.logins:08d}{CHECK}"
        self._sessions[token] = now + self._org.switches.session_life_s
        return token

    def expire_all(self) -> None:
        self._sessions.clear()

    def enter(self, headers: Mapping[str, str]) -> None:
        """401 unless the Authorization header holds a session that lives."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            raise Refusal("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        if self._org.switches.session_incurable:
            raise Refusal("INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        if self._sessions.get(token.strip(), 0.0) <= self._org.now():
            raise Refusal("INVALID_SESSION_ID", "Session expired or invalid")
        if not self._org.switches.api_enabled:
            raise Refusal("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")

    def token(self, request: Request) -> dict[str, Any]:
        """POST /services/oauth2/token"""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        grant = form.get("grant_type", "")
        if grant not in self._org.switches.grants:
            raise OAuthRefusal("unsupported_grant_type", "grant type not supported")
        if grant == JWT_BEARER:
            self._check_assertion(form.get("assertion", ""))
        else:
            self._check_credentials(request, form)
        return self._granted()

    def _check_credentials(self, request: Request, form: dict[str, str]) -> None:
        if request.headers.get("host", "") in ("login.salesforce.com", "test.salesforce.com"):
            raise OAuthRefusal("invalid_grant", "request not supported on this domain")
        key, secret = _basic(request.headers) or (form.get("client_id", ""), form.get("client_secret", ""))
        app = self._app(key)
        if not secret or (app.secret is not None and secret != app.secret):
            raise OAuthRefusal("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str) -> None:
        """`exp` comes as text from simple-salesforce, and is taken (section 2.2)."""
        unchecked = {"verify_signature": False}
        try:
            claims = jwt.decode(assertion, options=unchecked)  # type: ignore[arg-type]
            expires = int(claims["exp"])
            issuer, subject, audience = (str(claims[name]) for name in ("iss", "sub", "aud"))
        except (jwt.PyJWTError, KeyError, ValueError) as exc:
            raise OAuthRefusal("invalid_grant", "invalid assertion") from exc
        app = self._app(issuer)
        self._check_signature(app, assertion)
        if _AUDIENCE.fullmatch(audience) is None:
            raise OAuthRefusal("invalid_grant", "audience is invalid")
        if app.usernames is not None and subject not in app.usernames:
            raise OAuthRefusal("invalid_grant", "user hasn't approved this consumer")
        if self._org.switches.jwt_expiry == "checked" and not 0 < expires - self._org.now() <= 300:
            raise OAuthRefusal("invalid_grant", "expired authorization code")

    @staticmethod
    def _check_signature(app: App, assertion: str) -> None:
        if app.public_key is None:
            return
        try:
            jwt.decode(
                assertion,
                app.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False},
            )
        except jwt.PyJWTError as exc:
            raise OAuthRefusal("invalid_grant", "invalid assertion") from exc

    def _app(self, key: str) -> App:
        apps = self._org.switches.apps
        app = App() if apps is None and key else (apps or {}).get(key)
        if app is None:
            raise OAuthRefusal("invalid_client_id", "client identifier invalid")
        return app

    def _granted(self) -> dict[str, Any]:
        return {
            "access_token": self.open(),
            "instance_url": self.instance_url,
            "id": self.identity,
            "token_type": "Bearer",
            "issued_at": str(int(self._org.now() * 1000)),
            "signature": "c2lnbmVk",
            "scope": "api",
        }

    @property
    def instance_url(self) -> str:
        return f"https://{self._org.switches.my_domain}.my.salesforce.com"

    @property
    def identity(self) -> str:
        return f"https://login.salesforce.com/id/{self._org.organization_id}/{self._org.api_user}"

    def userinfo(self) -> dict[str, Any]:
        """GET /services/oauth2/userinfo"""
        user = self._org.table("User").rows[self._org.api_user]
        return {
            "sub": self.identity,
            "user_id": self._org.api_user,
            "organization_id": self._org.organization_id,
            "preferred_username": user["Username"],
            "name": user["Name"],
            "zoneinfo": "Europe/Stockholm",
            "active": True,
        }


def soap_login(path: str) -> Page:
    """Gone from 65.0 on, and never open here (trap 6)."""
    try:
        version = float(path.rstrip("/").rsplit("/", 1)[1])
    except ValueError:
        version = 0.0
    if version >= SOAP_UNTIL:
        text = f"SOAP API login() is not available in the API version {version}"
        return Page(500, _FAULT.format(code="INVALID_OPERATION", text=text), "text/xml;charset=UTF-8")
    text = "Invalid username, password, security token; or user locked out."
    return Page(500, _FAULT.format(code="INVALID_LOGIN", text=text), "text/xml;charset=UTF-8")


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise OAuthRefusal("invalid_client", "invalid client credentials") from exc
    return key, secret
