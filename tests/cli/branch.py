"""An office that has Salesforce as well: alone in syncd.toml, or beside HubSpot on the same Propstreet account."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.testing.sandbox.salesforce import App, SalesforceTwin, Switches
from syncd.testing.sandbox.wire import Faulty

from .office import CONFIG, SALESFORCE_ID, SALESFORCE_SECRET, Lines, Office, Said, moved_in

CONNECTION = """
[[connections]]
name = "{name}"
mapping = "salesforce"

[connections.propstreet]
base_url = "{propstreet}"
token_env = "PROPSTREET_TOKEN"

[connections.crm]
adapter = "salesforce"
namespace = "salesforce"
domain = "acme.my"
base_url = "{salesforce}"
client_id_env = "SALESFORCE_CLIENT_ID"
client_secret_env = "SALESFORCE_CLIENT_SECRET"
calls_per_s = 1000
"""


@dataclasses.dataclass
class Branch(Office):
    salesforce: SalesforceTwin
    far: Faulty

    def write_alone(self) -> None:
        self.config.write_text(CONNECTION.format(name="lapland", **self.urls), encoding="utf-8")

    def write_both(self) -> None:
        """One Propstreet account, two CRMs, one store."""
        hubspot = CONFIG.format(mapping="hubspot", **self.urls)
        salesforce = CONNECTION.format(name="lapland", **self.urls)
        self.config.write_text(hubspot + salesforce, encoding="utf-8")

    def set_up(self, *connections: str) -> None:
        for name in connections:
            said = self.run("setup", "--apply", "--connection", name)
            assert said.code == 0, said

    def fine(self, *words: str) -> Said:
        """Run it; it may not fail."""
        said = self.run(*words)
        assert said.code == 0, said
        return said

    def opportunities(self) -> dict[str, dict[str, Any]]:
        return self.salesforce.person.live_records("Opportunity")

    def opportunity_of(self, project: str) -> str:
        return next(id for id, shown in self.opportunities().items() if shown.get("Propstreet_Id__c") == project)

    def shown_of(self, project: str) -> Mapping[str, Any]:
        return self.salesforce.person.record(self.opportunity_of(project))

    def refs_of(self, project: str) -> dict[str, str]:
        """External refs by namespace."""
        return {ref["namespace"]: ref["id"] for ref in self.propstreet.project(project).get("externalRefs", ())}

    def written(self) -> int:
        """Writes of syncd that took effect in all three systems, by their own journals."""
        return self.writes() + sum(applied.object == "Opportunity" for applied in self.salesforce.journal)


def opened(lines: Lines, folder: Path) -> Branch:
    office = moved_in(lines, folder)
    apps = {SALESFORCE_ID: App(secret=SALESFORCE_SECRET)}
    twin = SalesforceTwin(office.propstreet.clock, Switches(apps=apps, multi_currency=True))
    lines.salesforce.behind = Faulty(twin)
    parts = {field.name: getattr(office, field.name) for field in dataclasses.fields(office)}
    branch = Branch(**parts, salesforce=twin, far=lines.salesforce.behind)
    branch.write_alone()
    return branch
