"""Prospects, the investors on a project: propstreet.md, section 11."""
