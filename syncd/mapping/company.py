"""A company of Propstreet's network, and what can be written of one (propstreet.md section 17.2)."""

from __future__ import annotations

from syncd.core.model import Fields

from .entry import Raw, catalogue
from .members import EVERYWHERE, tags, text
from .readings import Writing, together
from .spellings import COUNTRY, DOMAIN, domain, is_code
from .texts import COMPANY_NAME_MAX, Rule, write_texts

RULES = {
    "name": Rule("name", COMPANY_NAME_MAX),
    "domain": Rule("domain", spelling=DOMAIN),
    "website": Rule("homepageUrl"),
    "linkedin": Rule("linkedInUrl"),
    "country": Rule(
        "countryCode", spelling=COUNTRY, fits=is_code, otherwise='is not a country code of two letters, like "SE"'
    ),
}


def write_company(values: Fields, current: Raw) -> Writing:
    """The body that sets these fields on a company that shows `current` ({} for a new one)."""
    refused: dict[str, str] = {}
    if "name" in values and not str(values["name"] or "").strip():
        refused["name"] = "is empty, and a company must have a name"
    if "domain" in values and "website" in values and not _agree(values):
        refused["domain"] = "would be ignored beside a website of another domain"
    open_ = {name: value for name, value in values.items() if name not in refused}
    return together((Writing(refused=refused), write_texts(RULES, open_)))


def _agree(values: Fields) -> bool:
    """Propstreet ignores a domain that is written together with a website: only the website's own can go along."""
    mine, its = (str(values[name] or "") for name in ("domain", "website"))
    return domain(mine) == domain(its)


CATALOGUE = catalogue(
    write_company,
    text("name", "name", writable=True, required=True),
    text("domain", "domain", DOMAIN, writable=True),
    text("website", "homepageUrl", writable=True),
    text("linkedin", "linkedInUrl", writable=True),
    text("country", "countryCode", COUNTRY, writable=True),
    tags(),
    *EVERYWHERE,
)
