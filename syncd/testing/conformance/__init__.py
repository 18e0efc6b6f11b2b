"""The adapter conformance suite: prove that your adapter keeps the contract of syncd.adapters.base.

Subclass the suite, and give it a peer: your adapter on a system that the test owns.

    from syncd.testing import AdapterSuite, Peer

    class AcmePeer(Peer):
        secrets = ("acme-token",)

        def __init__(self):
            self.clock = VirtualClock()
            self.acme = FakeAcme(self.clock)       # a fake server, or a sandbox account
            self.adapter = self.build()
        ...                                        # sample, change, add, edit, remove, read, ids, break_, heal

    class TestAcme(AdapterSuite):
        @pytest.fixture
        def peer(self):
            peer = AcmePeer()
            yield peer
            peer.close()

Then run pytest on the file. Configure a small feed page, so that a few records make several. A test that needs
what your system does not have is skipped with the name of the capability, protocol or door. `Peer` says what each
door means; `tests/adapters/test_memory_conformance.py` is a complete example.

An adapter whose prospects live inside their deals gives its peer a `Nest` as well: the doors of that kind. One that
recognises people says in `Peer.known_by` by what.

The suite never looks inside the adapter. Everything is checked through the contract and the peer's side doors,
with the peer's clock; nothing sleeps.
"""

from .breakage import Breakage
from .nest import Nest
from .peer import Peer
from .suite import AdapterSuite

__all__ = ["AdapterSuite", "Breakage", "Nest", "Peer"]
