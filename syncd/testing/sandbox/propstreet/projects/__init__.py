"""Projects: propstreet.md, sections 10 and 14."""
