"""What must hold after any history with investors, checked against both systems' true state (DESIGN.md section 2).

What syncd says of itself counts only where it says why something is not as it should be.
"""

from __future__ import annotations

from collections import Counter

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.policy import OnDelete
from syncd.core.remote import split_person
from syncd.mapping.terms import Form
from tests.machine.edits import FOREIGN_NAMESPACE, Group
from tests.machine.promises import Checker, contenders, require, spelled

from .crm_contacts import LAWYER, OURS
from .evidence import Evidence
from .history import InvestorHistory
from .memory import Place, marker_of
from .truth import person_in


def check(history: InvestorHistory) -> None:
    """Raises Broken."""
    Checker(history).check()
    InvestorChecker(history).check()


class InvestorChecker(Evidence):
    def check(self) -> None:
        self.nobody_doubled()
        self.no_place_doubled()
        for project, deal in sorted(self._truth.deal_of.items()):
            if self.is_plain(project, deal):
                self.everybody_is_on_the_deal(project, deal)
                self.everybody_is_on_the_list(project, deal)
                self.stages_agree(project, deal)
        self.no_detail_lost()
        self.nobody_removed_by_mistake()
        self.nobody_taken_off_by_mistake()
        self.nobody_put_there_by_mistake()
        self.records_are_whole()
        self.only_what_is_mapped()
        self.discreet()
        self.explains_itself()

    def nobody_doubled(self) -> None:
        """P3: whom a person made once is there once on each side; no two carry one stamp."""
        left = [row.get("lastName") for row in self._truth.contacts.values()]
        right = [row["last_name"] for row in self._truth.crm_contacts.values()]
        companies = [row.get("name") for row in self._truth.companies.values()]
        for what, names in (("contacts", left), ("crm contacts", right), ("companies", companies)):
            counts = Counter(marker_of(name) for name in names)
            twice = {marker for marker, n in counts.items() if n > 1 and marker in self._people.markers}
            require(not twice - self._people.doubled, f"P3: {what} there twice: {sorted(twice)}")
        for left_id, rights in self._truth.carriers.items():
            require(len(rights) == 1, f"P3: {rights} all carry the stamp {left_id}")

    def no_place_doubled(self) -> None:
        """P3: one prospect of each person in a project, one stage of each person on a deal."""
        for project, rows in self._truth.prospects.items():
            for person, n in Counter(person_in(row) for row in rows).items():
                require(person is None or n == 1, f"P3: {n} prospects of {person} in {project}")
        for deal, people in self._truth.places.items():
            for person in people:
                stages = self._truth.stages_on(deal, person)
                by_people = self.is_odd(deal, person) or deal in self._people.merged
                # HubSpot knows no conditional write: what was chosen in that moment stays beside what was written.
                seen = (RIGHT, deal, person) in self._people.raced and self.is_held(*self.names(deal, person))
                seen = seen or self.is_of_people(deal, person) or self.was_unlinked(deal, person)
                require(len(stages) < 2 or by_people or seen, f"P3: {person} on {deal} is {stages}")

    def everybody_is_on_the_deal(self, project: str, deal: str) -> None:
        """P1: every prospect that may enter, unless something says why not."""
        mapper = self._mappers[Kind.PROSPECT]
        for row in self._truth.prospects[project]:
            name, person = f"{project}/{row['id']}", person_in(row)
            there = self._truth.right_of.get(person or "")
            if there is not None and self._truth.stages_on(deal, there):
                continue
            if self.stands_without(name, deal, person):
                continue
            why = self.why(name)
            require(bool(why), f"P10: nothing to say about prospect {name}")
            if mapper.enters(row) is not None or not mapper.policy.create.reaches(RIGHT):
                continue
            if self.is_held(name) or self.person_is_held(LEFT, person):
                continue
            require(
                self.may_be_over(project, deal, person, there, why) or self._may_be_given(person),
                f"P1: prospect {name} of {person} is not on {deal} as {there}, and all it says is {why}",
            )

    def everybody_is_on_the_list(self, project: str, deal: str) -> None:
        """P1: everybody on the deal with one of our labels is a prospect, unless something says why not."""
        mapper = self._mappers[Kind.PROSPECT]
        for there in self._truth.places[deal]:
            if len(self._truth.stages_on(deal, there)) != 1:
                continue
            person = self._truth.left_of.get(there)
            if person is not None and self._truth.on_list(project, person):
                continue
            names = self.names(deal, there)
            why = self.why(*names)
            require(bool(why), f"P10: nothing to say about {names}")
            if not mapper.policy.create.reaches(LEFT) or self.is_held(*names) or self.person_is_held(RIGHT, there):
                continue
            require(
                self.may_be_over(project, deal, person, there, why) or self.stands_for(project, deal, there),
                f"P1: {there} on {deal} is not in {project} as {person}, and all it says is {why}",
            )

    def stages_agree(self, project: str, deal: str) -> None:
        """P1 and P2: one that was edited on one side only is on both; of two, one is on both, and nothing is hidden."""
        for row in self._truth.prospects[project]:
            person = person_in(row)
            there = self._truth.right_of.get(person or "")
            if person is None or there is None or there not in self._truth.places[deal]:
                continue
            name = f"{project}/{row['id']}"
            left, right = row["classification"], self._truth.stage(RIGHT, deal, there)
            if self.is_held(name, *self.names(deal, there)) or self.is_odd(deal, there):
                continue
            if not self._truth.stages_on(deal, there):
                continue  # whether they ought to have one was looked at before
            records = [self._truth.records[id] for id in self.names(deal, there) if id in self._truth.records]
            if records and all(one.stamp != name for one in records):
                continue  # what stands there was another one's, as that of an investor who came back
            where = f"{name} of {person} is {left}, and {there} on {deal} is {right}: {self.why(name)}"
            require(left == right, f"P1: the sides differ: {where}")
            if self.was_parted(project, deal, person, there):
                continue
            places: tuple[Place, ...] = ((LEFT, project, person), (RIGHT, deal, there))
            self._edited(where, left, [one for place in places if (one := self._people.stages.get(place))])

    def records_are_whole(self) -> None:
        """P1 and P3: of each prospect one record, linked to the deal of its project and to whom it is about."""
        stamps = Counter(one.stamp for one in self._truth.records.values() if one.stamp)
        require(not stamps or max(stamps.values()) == 1, f"P3: records that carry one stamp: {stamps}")
        record_of = {one.stamp: (id, one) for id, one in self._truth.records.items()}
        for project, deal in self._truth.deal_of.items():
            for row in self._truth.prospects[project] if self.is_plain(project, deal) else ():
                name = f"{project}/{row['id']}"
                id, record = record_of.get(name, ("", None))
                if record is not None and not self.is_held(name, id):
                    person = self._truth.right_of.get(person_in(row) or "")
                    gone = self.is_gone(person) or self.stands_without(name, deal, person) or self._may_be_given(person)
                    linked = record.deal == deal and (gone or record.person == person)
                    require(linked, f"P1: {id} of {name} is linked to {record.links}, not to {deal} and {person}")

    def _may_be_given(self, person: str | None) -> bool:
        """A company's record may be given a person, of whom Propstreet is told only where the mapping lets them in."""
        mapper = self._mappers[Kind.PROSPECT]
        is_company = (person or "").startswith(f"{Kind.COMPANY}:")
        return is_company and mapper.form is Form.RECORD and not mapper.policy.create.reaches(LEFT)

    def no_detail_lost(self) -> None:
        """P1 and P2: the same of what people wrote of contacts."""
        contact = self._mappers[Kind.CONTACT].policy
        merged = {*self._people.into, *self._people.into.values()}
        for left, right in sorted(self._truth.right_of.items()):
            (kind, left_id), (_, right_id) = split_person(left), split_person(right)
            if (
                kind is not Kind.CONTACT
                or right in merged
                or self.is_held(left_id, kind=kind)
                or self.is_gone(left, right)
            ):
                continue
            for field in ("first_name", "phone", "email"):
                places = ((LEFT, left_id, field), (RIGHT, right_id, field))
                groups = [one for place in places if (one := self._people.details.get(place))]
                here, there = self._people.details_of(self._truth, left_id, right_id, field)
                where = f"{field} of {left_id}/{right_id}: {here!r} / {there!r}"
                if groups and contact.fields[field].flow.reaches(LEFT):
                    same = spelled(here.lower(), there.lower()) or spelled(there.lower(), here.lower())
                    require(same, f"P1: the sides differ: {where}: {self.why(left_id, kind=kind)}")
                    self._edited(where, there if self._edited_by(groups) == {RIGHT} else here, groups)

    def nobody_removed_by_mistake(self) -> None:
        """P1: an investor leaves the list only after a person took them off the deal, and where policy says so."""
        policy, deals = self._mappers[Kind.PROSPECT].policy, self.deals_ever()
        for one in self._world.propstreet.journal:
            if one.kind != "prospect" or not (one.method == "DELETE" or one.action == "remove"):
                continue
            assert one.project is not None
            person = person_in(self._world.propstreet.prospect(one.project, one.id))
            where = f"prospect {one.project}/{one.id} of {person}"
            require(policy.on_delete(RIGHT) is OnDelete.ARCHIVE, f"P1: {where} was removed against the mapping")
            parted = {
                left
                for side, deal, right in self._people.parted
                if side is RIGHT and one.project in deals.get(deal, ())
                for left in self.lefts(right)
            }
            by_people = person in parted or self.contact_gone(RIGHT, person)
            by_people = by_people or self.record_dropped(f"{one.project}/{one.id}")
            require(by_people, f"P1: {where} was removed, and nobody has taken them off a deal: {parted}")

    def nobody_taken_off_by_mistake(self) -> None:
        """P1: the same of places on deals, after a removal from the list."""
        policy, deals = self._mappers[Kind.PROSPECT].policy, self.deals_ever()
        gone = {person for side, person in self._people.gone if side is LEFT}
        for part in self._people.places.parts():
            here = (RIGHT, part.deal, part.person) in self._people.parted
            if not part.taken or here or self._truth.stages_on(part.deal, self._people.now(part.person)):
                continue  # it may have been an old label that was taken
            where = f"{part.person} on {part.deal}"
            require(policy.on_delete(LEFT) is OnDelete.ARCHIVE, f"P1: {where} was taken off against the mapping")
            parted = {
                person
                for side, project, person in self._people.parted
                if side is LEFT and project in deals.get(part.deal, ())
            }
            by_people = self.lefts(part.person) & (parted | gone)
            if self._truth.records and part.deal not in deals:
                continue  # people had moved the record to a deal that stands for no project
            require(bool(by_people), f"P1: {where} was taken off, and nobody has removed them: {parted}")

    def nobody_put_there_by_mistake(self) -> None:
        """P5 and P7: whoever has a place has it from a person, on one side or the other."""
        placed = {(side, parent, person) for side, parent, person in self._people.placed}
        on_deals = {(deal, self._people.now(person)) for side, deal, person in placed if side is RIGHT}
        in_projects = {(project, person) for side, project, person in placed if side is LEFT}
        for deal, people in self._truth.places.items():
            for person, labels in people.items():
                if deal in self._people.merged or not any(label in OURS for label in labels):
                    continue
                known = (deal, person) in on_deals or any(
                    (project, left) in in_projects
                    for project in self.deals_ever().get(deal, ())
                    for left in self.lefts(person)
                )
                require(known or self.is_odd(deal, person), f"P7: nobody made {person} an investor of {deal}")

    def only_what_is_mapped(self) -> None:
        """P7: other labels, other systems' refs and unmapped properties are as people left them."""
        odd_deals = self._people.merged | {id for side, id in self._people.deleted if side is RIGHT}
        for deal, person in self._people.lawyers:
            now = self._people.now(person)
            there = deal in self._truth.places and split_person(now)[1] in self._truth.crm_contacts
            if there and deal not in odd_deals and not self.is_gone(now):
                labels = self._truth.places[deal].get(now, [])
                require(LAWYER in labels, f"P7: {now} on {deal} is a lawyer no more: {labels}")
        for id in self._people.foreign_contacts & self._truth.contacts.keys():
            refs = self._truth.contacts[id].get("externalRefs", [])
            kept = [ref for ref in refs if ref["namespace"] == FOREIGN_NAMESPACE]
            require(len(kept) == 1, f"P7: another system's ref of contact {id} is gone: {refs}")
        for id, text in self._people.noted.items():
            if id in self._truth.crm_contacts:
                shown = self._truth.crm_contacts[id]["unmapped"]
                require(shown == text, f"P7: an unmapped property of {id} has changed: {shown!r}")
        mapped = {*self._mappers[Kind.CONTACT].crm_fields, self._people.crm.stamp}
        strange = self._people.contacts.properties() - mapped
        require(not strange, f"P7: unmapped properties were written: {strange}")

    def discreet(self) -> None:
        """P9: no name and no address in what was logged."""
        text = repr(self._history.logged)
        for marker in self._people.markers:
            require(f"{marker} " not in text, f"P9: a name was logged ({marker})")
        require("@mail.example" not in text.lower(), "P9: an address was logged")

    def explains_itself(self) -> None:
        """P10: every person whom a prospect needs has an answer, and nothing waits for another pass."""
        names = [f"{project}/{row['id']}" for project in self._truth.deal_of for row in self._truth.prospects[project]]
        needed = {
            person
            for project in self._truth.deal_of
            for row in self._truth.prospects[project]
            if (person := person_in(row)) is not None and self._mappers[Kind.PROSPECT].enters(row) is None
        }
        people = [split_person(person) for person in needed if self.exists(person)]
        asked = [*((Kind.PROSPECT, name) for name in (*names, *self._truth.records)), *people]
        for kind, name in asked:
            answers = self.explain(name, kind)
            require(bool(answers), f"P10: nothing to say about {name}")
            for one in answers:
                require(bool(one.why and one.next), f"P10: an empty answer about {name}")
                require(one.next != "run: syncd delta", f"P4: {name} waits for another pass: {one.why}")

    def _edited(self, where: str, shown: str, groups: list[Group]) -> None:
        """Is what both sides show what somebody wrote last?"""
        if not groups:
            return
        rivals = contenders(groups)
        last = {side: [edit.value for edit in rivals if edit.side is side][-1:] for side in Side}
        values = [str(value) for found in last.values() for value in found]
        came = any(spelled(shown.lower(), value.lower()) for value in values)
        require(came, f"P1: what was written last is on neither side: {where}, edits {rivals}")

    def _edited_by(self, groups: list[Group]) -> set[Side]:
        return {edit.side for edit in contenders(groups)}
