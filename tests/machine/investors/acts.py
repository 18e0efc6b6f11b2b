"""The people of a random history with investors: what is drawn, and how often."""

from __future__ import annotations

from collections.abc import Callable

from .in_propstreet import InPropstreet
from .in_register import InRegister


class Investors(InPropstreet, InRegister):
    def act(self) -> None:
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.add_project, 2),
            (self.add_deal, 3),
            (self.edit_project, 2),
            (self.edit_deal, 2),
            (self.move_project, 1),
            (self.close_project, 1),
            (self.delete_project, 1),
            (self.archive_deal, 1),
            (self.merge_deals, 1 if self.crm.merges else 0),
            (self.restore_deal, 1),
            (self.upset_crm, 2),
            (self.add_contact, 5),
            (self.edit_contact, 6),
            (self.delete_contact, 1),
            (self.block_contact, 1),
            (self.add_prospect, 12),
            (self.classify, 9),
            (self.take_off_list, 4),
            (self.undo, 2),
            (self.communicate, 3),
            (self.accept, 3),
            (self.add_crm_contact, 5),
            (self.edit_crm_contact, 6),
            (self.note_crm_contact, 2),
            (self.delete_crm_contact, 1),
            (self.merge_contacts, 4),
            (self.put_on, 12),
            (self.put_on_as_lawyer, 3),
            (self.restage, 8),
            (self.unlabel, 1),
            (self.take_off, 4),
            (self.add_loose, 3 if self.records else 0),
            (self.link_record, 6 if self.records else 0),
            (self.move_record, 2 if self.records else 0),
            (self.unlink_record, 2 if self.records else 0),
            (self.drop_record, 2 if self.records else 0),
        )
        for _ in range(self._rng.choice((1, 1, 2, 4))):
            self.look()
            self.attempt(self._rng.choices([act for act, _ in acts], [weight for _, weight in acts])[0])

    def attempt(self, act: Callable[[], None]) -> None:
        """Neither system lets people do just anything."""
        try:
            act()
        except (KeyError, ValueError) as refused:
            self._say(f"{act.__name__} refused: {refused}")
