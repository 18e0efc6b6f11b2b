"""A prospect: an investor in a project, and how far the talks with them are (propstreet.md section 11).

The broker added some; others Propstreet matched when the teaser was communicated, and those alone have a `teaser`.
Only the classification is ever written. Whom a prospect is about and which project it is in are no fields: they are
settled when it is made.
"""

from __future__ import annotations

from syncd.core.model import Fields, FieldType, Value

from .entry import Entry, Raw, Reader, catalogue
from .members import EVERYWHERE, part, tags, text
from .readings import Writing
from .scalars import Unreadable, instant_of, text_of

CLASSIFICATIONS = ("not_contacted", "contacted", "interested", "not_interested", "bidder")
ORIGINS = ("added", "matched")
CHAT = "chat"  # the capability


def write_prospect(values: Fields, current: Raw) -> Writing:
    """The body that sets these fields, of a new prospect too, though that takes two calls: the body of a create can't
    hold a classification, so it is patched afterwards (section 11.2)."""
    if "classification" not in values:
        return Writing()
    value = values["classification"]
    if value is None:
        return Writing(refused={"classification": "is empty, and a prospect always has one"})
    if value not in CLASSIFICATIONS:
        return Writing(refused={"classification": "is not one of the values that Propstreet takes"})
    return Writing({"classification": value})


def read_classification(raw: Raw) -> Value:
    return text_of(raw.get("classification"))


def read_chat(raw: Raw) -> Value:
    """A missing list is an empty one (section 9)."""
    shown = raw.get("capabilities")
    if shown is None:
        return False
    if not isinstance(shown, list):
        raise Unreadable("has capabilities that are not a list")
    return CHAT in shown


def read_origin(raw: Raw) -> Value:
    """An empty teaser is one, too: it was communicated, and there is nothing to say about it yet."""
    return "added" if part(raw, "teaser") is None else "matched"


def read_name(raw: Raw) -> str:
    """Whom Propstreet shows, where it may name neither a contact nor a company; "" for nobody. Never raises."""
    for member in ("displayName", "organizationName"):
        shown = raw.get(member)
        if isinstance(shown, str) and shown:
            return shown
    return ""


def _teaser_instant(member: str) -> Reader:
    def read(raw: Raw) -> Value:
        teaser = part(raw, "teaser")
        return None if teaser is None else instant_of(teaser.get(member))

    return read


read_accepted = _teaser_instant("acceptedUtc")

CATALOGUE = catalogue(
    write_prospect,
    Entry(
        name="classification",
        type=FieldType.ENUM,
        read=read_classification,
        wire=("classification",),
        writable=True,
        values=CLASSIFICATIONS,
        order=CLASSIFICATIONS,
    ),
    tags(),
    Entry(name="chat", type=FieldType.FLAG, read=read_chat, wire=("capabilities",)),
    Entry(name="accepted", type=FieldType.INSTANT, read=read_accepted, wire=("teaser",)),
    Entry(name="deadline", type=FieldType.INSTANT, read=_teaser_instant("deadlineUtc"), wire=("teaser",)),
    Entry(name="origin", type=FieldType.ENUM, read=read_origin, wire=("teaser",), values=ORIGINS),
    text("display_name", "displayName"),
    text("organization", "organizationName"),
    *EVERYWHERE,
)
