# SPDX-License-Identifier: AGPL-3.0-or-later
"""An API's description (OpenAPI 3), made when somebody first asks for it.

To make it takes longer than all else that an application is made of, and few ask.
"""

from threading import Lock
from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint


class Description(Api):
    """flask-smorest without its error handlers: they would answer for the pages too."""

    def __init__(self, app: Flask, config_prefix: str) -> None:
        self._blueprints: list[Blueprint] = []
        self._lock = Lock()
        super().__init__(app, config_prefix=config_prefix)

    def add(self, blueprint: Blueprint) -> None:
        """Give the application the views; a token is no cookie, so no form is forged."""
        app = self._app
        app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        app.extensions["csrf"].exempt(blueprint)
        app.register_blueprint(blueprint)
        self._blueprints.append(blueprint)

    def _register_error_handlers(self) -> None:
        """Leave the pages' errors to the pages."""

    def _init_spec(self, **_options: Any) -> None:
        """Wait until somebody asks."""

    def _openapi_json(self) -> Response:
        with self._lock:
            if self.spec is None:
                super()._init_spec()
                for blueprint in self._blueprints:
                    self._describe(blueprint)
        return super()._openapi_json()

    def _describe(self, blueprint: Blueprint) -> None:
        name, spec = blueprint.name, self.spec
        assert spec is not None
        blueprint.register_views_in_doc(
            self, self._app, spec, name=name, parameters=None
        )
        spec.tag({"name": name, "description": blueprint.description})


def describe(app: Flask, title: str, prefix: str, config_prefix: str) -> Description:
    """Give the description of the API below a prefix, which is told at its openapi.json."""
    options = {
        "API_TITLE": title,
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": prefix,
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "security": [{"token": []}],
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}
            },
        },
    }
    before = f"{config_prefix}_" if config_prefix else ""
    app.config.update({f"{before}{key}": value for key, value in options.items()})
    return Description(app, config_prefix)
