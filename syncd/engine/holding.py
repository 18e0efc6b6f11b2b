"""Holds the lease on a connection while a pass works on it, and takes it over from a process that is dead.

A thread renews it for as long as the pass lasts, however long a call or a wait takes. Every write of the pass is
fenced: it begins with a look whether the lease is still ours, in the same transaction.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.errors import LeaseHeld, StoreError
from syncd.store import lease
from syncd.store.bulk import Tx

from .connection import Connection


@contextmanager
def held(connection: Connection, *, alive: Callable[[str], bool] | None = None) -> Iterator[Connection]:
    """The connection to work with, its writes fenced by the lease, for as long as the block lasts.

    Raises LeaseHeld while another process has it; a write raises it when the lease was lost.
    """
    fence = _acquire(connection, alive or _alive)

    def check(tx: Tx) -> None:
        lease.check(tx, connection.name, fence)

    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(connection, fence, over), name="lease", daemon=True)
    renewing.start()
    try:
        yield dataclasses.replace(connection, store=connection.store.fenced(check))
    finally:
        over.set()
        renewing.join()
        with connection.store.begin() as tx:
            lease.release(tx, connection.name, fence)


def _renew(connection: Connection, fence: int, over: threading.Event) -> None:
    """Renew when a third is gone. One that fails is no trouble yet: the next may do, and writes are fenced."""
    ttl_s = connection.tuning.lease_s
    while not over.wait(ttl_s / 3):
        try:
            with connection.store.begin() as tx:
                lease.renew(tx, connection.name, fence, now=connection.clock.time(), ttl_s=ttl_s)
        except LeaseHeld:
            return
        except StoreError as error:
            connection.log.warning("lease.not_renewed", error=type(error).__name__)


def _acquire(connection: Connection, alive: Callable[[str], bool]) -> int:
    name, now, ttl_s = connection.name, connection.clock.time(), connection.tuning.lease_s
    with connection.store.begin() as tx:
        current = lease.get(tx, name)
        if current is not None and current.holder is not None and not alive(current.holder):
            lease.release(tx, name, current.fence)
    with connection.store.begin() as tx:
        return lease.acquire(tx, name, connection.holder, now=now, ttl_s=ttl_s)


def process_name(nonce: str) -> str:
    """Who we are, for the lease: machine and process space, process, and a word that no other process has."""
    return f"{_place()}:{os.getpid()}:{nonce}"


def _place() -> str:
    """Where process numbers mean the same: two containers may share a host's name, and each has its number 1."""
    try:
        space = os.readlink("/proc/self/ns/pid")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]  # two machines may share the rest
    except OSError:  # not Linux
        space = boot = ""
    return os.uname().nodename + boot + "".join(filter(str.isdecimal, space))


def _alive(holder: str) -> bool:
    """Is that process there? Of another machine nobody can tell, so its lease has to run out."""
    place, _, rest = holder.partition(":")
    pid, _, _ = rest.partition(":")
    if place != _place() or not pid.isdecimal():
        return True
    if int(pid) == os.getpid():
        return False  # we have its number now
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
