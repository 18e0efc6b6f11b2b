"""The ways in which the line to a system breaks."""

from __future__ import annotations

from enum import StrEnum


class Breakage(StrEnum):
    """One way for calls to fail. Unless it says "after", nothing takes effect."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    MISSING = "404"
    CONFLICT = "409"
    PRECONDITION = "412"
    INVALID = "422"  # or 400, where that is the system's word for a record it refuses
    RATE_LIMITED = "429"  # with a retry-after of Peer.retry_after_s
    BROKEN = "500"
    BROKEN_AFTER = "500 after the effect"
    UNAVAILABLE = "503"
    TIMEOUT_BEFORE = "timeout before the effect"
    TIMEOUT_AFTER = "timeout after the effect"
    RESET_BEFORE = "reset before the effect"
    RESET_AFTER = "reset after the effect"
    REFUSED = "connection refused"
    HTML_200 = "a web page instead of an answer"
    GARBAGE_200 = "half an answer, after the effect"
