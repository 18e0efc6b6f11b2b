"""What a person must mend before a pass can work: are we let in, and may we read what the mapping needs?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from syncd.adapters.base import Health, Problem
from syncd.adapters.limiter import Priority
from syncd.core.model import Kind
from syncd.errors import Forbidden, Missing, ServerTrouble

from .client import PropstreetClient
from .paging import Page
from .wire import text_id

_PERSONAL = Problem(
    "a personal access token gives 60 calls a minute and ends after 30 days or when its owner leaves",
    "for unattended use give client_id_env and client_secret_env of a bot user",
    fatal=False,
)
_ELSEWHERE = Problem(
    "there is no Propstreet API at base_url",
    "write the origin only, such as https://app.propstreet.com; syncd adds /api/v1",
)


def health(client: PropstreetClient, kinds: Collection[Kind], *, personal: bool) -> Health:
    """One call per kind that is mapped. The API names no account, so the host stands for it.

    Raises Unauthorized, Unreachable.
    """
    account = urlsplit(client.origin).netloc
    problems = [_PERSONAL] if personal else []
    try:
        projects = client.projects.page(page_size=1, priority=Priority.PERSON)
    except Forbidden as exc:
        return Health(account, (*problems, _forbidden(exc)))
    except (Missing, ServerTrouble) as exc:
        if exc.status not in (404, 410):  # as JSON it is Missing; as a web page it is another server's
            raise
        return Health(account, (*problems, _ELSEWHERE))
    for kind, read in _others(client, projects).items():
        if kind in kinds and (problem := _problem(kind, read)) is not None:
            problems.append(problem)
    return Health(account, tuple(problems))


def _others(client: PropstreetClient, projects: Page) -> dict[Kind, Callable[[], object]]:
    reads: dict[Kind, Callable[[], object]] = {
        Kind.COMPANY: lambda: client.companies.page(page_size=1, priority=Priority.PERSON),
        Kind.CONTACT: lambda: client.contacts.page(page_size=1, priority=Priority.PERSON),
    }
    if projects.rows:
        project = text_id(projects.rows[0].get("id")) or ""
        reads[Kind.PROSPECT] = lambda: client.prospects.page(project, page_size=1, priority=Priority.PERSON)
    return reads


def _problem(kind: Kind, read: Callable[[], object]) -> Problem | None:
    try:
        read()
    except Forbidden as exc:
        return _forbidden(exc)
    except Missing as exc:
        remedy = f"ask Propstreet whether this user may see them, or take [{kind}] out of the mapping"
        return Problem(str(exc), remedy)
    return None


def _forbidden(exc: Forbidden) -> Problem:
    return Problem(str(exc), exc.remedy or "")
