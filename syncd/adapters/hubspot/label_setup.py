"""The labels that the mapping wants against those that the account has: compare, create what is missing, read back.

A label that exists is never changed. Its name is permanent, unique and shown nowhere, so a label of ours that an admin
gave another text is found out only when making it again is refused (hubspot.md 5.11).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

from syncd.adapters.base import Problem, SetupItem
from syncd.core.model import FieldType, Kind
from syncd.errors import AlreadyExists, Forbidden
from syncd.mapping.wanted import WantedField

from .associations import Way
from .client import Client
from .labels import listed
from .prospects import LABEL, Nest
from .records import traits_of
from .shapes import LabelList

_PREFIX = "propstreet_"
_NO_PROPERTY = "an association has a label and nothing else: take this field out of the mapping"
_OTHER_TEXT = (
    "a label of this name has another text by now: rename it back in hubspot's settings, or change the mapping"
)


def compare(nest: Nest, wanted: Sequence[WantedField]) -> list[SetupItem]:
    """One line per label and kind of person; each is a definition of its own in HubSpot."""
    texts = {text: words for field in wanted if field.name == LABEL for text, words in field.options}
    texts |= {text: texts.get(text, text) for text in sorted(nest.texts - texts.keys())}
    lines = [
        _line(way, text, "ok" if text in live else "missing")
        for way in _ways(nest)
        for live in (listed(nest.client, way),)
        for text in texts
    ]
    strange = [field for field in wanted if field.name != LABEL]
    return lines + [SetupItem(kind=Kind.PROSPECT, field=one, state="wrong", detail=_NO_PROPERTY) for one in strange]


def provision(nest: Nest, items: Sequence[SetupItem]) -> list[SetupItem]:
    """Create the missing ones and show how each of the items stands now. Raises Forbidden with what to do by hand."""
    return [_provided(nest, item) if item.state == "missing" else item for item in items]


def problems(nest: Nest) -> Iterator[Problem]:
    """What `syncd check` has to tell: labels that nobody has made, or that an admin has renamed or deleted."""
    for way in _ways(nest):
        try:
            live = listed(nest.client, way)
        except Forbidden as exc:
            remedy = exc.remedy or f"give the token the scopes to read {way.source} and {way.target}"
            yield Problem(f"the token may not read the labels between {way.source} and {way.target}", remedy)
            continue
        for text in sorted(nest.texts - live.keys()):
            what = f"{way.source} and {way.target} have no label {text} ({definition_name(way, text)})"
            yield Problem(what, "run `syncd setup --apply`, or rename the label back if somebody renamed it")


def definition_name(way: Way, text: str) -> str:
    """The name under which syncd makes this label: the same one for ever, whatever the label is called later."""
    spelled = unicodedata.normalize("NFKD", text).casefold()
    slug = re.sub(r"[^a-z0-9]+", "_", spelled.encode("ascii", "ignore").decode()).strip("_")
    if not all(character.isascii() for character in spelled if character.isalnum()):
        slug = f"{slug}_{zlib.crc32(text.encode()):08x}".strip("_")  # what was lost may be all that tells two apart
    return f"{_PREFIX}{way.kind.value}_{slug}"


def _ways(nest: Nest) -> list[Way]:
    return [nest.ways[kind] for kind in nest.shown]


def _line(way: Way, text: str, state: str, detail: str = "") -> SetupItem:
    field = WantedField(name=definition_name(way, text), label=text, type=FieldType.ENUM)
    return SetupItem(kind=Kind.PROSPECT, field=field, state=state, detail=detail)


def _provided(nest: Nest, item: SetupItem) -> SetupItem:
    name, text = item.field.name, item.field.label
    way = next((way for way in _ways(nest) if definition_name(way, text) == name), None)
    if way is None:
        return item
    detail = _make(nest.client, way, name, text)
    if text in listed(nest.client, way):
        return _line(way, text, "ok")
    return _line(way, text, "wrong" if detail else "missing", detail)


def _make(client: Client, way: Way, name: str, text: str) -> str:
    """Why it could not be made, where HubSpot has the name already; "" otherwise."""
    body = {"name": name, "label": text, "inverseLabel": f"{text} in"}
    try:
        client.associate(client.labels.create, LabelList, way.source, way.target, body)
    except AlreadyExists:
        return _OTHER_TEXT
    except Forbidden as exc:
        raise Forbidden(
            f"the token may not make labels between {way.source} and {way.target}",
            system=exc.system,
            status=exc.status,
            code=exc.code,
            request_id=exc.request_id,
            remedy=_by_hand(way, text),
        ) from exc
    return ""


def _by_hand(way: Way, text: str) -> str:
    scopes = " and ".join(f"crm.schemas.{traits_of(name).scopes}.write" for name in (way.source, way.target))
    return (
        f"give the token {scopes}; or make the labels by hand, in hubspot's settings under Objects, Deals, "
        f"Associations: the first one is {text}, from {way.source} to {way.target}"
    )
