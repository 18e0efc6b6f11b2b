"""How results are written for people who have no terminal in front of them: mails, logs, pipes."""

from __future__ import annotations

import pytest

from syncd.cli.output import counted, listed, shown, span, table
from syncd.cli.trouble import report
from syncd.errors import ConfigError, RemoteError, StoreError, SyncdError


def test_a_table_without_a_terminal_has_straight_columns(capsys: pytest.CaptureFixture[str]) -> None:
    table("things", ("id", "what"), [(1, "short"), (1000, "longer")])

    assert capsys.readouterr().out == "things\n  id    what\n  1     short\n  1000  longer\n"


def test_long_lists_are_wrapped_without_breaking_a_name() -> None:
    names = [f"propstreet_field_{number}" for number in range(20)]

    lines = listed("created", names).splitlines()

    assert max(map(len, lines)) <= 100
    assert " ".join(line.strip() for line in lines) == "created: " + ", ".join(names)


@pytest.mark.parametrize(("count", "text"), [(0, "0 records"), (1, "1 record"), (2, "2 records")])
def test_one_is_singular(count: int, text: str) -> None:
    assert counted(count, "record") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ((), "–"),
        (("a", "b"), "a, b"),
        (True, "True"),
        ("2026-01-15T10:00:00.0000000Z", "2026-01-15T10:00:00Z"),
        ("2026-01-15T10:00:00.1200000Z", "2026-01-15T10:00:00.12Z"),
        ("150000000 SEK", "150000000 SEK"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, text: str) -> None:
    assert shown(value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "text"), [(None, "never"), (59, "59 s"), (120, "2 min"), (7200, "2 h")])
def test_a_length_of_time(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize("error", [ConfigError("x"), RemoteError("x"), StoreError("x")])
def test_every_error_names_a_next_step(error: SyncdError, capsys: pytest.CaptureFixture[str]) -> None:
    report(error)

    assert "\n  → " in capsys.readouterr().err
