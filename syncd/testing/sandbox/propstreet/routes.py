"""Which endpoint a request is for. Nothing is decided here but that."""

from __future__ import annotations

from urllib.parse import unquote

from syncd.testing.sandbox.wire import Request

from .access import Caller
from .http import Refusal, Reply, missing
from .idempotency import Replays
from .journal import Applied
from .network.companies import Companies
from .network.contacts import Contacts
from .network.links import Links
from .projects.api import Projects
from .prospects.api import Prospects
from .state import State

_PREFIX = "/api/v1/"


class Routes:
    """`codes`: with which the next additions of a batch fail; one goes with each."""

    def __init__(self, state: State, journal: list[Applied], codes: list[str]) -> None:
        replays = Replays()
        self._projects = Projects(state, replays, journal)
        self._prospects = Prospects(state, replays, journal, codes)
        self._contacts = Contacts(state, replays, journal)
        self._companies = Companies(state, replays, journal)
        self._links = Links(state, replays, journal)

    def reply(self, request: Request, path: str, caller: Caller) -> Reply:
        """Raises Refusal."""
        parts = path[len(_PREFIX) :].split("/") if path.startswith(_PREFIX) else []
        if "%" in path:
            parts = [unquote(part) for part in parts]
        match parts:
            case ["projects"] | ["projects", _]:
                return self._project(request, path, caller, parts[1:])
            case ["projects", _, "prospects", *rest]:
                return self._prospect(request, path, caller, parts[1], rest)
            case ["projects", _, "prospects:batch"]:
                _only(request, "POST")
                return self._prospects.add_batch(request, path, caller, parts[1])
            case ["projects", *rest]:
                return self._project(request, path, caller, rest)
            case ["network", "contacts", *rest]:
                return self._contact(request, path, caller, rest)
            case ["network", "companies", *rest]:
                return self._company(request, path, caller, rest)
            case ["network", "links", *rest]:
                return self._link(request, path, caller, rest)
            case _:
                raise missing()

    def _project(self, request: Request, path: str, caller: Caller, rest: list[str]) -> Reply:
        projects = self._projects
        match request.method, rest:
            case "PATCH", [id]:
                return projects.patch(id, request)
            case "GET", [id]:
                return projects.get(id)
            case "DELETE", [id]:
                return projects.delete(id, request)
            case "GET", []:
                return projects.page(request)
            case "POST", []:
                return projects.create(request, path, caller)
            case "GET", ["external", namespace, id]:
                return projects.find(namespace, id)
            case "GET", [id, "properties"]:
                return projects.properties(id)
        raise _lost(rest, {0: "GET, POST", 1: "GET, PATCH, DELETE"}, ("properties",))

    def _prospect(self, request: Request, path: str, caller: Caller, project: str, rest: list[str]) -> Reply:
        prospects = self._prospects
        match request.method, rest:
            case "PATCH", [id]:
                return prospects.patch(id, request, project)
            case "GET", [id]:
                return prospects.get(id, project)
            case "DELETE", [id]:
                return prospects.delete(id, request, project)
            case "GET", []:
                return prospects.page(request, project)
            case "POST", []:
                return prospects.create(request, path, caller, project)
            case "POST", ["classify"]:
                return prospects.classify(request, project)
            case "POST", [id, "remove"]:
                return prospects.remove(id, project)
            case "POST", [id, "contact-person"]:
                return prospects.contact_person(id, request, project)
            case "GET", ["external", namespace, id]:
                return prospects.find(namespace, id, project)
        if rest == ["classify"] or rest[1:] in (["remove"], ["contact-person"]):
            raise _not_allowed("POST")
        raise _lost(rest, {0: "GET, POST", 1: "GET, PATCH, DELETE"})

    def _contact(self, request: Request, path: str, caller: Caller, rest: list[str]) -> Reply:
        contacts = self._contacts
        match request.method, rest:
            case "PATCH", [id]:
                return contacts.patch(id, request)
            case "GET", [id]:
                return contacts.get(id)
            case "DELETE", [id]:
                return contacts.delete(id, request)
            case "GET", []:
                return contacts.page(request)
            case "POST", []:
                return contacts.create(request, path, caller)
            case "GET", ["external", namespace, id]:
                return contacts.find(namespace, id)
            case "PATCH", ["external", namespace, id]:
                return contacts.upsert(namespace, id, request)
            case "GET", [id, "projects"]:
                return contacts.projects(id, request)
        raise _lost(rest, {0: "GET, POST", 1: "GET, PATCH, DELETE", 3: "GET, PATCH"}, ("projects",))

    def _company(self, request: Request, path: str, caller: Caller, rest: list[str]) -> Reply:
        companies = self._companies
        match request.method, rest:
            case "PATCH", [id]:
                return companies.patch(id, request)
            case "GET", [id]:
                return companies.get(id)
            case "DELETE", [id]:
                return companies.delete(id, request)
            case "GET", []:
                return companies.page(request)
            case "POST", []:
                return companies.create(request, path, caller)
            case "GET", ["external", namespace, id]:
                return companies.find(namespace, id)
            case "GET", [id, "contacts"]:
                return companies.contacts(id, request)
            case "GET", [id, "projects"]:
                return companies.projects(id, request)
        raise _lost(rest, {0: "GET, POST", 1: "GET, PATCH, DELETE"}, ("contacts", "projects"))

    def _link(self, request: Request, path: str, caller: Caller, rest: list[str]) -> Reply:
        """Links are listed, made and changed; what else there may be is not documented (section 17.3)."""
        match request.method, rest:
            case "GET", []:
                return self._links.page(request)
            case "POST", []:
                return self._links.create(request, path, caller)
            case "PATCH", [id]:
                return self._links.patch(id, request)
        raise _lost(rest, {0: "GET, POST", 1: "PATCH"})


def _lost(rest: list[str], methods: dict[int, str], read_only: tuple[str, ...] = ()) -> Refusal:
    """405 on a path that there is, 404 elsewhere. `methods` by the number of parts of a path."""
    if len(rest) == 2 and rest[1] in read_only:
        return _not_allowed("GET")
    if len(rest) == 3 and rest[0] == "external":
        return _not_allowed(methods.get(3, "GET"))
    if len(rest) < 2:
        return _not_allowed(methods[len(rest)])
    return missing()


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise _not_allowed(method)


def _not_allowed(methods: str) -> Refusal:
    return Refusal(405, "method-not-allowed", "The method is not allowed here.", headers={"Allow": methods})
