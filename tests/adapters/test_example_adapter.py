"""The example of an adapter outside the package: installed, found by its entry point, proved, and used.

tests/example_adapter is a project of its own; config/ADAPTERS.md goes through it. It is put on the path together with
the metadata that an installer would write, so importlib.metadata finds it as it finds any installed distribution.
"""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from syncd.adapters.base import Adapter, Capabilities, ObjectSpec, SetsUp, Setting
from syncd.adapters.registry import GROUP, adapter_factory, adapter_names
from syncd.config.build import build
from syncd.config.load import load_config, pick
from syncd.core.model import Kind, Side
from syncd.core.remote import Raw
from syncd.engine.connection import Connection
from syncd.engine.report import Mode, Summary
from syncd.engine.run import run_pass
from syncd.errors import ConfigError, RemoteError, Unreachable
from syncd.testing import AdapterSuite, Breakage, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.conformance.line import STATUS
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches

if TYPE_CHECKING:
    from tests.example_adapter.filecrm.crm import Crm

PROJECT = Path(__file__).parent.parent / "example_adapter"
TOKEN = "file-crm-token-4711"
AFTER = {Breakage.BROKEN_AFTER, Breakage.TIMEOUT_AFTER, Breakage.RESET_AFTER, Breakage.GARBAGE_200}
WRITES = {"insert", "patch", "remove"}
NO_ANSWER: dict[Breakage, Callable[[], Exception]] = {
    Breakage.TIMEOUT_BEFORE: lambda: TimeoutError("no answer"),
    Breakage.TIMEOUT_AFTER: lambda: TimeoutError("no answer"),
    Breakage.RESET_BEFORE: lambda: ConnectionResetError("the line broke"),
    Breakage.RESET_AFTER: lambda: ConnectionResetError("the line broke"),
    Breakage.REFUSED: lambda: ConnectionRefusedError("nobody there"),
    Breakage.HTML_200: lambda: json.JSONDecodeError("no JSON", "<html>", 0),
    Breakage.GARBAGE_200: lambda: json.JSONDecodeError("no JSON", '{"half', 6),
}


@pytest.fixture(autouse=True, scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As `pip install --editable tests/example_adapter` leaves it, made from the project's own pyproject.toml."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    site = tmp_path_factory.mktemp("site")
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"][GROUP]
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT))
        patch.syspath_prepend(str(site))
        yield


class Line:
    """The way to the CRM, in the place of the network: it can be broken before or after the effect."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self.breakage: Breakage | None = None
        self.writes_only = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._crm, name)

        def request(*args: Any, **options: Any) -> Any:
            if self.breakage is None or (self.writes_only and name not in WRITES):
                return method(*args, **options)
            if self.breakage in AFTER:
                method(*args, **options)
            raise failure(self.breakage)

        return request


def failure(breakage: Breakage) -> Exception:
    """As the vendor words it."""
    if breakage in NO_ANSWER:
        return NO_ANSWER[breakage]()
    error = vendor().CrmError(STATUS[breakage], "no", wait_s=7.0 if breakage is Breakage.RATE_LIMITED else 0.0)
    assert isinstance(error, Exception)
    return error


def vendor() -> ModuleType:
    """The CRM's own module, by the name that it has only once it is installed."""
    return importlib.import_module("filecrm.crm")


class FilePeer(Peer):
    """A file CRM with the adapter on it."""

    secrets = (TOKEN,)

    def __init__(self, path: Path) -> None:
        self.clock = VirtualClock()
        self.path = path
        vendor().found(path, "Example firm", TOKEN)
        self.crm: Crm = vendor().Crm(path, TOKEN, self.clock.time)
        self.line = Line(self.crm)
        self.adapter = self.build()
        assert isinstance(self.adapter, SetsUp)
        self.adapter.provision(self.kind, self.adapter.compare(self.kind, []))

    def build(self) -> Adapter:
        return adapter_factory("filecrm")(
            Setting(
                options={"path": str(self.path), "token_env": "TOKEN", "page_max": self.feed_page},
                objects={Kind.PROJECT: ObjectSpec("deals")},
                namespace="filecrm",
                clock=self.clock,
                secret={"TOKEN": TOKEN}.__getitem__,
                transport=self.line,
            )
        )

    def sample(self, n: int) -> Raw:
        return {"title": f"Oak street {n}001", "amount": f"{n}50000", "exclusivity": f"kind {n}001"}

    def change(self, n: int) -> Raw:
        return {"title": f"Birch lane {n}002", "amount": f"{n}90000"}

    def bad(self) -> Raw:
        return {"title": "Elm road 77001", "amount": "musty 4711"}

    def add(self, fields: Raw, ref: str | None = None) -> str:
        stamp = {} if ref is None else {"propstreet_id": ref}
        (row,) = self.crm.insert("deals", [{**fields, **stamp}])
        assert isinstance(row, dict)
        return str(row["id"])

    def edit(self, id: str, fields: Raw) -> None:
        self.crm.patch("deals", id, fields)

    def remove(self, id: str) -> None:
        self.crm.remove("deals", id)

    def read(self, id: str) -> Raw | None:
        hidden = ("id", "revision", "modified_ms", "deleted", "propstreet_id")
        rows = [row for row in self.crm.get("deals", "id", [id]) if not row["deleted"]]
        return {name: value for name, value in rows[0].items() if name not in hidden} if rows else None

    def ids(self) -> set[str]:
        return {str(row["id"]) for row in self.crm.get("deals", "deleted", ["0"])}

    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        self.line.breakage, self.line.writes_only = breakage, writes_only

    def heal(self) -> None:
        self.line.breakage = None
        self.clock.advance(10.0)


