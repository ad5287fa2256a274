# SPDX-License-Identifier: AGPL-3.0-or-later
"""An API of the web application held against its own description (OpenAPI), by schemathesis.

Requests as the description allows them, and as it does not; the same ones each time.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

SEED = 1789
EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_a_piece(_context: Any, value: Any) -> bytes:
    """Send an upload's piece (tus 1.0) as the bytes that it is."""
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else repr(data).encode()


@schemathesis.serializer("application/gzip")
def bytes_of_an_archive(_context: Any, value: Any) -> bytes:
    """Send an archive (RFC 1952) that holds what was invented."""
    data = getattr(value, "data", value)
    return gzip.compress(data if isinstance(data, bytes) else repr(data).encode())


class DescribedApi:
    """An application's API as it describes itself; requests carry the token.

    Half of the values invented for a path, a header or a body's field give way to `known` ones,
    by name: nearly every request would end with "not found" otherwise.
    """

    def __init__(
        self,
        app: Flask,
        description: str,
        token: str,
        known: Mapping[str, tuple[object, ...]],
    ) -> None:
        def authorized(environ: dict[str, Any], start: Any) -> Any:
            # Down here, since schemathesis leaves tokens out of some of its requests.
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
            return app(environ, start)

        self._schema = schemathesis.openapi.from_wsgi(
            description, authorized, config=SchemathesisConfig(seed=SEED)
        )
        self._known = known

    def operations(self) -> Iterator[Any]:
        """Give what the description describes; raises where it is no OpenAPI."""
        for result in self._schema.get_all_operations():
            if not isinstance(result, Ok):
                raise ValueError(str(result.err()))
            yield result.ok()

    def check(self, operation: Any, examples: int = EXAMPLES) -> set[int]:
        """Send right and wrong requests; give the statuses that came back.

        Raises where an answer is a 5xx or not what the description says.
        """
        seen: set[int] = set()
        for mode in GenerationMode:

            @settings(
                max_examples=examples,
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                body = case.body if isinstance(case.body, dict) else {}
                for part in (case.path_parameters, case.headers, body):
                    for name, value in part.items():
                        part[name] = _known_or(value, self._known.get(name, ()))
                answer = case.call_and_validate(checks=CHECKS)
                seen.add(answer.status_code)

            ask()
        return seen


def _known_or(value: object, known: tuple[object, ...]) -> object:
    # By the value alone, so that the same request is made each time.
    number = zlib.crc32(repr(value).encode())
    return known[number // 2 % len(known)] if known and number % 2 else value
