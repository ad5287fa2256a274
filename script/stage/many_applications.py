# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets a process make application after application: what is the same is compiled once.

Each test has an application of its own. To compile its templates and addresses anew took
a third of the processor's time of all tests that ask for pages.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any
from unittest import mock

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from provisioning.directory import credentials

# Next to no work, and to check one takes as little.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class CompiledTemplates(BytecodeCache):
    """The code of every template, by its name and the digest of its source."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket where the template was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def _once_per_address(
    compile_builder: Callable[..., Callable[..., Any]],
) -> Callable[..., Callable[..., Any]]:
    builders: dict[object, Callable[..., Any]] = {}

    def builder_of(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        # Its converters are those of the rule that it is bound to.
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    return builder_of


@contextmanager
def compiled_once() -> Iterator[None]:
    """Have applications share compiled templates and addresses while the block lasts."""
    options = Flask.jinja_options | {"bytecode_cache": CompiledTemplates()}
    builder_of = _once_per_address(Rule._compile_builder)
    with (
        mock.patch.object(Flask, "jinja_options", options),
        mock.patch.object(Rule, "_compile_builder", builder_of),
    ):
        yield


@contextmanager
def passwords_hashed_by(hasher: PasswordHasher) -> Iterator[PasswordHasher]:
    """Have this one hash the passwords of the process; gives the one that did before."""
    before = credentials._HASHER
    with mock.patch.object(credentials, "_HASHER", hasher):
        yield before