class TestFileCrm(AdapterSuite):
    @pytest.fixture
    def peer(self, tmp_path: Path) -> Iterator[Peer]:
        peer = FilePeer(tmp_path / "crm.db")
        yield peer
        peer.close()


def test_it_is_found_by_its_entry_point() -> None:
    """Nothing in syncd knows its name: an installed distribution brings it."""
    (point,) = (point for point in entry_points(group=GROUP) if point.name == "filecrm")

    assert point.dist is not None
    assert point.dist.name == "syncd-filecrm"
    assert "filecrm" in adapter_names()
    assert adapter_factory("filecrm") is point.load()


def test_the_guide_is_about_what_there_is() -> None:
    """config/ADAPTERS.md leads to files that exist, and names every method, capability and error of the contract."""
    guide = PROJECT.parent.parent / "config" / "ADAPTERS.md"
    text = guide.read_text()
    methods = {name for name, value in vars(Adapter).items() if callable(value) and not name.startswith("_")}
    capabilities = {field.name for field in msgspec.structs.fields(Capabilities)}
    kinds = {cls.__name__ for cls in RemoteError.__subclasses__()}

    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (guide.parent / link).exists()] == []
    assert [name for name in methods | capabilities | kinds if not re.search(rf"`{name}\b", text)] == []


