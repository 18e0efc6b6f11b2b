"""An adapter for the file CRM. `factory` is what the entry point names."""

from .adapter import factory

__all__ = ["factory"]
