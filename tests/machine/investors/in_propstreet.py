"""What people do with investors in Propstreet, and what the investors themselves do there."""

from __future__ import annotations

from typing import Any

from syncd.core.model import LEFT, Kind
from syncd.core.remote import person_of
from tests.engine.investors import LABELS
from tests.machine.edits import FOREIGN_NAMESPACE

from .memory import Memory, address_of, marker_of
from .truth import Row, person_in

STAGES = tuple(LABELS)


class InPropstreet(Memory):
    def close_project(self) -> None:
        project = self._some_project()
        if project is not None:
            self._world.propstreet.edit_project(project["id"], status="closed")
            self.closed.add(str(project["id"]))
            self._say(f"project {project['id']} closed")

    def add_contact(self) -> None:
        """Somebody new, a desk, or somebody whom the CRM knows already, under the same name or another."""
        marker, roll = self._new_marker(), self._rng.random()
        fields: dict[str, Any] = {"firstName": "Anna", "lastName": f"{marker} Berg", "email": address_of(marker)}
        known = self._some(list(self.contacts.live().values()))
        if roll < 0.1:
            fields["email"] = f"info@{marker.lower()}.example"
        elif roll < 0.35 and known is not None and known["email"]:
            fields["email"] = str(known["email"]).upper()
            if roll < 0.25:
                fields |= {"firstName": known["first_name"], "lastName": known["last_name"]}
                marker = self._twin(marker_of(known["last_name"]), [row["lastName"] for row in self._left_contacts()])
        if self._rng.random() < 0.3:
            fields["externalRefs"] = [{"namespace": FOREIGN_NAMESPACE, "id": f"003{self._number()}"}]
        id = self._world.propstreet.add_contact(**{name: value for name, value in fields.items() if value})
        if "externalRefs" in fields:
            self.foreign_contacts.add(id)
        self._say(f"contact {id} made: {fields}")

    def edit_contact(self) -> None:
        contact = self._some(self._left_contacts())
        if contact is not None:
            field, value = self._some_detail(marker_of(contact.get("lastName")))
            edit: Any = self._world.propstreet.edit_contact
            wire = {"first_name": "firstName", "phone": "phone", "email": "email"}[field]
            edit(contact["id"], **{wire: value})
            self._note_detail(LEFT, contact["id"], field, value)
            self._say(f"contact {contact['id']} {field} {value}")

    def delete_contact(self) -> None:
        contact = self._some(self._left_contacts())
        if contact is not None:
            self._world.propstreet.delete_contact(contact["id"])
            self.gone.add((LEFT, person_of(Kind.CONTACT, contact["id"])))
            self._say(f"contact {contact['id']} deleted")

    def block_contact(self) -> None:
        contact = self._some(self._left_contacts())
        if contact is not None:
            self._world.propstreet.block(contact["id"])
            self.blocked.add(person_of(Kind.CONTACT, contact["id"]))
            self._say(f"contact {contact['id']} blocked")

    def add_prospect(self) -> None:
        project = self._some_project()
        if project is None:
            return
        if self._rng.random() < 0.15:
            marker = self._new_marker()
            id = self._world.propstreet.add_company(name=f"{marker} Capital", domain=f"{marker.lower()}.example")
            party, person = {"company": id}, person_of(Kind.COMPANY, id)
        else:
            there = {row.get("contactId") for row in self._world.propstreet.live_prospects(project["id"])}
            contact = self._some([row for row in self._left_contacts() if row["id"] not in there])
            if contact is None:
                return
            party, person = {"contact": contact["id"]}, person_of(Kind.CONTACT, contact["id"])
        prospect = self._world.propstreet.add_prospect(project["id"], **party)
        self._note_stage(LEFT, project["id"], person, "not_contacted")
        self._say(f"prospect {project['id']}/{prospect} made of {person}")

    def classify(self) -> None:
        prospect = self._some_prospect()
        if prospect is not None:
            stage = self._rng.choice(STAGES)
            self._world.propstreet.edit_prospect(prospect["id"], classification=stage)
            self._note_stage(LEFT, prospect["projectId"], person_in(prospect), stage)
            self._say(f"prospect {prospect['projectId']}/{prospect['id']} {stage}")

    def take_off_list(self) -> None:
        prospect = self._some_prospect()
        if prospect is None:
            return
        how = self._rng.choice(("remove", "remove", "delete"))
        act = {"remove": self._world.propstreet.remove_prospect, "delete": self._world.propstreet.delete_prospect}[how]
        act(prospect["id"])
        self._part(LEFT, prospect["projectId"], person_in(prospect))
        self._removed.append(prospect["id"])
        self._say(f"prospect {prospect['projectId']}/{prospect['id']} {how}d")

    def undo(self) -> None:
        """Of any removal, by a person or by an API client."""
        removed = [one.id for one in self._world.propstreet.journal if one.action == "remove"]
        id = self._some(sorted({*self._removed, *removed}))
        if id is not None:
            self._world.propstreet.undo_remove(id)
            (row,) = [row for row in self._prospects() if row["id"] == id]
            self._note_stage(LEFT, row["projectId"], person_in(row), row["classification"])
            self._say(f"prospect {row['projectId']}/{id} is back")

    def communicate(self) -> None:
        """To somebody new, to somebody of the network, or to whoever is a prospect already."""
        project = self._some_project()
        if project is None:
            return
        contact = self._some(self._left_contacts())
        marker = self._new_marker()
        investor: Any = {"firstName": "Eva", "lastName": f"{marker} Holm", "email": address_of(marker)}
        if contact is not None and self._rng.random() < 0.5:
            investor = contact["id"]
        elif self._rng.random() < 0.3:
            investor["organization"] = f"{marker} Fond"
        (prospect,) = self._world.propstreet.communicate(project["id"], [investor], seed=self._number())
        row = self._world.propstreet.prospect(project["id"], prospect)
        self._note_stage(LEFT, project["id"], person_in(row), row["classification"])
        self._say(f"teaser of {project['id']} to {prospect} of {person_in(row)}")

    def accept(self) -> None:
        waiting = [row for row in self._prospects() if row.get("teaser") is not None]
        prospect = self._some(waiting)
        if prospect is not None:
            self._world.propstreet.accept_teaser(prospect["id"])
            self._say(f"prospect {prospect['projectId']}/{prospect['id']} has accepted")

    def _prospects(self) -> list[Row]:
        propstreet = self._world.propstreet
        projects = sorted(str(project["id"]) for project in propstreet.live_projects())
        return [row for id in projects for row in propstreet.live_prospects(id)]

    def _some_prospect(self) -> Row | None:
        found: Row | None = self._some(self._prospects())
        return found
