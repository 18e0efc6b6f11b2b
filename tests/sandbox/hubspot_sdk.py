"""The real hubspot-api-client 12 over a twin, and the SDK's own tables as a check of its answers."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import hubspot

from syncd.testing.sandbox.mount_urllib3 import TwinPool

HOST = "https://api.hubapi.com"


def connect(twin: Any, token: str = "pat-1") -> hubspot.HubSpot:
    """A client whose every API object goes to the twin; `api_factory` is the SDK's own hook for it."""

    def build(package: Any, api_name: str, config: Any) -> Any:
        configuration = package.Configuration()
        configuration.host, configuration.access_token, configuration.retries = HOST, token, False
        api_client = package.ApiClient(configuration)
        api_client.rest_client.pool_manager = TwinPool(twin)
        return getattr(package, api_name)(api_client=api_client)

    return hubspot.HubSpot(access_token=token, api_factory=build)


def model(path: str) -> Any:
    """The SDK's class, by its package below `hubspot.crm` and its name."""
    package, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"hubspot.crm.{package}"), name)


def strangers(value: Any, type_name: str, model: Any) -> Iterator[str]:
    """Keys that the model of this type does not know, and required ones that are not there."""
    package = importlib.import_module(model.__module__.partition(".models")[0])
    if type_name.startswith("list["):
        for item in value:
            yield from strangers(item, type_name[5:-1], model)
    elif type_name.startswith("dict("):
        for item in value.values():
            yield from strangers(item, type_name[5:-1].partition(", ")[2], model)
    elif shape := getattr(package, type_name, None):
        keys = {wire: name for name, wire in shape.attribute_map.items()}
        yield from (f"{type_name} lacks {name}" for name in _required(shape, value, keys))
        for key, item in value.items():
            if key not in keys and key != "url":
                yield f"{type_name} does not know {key}"
            elif key in keys and item is not None:
                yield from strangers(item, shape.openapi_types[keys[key]], shape)


def _required(shape: Any, value: dict[str, Any], keys: dict[str, str]) -> Iterator[str]:
    """What the model's own validation misses."""
    configuration = importlib.import_module(shape.__module__.partition(".models")[0]).Configuration()
    configuration.client_side_validation = True
    given = {keys[key]: item for key, item in value.items() if key in keys}
    try:
        shape(**given, local_vars_configuration=configuration)
    except ValueError as exc:
        yield str(exc)
