"""The words of a SOQL text, and how it is refused (salesforce.md, sections 3.2 and 6.2)."""

from __future__ import annotations

import re

import msgspec

from syncd.testing.sandbox.salesforce.refusal import Refusal

SOQL_MAX = 100_000  # characters
LITERAL_MAX = 4_000
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)(?!\w))
    | (?P<date>\d{4}-\d\d-\d\d(?!\w))
    | (?P<number>[+-]?(?:\d+\.\d*|\.?\d+)(?!\w))
    | (?P<name>[A-Za-z_]\w*(?:\.\w+)*(?::\d+)?)
    | (?P<mark><=|>=|!=|=|<|>|\(|\)|,)
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Token(msgspec.Struct, frozen=True):
    kind: str  # string, datetime, date, number, name, mark, end
    text: str  # a string without its quotes, still escaped
    at: int

    @property
    def word(self) -> str:
        """For comparing with keywords, which are case-insensitive."""
        return self.text.upper() if self.kind in ("name", "mark") else ""


def tokens(soql: str) -> list[Token]:
    """The last one is of the kind `end`."""
    if len(soql) > SOQL_MAX:
        raise refused(soql, 0, f"SOQL statement is longer than {SOQL_MAX} characters")
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(soql, at)
        if match is None or match.lastgroup is None:
            blanks = len(soql[at:]) - len(soql[at:].lstrip())
            at += blanks
            raise refused(soql, at, f"line 1:{at} no viable alternative at character '{soql[at]}'")
        text = match[match.lastgroup]
        at = match.end()
        if match.lastgroup == "string":
            text = text[1:-1]
            if len(text) > LITERAL_MAX:
                raise refused(soql, match.start(), f"string literal is longer than {LITERAL_MAX} characters")
        found.append(Token(match.lastgroup, text, match.start(match.lastgroup)))
    return found


def unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def refused(soql: str, at: int, reason: str, code: str = "MALFORMED_QUERY") -> Refusal:
    """With the place marked, as the API does it."""
    around = soql[max(0, at - 40) : at + 40]
    caret = " " * min(at, 40) + "^"
    return Refusal(code, f"\n{around}\n{caret}\nERROR at Row:1:Column:{at + 1}\n{reason}")
