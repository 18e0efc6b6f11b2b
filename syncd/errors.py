"""Everything that can go wrong, as one tree; each class names the next step.

SyncdError
├── ConfigError               usage or configuration is wrong                    stop, exit 2
│   └── WrongAccount          the credentials lead to another account
├── LeaseHeld                 another process works on this connection           stop, exit 4
├── StoreError                the state store can't be used                      stop
│   ├── StoreTooNew           a newer syncd migrated it
│   ├── StoreReadOnly · StoreFull · StoreLocked · StoreCorrupt
└── RemoteError               one of the two systems; carries facts, no secrets, no field values
    ├── Unreachable           nothing was sent: refused, no name, no TLS         retry
    ├── ServerTrouble         5xx or a broken answer to a read                   retry
    ├── RateLimited           429; retry_after_s                                 retry
    ├── OutcomeUnknown        a write may have landed                            confirm
    ├── PreconditionFailed    the record moved (412)                             replan
    ├── Missing               no such record, or not visible to us (404)         replan
    ├── AlreadyExists         the ref or key is taken; existing_id if known      replan
    ├── Rejected              this record is refused as it is (400, 422)         hold
    ├── Forbidden             the token may not do this (403)                    hold
    ├── Unauthorized          token wrong, expired or revoked (401)              stop
    ├── QuotaExhausted        the daily budget is spent                          pause
    └── CursorRefused         the feed can't resume here; start from the mark    retry
"""

from __future__ import annotations

from enum import StrEnum


class NextStep(StrEnum):
    """What the engine does after an error; it has one match over this."""

    RETRY = "retry"  # the same call again, later
    CONFIRM = "confirm"  # read the target, then decide; never send again blindly
    REPLAN = "replan"  # read both sides again and plan afresh
    HOLD = "hold"  # a person must look at this record; the others go on
    PAUSE = "pause"  # leave this connection alone for a while
    STOP = "stop"  # nothing on this connection can work


class SyncdError(Exception):
    """Base of all our errors. `remedy` is the next thing to do, for people; `exit_code` is for the shell."""

    next_step = NextStep.STOP
    exit_code = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class ConfigError(SyncdError):
    """The command line, the configuration, a mapping or the CRM's schema is not usable as it is."""

    exit_code = 2


class WrongAccount(ConfigError):
    """The credentials lead to another account than the one that the state is about."""


class LeaseHeld(SyncdError):
    """Another process works on this connection."""

    exit_code = 4


class StoreError(SyncdError):
    """The state store can't be used; nothing was lost."""


class StoreTooNew(StoreError):
    """A newer syncd has migrated this store."""

    exit_code = 2


class StoreReadOnly(StoreError):
    """The store can be read but not written."""


class StoreFull(StoreError):
    """No room is left on the store's disk."""


class StoreLocked(StoreError):
    """Another program holds the store's lock for too long."""


class StoreCorrupt(StoreError):
    """The file is not a store, or is damaged."""


class RemoteError(SyncdError):
    """A call to Propstreet or the CRM failed.

    Facts are attributes. The message is one lower-case sentence with the system and the record in it; it never
    holds a token or a field value.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        existing_id: str | None = None,
        fields: tuple[str, ...] = (),
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.system = system
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.existing_id = existing_id
        self.fields = fields


class Unreachable(RemoteError):
    next_step = NextStep.RETRY


class ServerTrouble(RemoteError):
    next_step = NextStep.RETRY


class RateLimited(RemoteError):
    next_step = NextStep.RETRY


class OutcomeUnknown(RemoteError):
    next_step = NextStep.CONFIRM


class PreconditionFailed(RemoteError):
    next_step = NextStep.REPLAN


class Missing(RemoteError):
    next_step = NextStep.REPLAN


class AlreadyExists(RemoteError):
    next_step = NextStep.REPLAN


class Rejected(RemoteError):
    next_step = NextStep.HOLD


class Forbidden(RemoteError):
    next_step = NextStep.HOLD


class Unauthorized(RemoteError):
    next_step = NextStep.STOP


class QuotaExhausted(RemoteError):
    next_step = NextStep.PAUSE


class CursorRefused(RemoteError):
    next_step = NextStep.RETRY
