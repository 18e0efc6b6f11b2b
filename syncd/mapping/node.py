"""One table of a TOML document, read key by key. An answer that isn't there becomes a problem."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from .problems import Problems, suggestion

E = TypeVar("E", bound=StrEnum)


class Node:
    def __init__(self, content: Mapping[str, Any], path: str, problems: Problems) -> None:
        self.content = content
        self.path = path
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, what: str, remedy: str) -> None:
        self.problems.add(self.at(key), what, remedy)

    def only(self, known: Iterable[str], *, elsewhere: Container[str] = ()) -> None:
        """Refuse every key that is not known, with the nearest one that is; what is known elsewhere is not ours."""
        names = tuple(known)
        for key in self.content:
            if key not in names and key not in elsewhere:
                self.wrong(key, "is not a key of this table", suggestion(key, names))

    def text(self, key: str, default: str | None = None) -> str | None:
        found = self.content.get(key)
        if found is None:
            return default
        if isinstance(found, str) and found.strip() == found and found:
            return found
        self.wrong(key, "is not a text", 'write it in quotes, without blanks around it, as in "dealname"')
        return default

    def choice(self, key: str, choices: type[E], default: E, *, but: tuple[E, ...] = ()) -> E:
        found = self.text(key)
        if found is None:
            return default
        allowed = [choice.value for choice in choices if choice not in but]
        if found in allowed:
            return choices(found)
        self.wrong(key, "is not one of its choices", suggestion(found, allowed))
        return default

    def flag(self, key: str, default: bool) -> bool:
        found = self.content.get(key, default)
        if isinstance(found, bool):
            return found
        self.wrong(key, "is not true or false", "write true or false, without quotes")
        return default

    def digits(self, key: str) -> int | None:
        """A small number of digits."""
        found = self.content.get(key)
        if found is None:
            return None
        if type(found) is int and 0 <= found <= 9:
            return found
        self.wrong(key, "is not a number of digits", "write a whole number from 0 to 9")
        return None

    def whole(self, key: str, *, most: int) -> int | None:
        """A number that counts something."""
        found = self.content.get(key)
        if found is None:
            return None
        if type(found) is int and 0 <= found <= most:
            return found
        self.wrong(key, "is not a number that fits here", f"write a whole number from 0 to {most}")
        return None

    def names(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text is a list of one."""
        found = self.content.get(key, [])
        texts = tuple(text for text in map(_scalar, found if isinstance(found, list) else [found]) if text)
        if len(texts) == (len(found) if isinstance(found, list) else 1):
            return texts
        self.wrong(key, "is not a list of texts", 'write it as ["one", "two"]')
        return ()

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; numbers and flags are taken as they are written."""
        inner = self.node(key)
        if inner is None:
            return {}
        texts: dict[str, str] = {}
        for name, found in inner.content.items():
            text = _scalar(found)
            if text:
                texts[name] = text
            else:
                inner.wrong(name, "is not a text", 'write it in quotes, as in "default"')
        return texts

    def node(self, key: str) -> Node | None:
        """An inner table."""
        found = self.content.get(key)
        if found is None:
            return None
        if isinstance(found, dict):
            return Node(found, self.at(key), self.problems)
        self.wrong(key, "is not a table", f"write it as {key} = {{ … }} or under a heading of its own")
        return None


def _scalar(found: Any) -> str | None:
    match found:
        case bool():
            return "true" if found else "false"
        case int():
            return str(found)
        case str() if found and found.strip() == found:
            return found
    return None
