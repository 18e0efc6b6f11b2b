"""Where the vendor's errors become ours: the only place that knows both.

What a person reads says which field and which record, and never a value: the vendor's own text quotes one, and is
left out.
"""

from __future__ import annotations

from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)

from .crm import CrmError

SYSTEM = "filecrm"

WIRE = (CrmError, OSError, ValueError)
"""All that a call raises: an answer that says no, no answer, an answer that can't be read."""

_BY_STATUS: dict[int, type[RemoteError]] = {
    400: Rejected,
    401: Unauthorized,
    403: Forbidden,
    404: Missing,
    409: AlreadyExists,
    412: PreconditionFailed,
    422: Rejected,
    429: RateLimited,
}


def remote_error(error: Exception, what: str, *, writes: bool) -> RemoteError:
    """The class decides what the engine does next. After a write without a clear answer, nobody knows."""
    unclear = OutcomeUnknown if writes else ServerTrouble
    if isinstance(error, CrmError):
        cls = _BY_STATUS.get(error.status, unclear)
        named = f" over {error.field}" if error.field else ""
        return cls(
            f"{SYSTEM}: {what} failed with {error.status}{named}",
            system=SYSTEM,
            status=error.status,
            retry_after_s=error.wait_s or None,
            existing_id=None if error.holder is None else str(error.holder),
            fields=(error.field,) if error.field else (),
        )
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{SYSTEM}: {what} reached nobody", system=SYSTEM, remedy="look at crm.path in syncd.toml")
    return unclear(f"{SYSTEM}: {what} got no answer that can be read", system=SYSTEM)