class Firm:
    """A firm that uses it: the example's own configuration and table, the Propstreet twin, and a store on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.propstreet = PropstreetTwin(self.clock, Switches(rate_limit=None, pat_life_s=10**9))
        vendor().found(folder / "crm.db", "Example firm", TOKEN)
        self.crm: Crm = vendor().Crm(folder / "crm.db", TOKEN, self.clock.time)
        config = (PROJECT / "syncd.toml").read_text().replace('"crm.db"', f'"{folder / "crm.db"}"')
        (folder / "syncd.toml").write_text(config)
        (folder / "mapping.toml").write_bytes((PROJECT / "mapping.toml").read_bytes())
        self.connection = self.start()
        self.set_up()

    def start(self) -> Connection:
        path = self.folder / "syncd.toml"
        config = load_config(path)
        environment = {"PROPSTREET_TOKEN": "pat_sandbox", "FILECRM_TOKEN": TOKEN}
        transports = {Side.PROPSTREET: TwinTransport(self.propstreet)}
        return build(
            config, pick(config, None, path), path, environment=environment, clock=self.clock, transports=transports
        )

    def set_up(self) -> None:
        """What `syncd setup --apply` does."""
        adapter = self.connection.crm
        assert isinstance(adapter, SetsUp)
        for kind, mapper in self.connection.mappers.items():
            adapter.provision(kind, adapter.compare(kind, mapper.wanted()))

    def lose_store(self) -> None:
        self.close()
        for file in self.folder.glob("syncd.db*"):
            file.unlink()
        self.connection = self.start()

    def run(self, mode: Mode = Mode.DELTA) -> Summary:
        self.clock.advance(400)
        summary = run_pass(self.connection, mode)
        self.clock.advance(1)
        return summary

    def deal_of(self, project: str) -> str:
        (row,) = (row for row in self.crm.get("deals", "propstreet_id", [project]) if not row["deleted"])
        return str(row["id"])

    def project_of(self, deal: str) -> str:
        (row,) = self.crm.get("deals", "id", [deal])
        return str(row["propstreet_id"])

    def deals(self) -> list[str]:
        return sorted(row["title"] for row in self.crm.get("deals", "deleted", ["0"]))

    def projects(self) -> list[str]:
        return sorted(project["name"] for project in self.propstreet.live_projects())

    def add_deal(self, title: str) -> str:
        (row,) = self.crm.insert("deals", [{"title": title}])
        assert isinstance(row, dict)
        return str(row["id"])

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    firm = Firm(tmp_path)
    yield firm
    firm.close()


def wrote(summary: Summary) -> int:
    return sum(side.create + side.update + side.delete for side in summary.applied.values())


def test_check_finds_nothing_to_mend(firm: Firm) -> None:
    """Set up once, the table holds every column that the mapping wants."""
    adapter = firm.connection.crm
    assert isinstance(adapter, SetsUp)
    (mapper,) = firm.connection.mappers.values()

    assert adapter.check().problems == ()
    assert {item.state for item in adapter.compare(Kind.PROJECT, mapper.wanted())} == {"ok"}


def test_two_ways(firm: Firm) -> None:
    """A first load in both directions, edits on both sides, deletions on both sides; and then quiet."""
    kista = firm.propstreet.add_project(name="Kista Logistics", exclusivity="exclusive")
    farsta = firm.propstreet.add_project(name="Farsta Centrum")
    solna = firm.add_deal("Solna Offices")
    firm.run(Mode.BACKFILL)

    assert firm.deals() == firm.projects() == ["Farsta Centrum", "Kista Logistics", "Solna Offices"]

    firm.propstreet.edit_project(kista, name="Kista Park")
    firm.crm.patch("deals", firm.deal_of(kista), {"exclusivity": "other"})
    firm.crm.patch("deals", solna, {"title": "Solna Tower"})
    firm.run()

    assert firm.deals() == firm.projects() == ["Farsta Centrum", "Kista Park", "Solna Tower"]
    assert firm.propstreet.project(kista)["exclusivity"] == "other"

    firm.propstreet.delete_project(farsta)
    firm.crm.remove("deals", solna)
    firm.run()

    assert firm.deals() == firm.projects() == ["Kista Park"]
    firm.run()
    assert wrote(firm.run()) == 0


def test_a_lost_store_is_rebuilt_from_the_stamps(firm: Firm) -> None:
    """Nothing is made twice, and edits flow again."""
    kista = firm.propstreet.add_project(name="Kista Logistics")
    solna = firm.add_deal("Solna Offices")
    firm.run(Mode.BACKFILL)

    firm.lose_store()
    assert wrote(firm.run(Mode.BACKFILL)) == 0
    firm.crm.patch("deals", firm.deal_of(kista), {"title": "Kista Park"})
    firm.propstreet.edit_project(firm.project_of(solna), name="Solna Tower")
    firm.run()

    assert firm.deals() == firm.projects() == ["Kista Park", "Solna Tower"]


def test_a_create_whose_answer_was_lost_is_not_sent_blindly(firm: Firm) -> None:
    """The CRM made the record and the line broke: the next pass finds it by its stamp."""
    line = Line(firm.crm)
    line.breakage, line.writes_only = Breakage.RESET_AFTER, True
    vars(firm.connection.crm)["_crm"] = line
    firm.propstreet.add_project(name="Kista Logistics")
    firm.run(Mode.BACKFILL)
    line.breakage = None
    firm.run()
    firm.run()

    assert firm.deals() == ["Kista Logistics"]
    assert wrote(firm.run()) == 0


@pytest.mark.parametrize("broken", ["page_maximum = 2", "page_max = 0"])
def test_options_that_are_not_usable_are_told_with_their_place(tmp_path: Path, broken: str) -> None:
    """The adapter decodes its own table; syncd says where it stands."""
    (tmp_path / "syncd.toml").write_text((PROJECT / "syncd.toml").read_text().replace("page_max = 2", broken))
    (tmp_path / "mapping.toml").write_bytes((PROJECT / "mapping.toml").read_bytes())
    config = load_config(tmp_path / "syncd.toml")

    with pytest.raises(ConfigError, match=r"connections\.example\.crm: .*page_max"):
        build(
            config,
            config.connections[0],
            tmp_path / "syncd.toml",
            environment={"PROPSTREET_TOKEN": "pat_sandbox", "FILECRM_TOKEN": TOKEN},
        )


def test_a_file_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    """Opening it must not make an empty CRM: everything would look deleted."""
    setting = Setting(
        options={"path": str(tmp_path / "elsewhere.db"), "token_env": "TOKEN"},
        objects={Kind.PROJECT: ObjectSpec("deals")},
        namespace="filecrm",
        clock=VirtualClock(),
        secret={"TOKEN": TOKEN}.__getitem__,
    )

    with pytest.raises(Unreachable):
        adapter_factory("filecrm")(setting).fetch(Kind.PROJECT, ["1"])
    assert not (tmp_path / "elsewhere.db").exists()
