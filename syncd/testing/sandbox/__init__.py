"""Twins of the real systems: state machines written from the contracts, as plain callables."""
