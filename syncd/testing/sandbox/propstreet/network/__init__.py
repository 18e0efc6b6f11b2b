"""Contacts, companies, the links between them, and the projects they are on: propstreet.md, sections 12 and 17."""
