# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the JSON that APIs are sent: what is no JSON, or is nested to do harm, is refused.

Python's own reader takes more than JSON (`NaN`), and gives up in an error of its own where
lists are nested a thousand deep; what is then done with them would not be any better.
"""

import json
import math
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request

# Nothing that our APIs are told has more than five.
MOST_LEVELS = 32


class JsonBodies(FlaskParser):
    """Parses requests; a body that cannot be read is answered with 400."""

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req):
            return core.missing
        return read_json(req.get_data(cache=True))


class JsonBlueprint(Blueprint):
    """A blueprint of an API whose bodies are read by `read_json`."""

    ARGUMENTS_PARSER = JsonBodies()


def read_json(body: bytes) -> Any:
    """Give what a body says. Raises JSONDecodeError or UnicodeDecodeError."""
    text = body.decode()
    try:
        told = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        raise json.JSONDecodeError(str(error), text, 0) from error
    if _is_too_deep(told):
        raise json.JSONDecodeError("nested too deep", text, 0)
    return told


def _is_too_deep(told: Any) -> bool:
    level = [told]
    for _ in range(MOST_LEVELS):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number larger than any")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
