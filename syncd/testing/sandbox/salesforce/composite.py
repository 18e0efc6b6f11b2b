"""Composite calls (salesforce.md, section 3.6): 25 requests in one, each with headers of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .call import Answer, Call
from .refusal import Refusal

SUBREQUESTS_MAX = 25
HEAVY_MAX = 5  # queries and collections
FORBIDDEN = frozenset({"accept", "authorization", "content-type"})
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")
_HEAVY = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)(/|\?|$)")

Route = Callable[[Call], Answer]
Shown = dict[str, Any]

HALTED = Refusal(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)


def handle(call: Call, route: Route) -> Answer:
    """POST /composite. Answers 200 even when subrequests fail."""
    call.demand_method("POST")
    body = call.body()
    listed = body.get("compositeRequest")
    if not isinstance(listed, list) or not all(isinstance(it, dict) for it in listed):
        raise Refusal("JSON_PARSER_ERROR", "compositeRequest: a list of subrequests is required")
    _check(listed)
    answers: dict[str, Answer] = {}

    def run() -> None:
        for it in listed:
            answers[it["referenceId"]] = _answer(call, it, answers, route)

    if body.get("allOrNone") is not True:
        run()
    else:
        with call.org.transaction(keep=lambda: all(_went_well(answer) for answer in answers.values())):
            run()
        if not all(_went_well(answer) for answer in answers.values()):
            halted = Answer(400, HALTED.body())
            answers = {key: halted if _went_well(answer) else answer for key, answer in answers.items()}
    return Answer(200, {"compositeResponse": [_shown(key, answer) for key, answer in answers.items()]})


def _check(listed: list[Shown]) -> None:
    """The envelope; anything wrong with it refuses the whole call."""
    if len(listed) > SUBREQUESTS_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"The number of subrequests can not exceed {SUBREQUESTS_MAX}.")
    ids = [it.get("referenceId") for it in listed]
    if len(set(ids)) != len(ids) or not all(isinstance(id, str) and id for id in ids):
        raise Refusal("INVALID_INPUT", "referenceId is required, and unique within the request")
    if not all(isinstance(it.get("url"), str) and isinstance(it.get("method"), str) for it in listed):
        raise Refusal("JSON_PARSER_ERROR", "method and url are required in every subrequest")
    if sum(_HEAVY.match(it["url"]) is not None for it in listed) > HEAVY_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"At most {HEAVY_MAX} subrequests can be queries or collections.")
    for it in listed:
        headers = it.get("httpHeaders") or {}
        if not all(isinstance(value, str) for value in headers.values()):
            raise Refusal("JSON_PARSER_ERROR", "httpHeaders takes plain strings")
        if not FORBIDDEN.isdisjoint(name.lower() for name in headers):
            raise Refusal("INVALID_INPUT", "Accept, Authorization and Content-Type can not be set in a subrequest")


def _answer(call: Call, it: Shown, answers: Mapping[str, Answer], route: Route) -> Answer:
    headers = {name.lower(): value for name, value in (it.get("httpHeaders") or {}).items()}
    try:
        url, body = _filled(it["url"], answers), _filled(it.get("body"), answers)
        if not url.startswith("/services/data/"):
            raise Refusal("NOT_FOUND", "The requested resource does not exist")
        return route(Call(call.org, it["method"].upper(), url, headers, body, within=True))
    except Refusal as refusal:
        empty = refusal.status == 412 and call.org.switches.stale_body == "empty"
        return Answer(refusal.status, None if empty else refusal.body())


def _filled(value: Any, answers: Mapping[str, Answer]) -> Any:
    """`@{ref.id}` replaced by what an earlier subrequest answered."""
    match value:
        case str():
            return _REFERENCE.sub(lambda found: _looked_up(found[1], found[2], answers), value)
        case dict():
            return {name: _filled(inner, answers) for name, inner in value.items()}
        case list():
            return [_filled(inner, answers) for inner in value]
    return value


def _looked_up(key: str, path: str, answers: Mapping[str, Answer]) -> str:
    content: Any = answers[key].content if key in answers else None
    for step in re.findall(r"\w+", path):
        if isinstance(content, list) and step.isdigit() and int(step) < len(content):
            content = content[int(step)]
        else:
            content = content.get(step) if isinstance(content, dict) else None
    if content is None:
        raise Refusal("PROCESSING_HALTED", f"Invalid reference specified. No value for {key}.{path} found in {key}")
    return str(content)


def _went_well(answer: Answer) -> bool:
    """A collection within counts as failed when a row of it failed."""
    rows = answer.content if isinstance(answer.content, list) else []
    return answer.status < 300 and all(row.get("success", True) for row in rows if isinstance(row, dict))


def _shown(key: str, answer: Answer) -> Shown:
    return {
        "body": answer.content,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": key,
    }
