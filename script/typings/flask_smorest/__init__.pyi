# SPDX-License-Identifier: AGPL-3.0-or-later
# What we use of flask_smorest, which marks no types.

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import flask
from apispec import APISpec
from marshmallow import Schema

_View = TypeVar("_View", bound=Callable[..., Any])
_Schema = Schema | type[Schema] | Mapping[str, Any]

class Blueprint(flask.Blueprint):
    description: str
    def __init__(
        self, name: str, import_name: str, *, description: str = "", **options: Any
    ) -> None: ...
    # Unlike Flask's own, it takes a MethodView as well.
    def route(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    def arguments(
        self, schema: _Schema, *, location: str = "json", **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
    def response(
        self, status_code: int, schema: _Schema | None = None, **options: Any
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self, status_code: int, response: Any = None, **options: Any
    ) -> Callable[[_View], _View]: ...
    def doc(self, **options: Any) -> Callable[[_View], _View]: ...
    def register_views_in_doc(
        self,
        api: Api,
        app: flask.Flask,
        spec: APISpec,
        *,
        name: str,
        parameters: list[Any] | None,
    ) -> None: ...

class Api:
    spec: APISpec | None
    _app: flask.Flask
    def __init__(
        self,
        app: flask.Flask | None = None,
        *,
        spec_kwargs: Mapping[str, Any] | None = None,
        config_prefix: str = "",
    ) -> None: ...
    def _init_spec(self, **options: Any) -> None: ...
    def _openapi_json(self) -> flask.Response: ...
