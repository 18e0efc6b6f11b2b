"""Owners and the account itself (hubspot.md, section 5.15)."""

from __future__ import annotations

from typing import Any

import msgspec

from .call import Answer, Call
from .limits import Limiter
from .refusal import PORTAL_ID, NoSuchPath, Refusal
from .values import iso

PAGE_DEFAULT, PAGE_MAX = 100, 500
TIME_ZONE, UTC_OFFSET, UTC_OFFSET_S = "Europe/Stockholm", "+01:00", 3600


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    email: str
    first_name: str
    last_name: str
    user_id: int
    archived: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": self.user_id,
            "userIdIncludingInactive": self.user_id,
            "teams": [],
            "archived": self.archived,
            "createdAt": iso(0),
            "updatedAt": iso(0),
        }


OWNERS = (
    Owner(id="40000001", email="anna@broker.test", first_name="Anna", last_name="Berg", user_id=7000001),
    Owner(id="40000002", email="bo@broker.test", first_name="Bo", last_name="Dahl", user_id=7000002),
)


def handle_owners(call: Call) -> Answer:
    """/crm/v3/owners, with the trailing slash that SDK 12 sends, too."""
    call.need("crm.objects.owners.read")
    match call.method, tuple(part for part in call.rest if part):
        case "GET", ():
            return _list(call)
        case "GET", (id,):
            found = [owner.shown() for owner in OWNERS if owner.id == id]
            if not found:
                raise Refusal("Owner not found", status=404, category="OBJECT_NOT_FOUND")
            return Answer(200, found[0])
    raise NoSuchPath


def _list(call: Call) -> Answer:
    limit, email, archived = call.whole("limit", PAGE_DEFAULT), call.one("email"), call.flag("archived")
    if not 1 <= limit <= PAGE_MAX:
        raise Refusal(f"limit must be between 1 and {PAGE_MAX}")
    wanted = [owner for owner in OWNERS if owner.archived is archived and email in (None, owner.email)]
    rest = [owner for owner in wanted if int(owner.id) >= call.whole("after", 0)]
    content: dict[str, Any] = {"results": [owner.shown() for owner in rest[:limit]]}
    if len(rest) > limit:
        content["paging"] = {"next": {"after": rest[limit].id}}
    return Answer(200, content)


def account_details() -> dict[str, Any]:
    """GET /account-info/v3/details"""
    return {
        "portalId": PORTAL_ID,
        "accountType": "DEVELOPER_TEST",
        "timeZone": TIME_ZONE,
        "companyCurrency": "SEK",
        "additionalCurrencies": ["EUR", "NOK", "USD"],
        "utcOffset": UTC_OFFSET,
        "utcOffsetMilliseconds": UTC_OFFSET_S * 1000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }


def api_usage(call: Call, limiter: Limiter) -> dict[str, Any]:
    """GET /account-info/v3/api-usage/daily/private-apps"""
    limit = call.account.switches.rate_limit
    now = call.account.now()
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limit.daily_max if limit else None,
        "currentUsage": limiter.today,
        "collectedAt": iso(call.account.now_ms()),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(int(limiter.midnight(now) * 1000)),
    }
    return {"results": [usage]}
