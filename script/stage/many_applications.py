# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets a process make application after application: what is the same is compiled once.

Each test has an application and a database of its own. To compile templates, addresses and
statements anew took half of the processor's time of all tests that ask for pages; to unpack
a slip's typefaces, half of that of the slip.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from types import CodeType
from typing import Any
from unittest import mock

from argon2 import PasswordHasher
from flask import Flask
from fontTools.ttLib import woff2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from provisioning.database import engine as engines
from provisioning.directory import credentials

# Next to no work, and to check one takes as little.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# More than the product has.
MOST_STATEMENTS = 10_000


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


def _once_per_rule(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    compiled: dict[object, tuple[Any, Any, Any]] = {}

    def compile_or_take(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes)
        if key not in compiled:
            compile_rule(rule)
            compiled[key] = (rule._parts, rule._trace, rule._converters)
            return
        rule._parts, rule._trace, rule._converters = compiled[key]
        rule.arguments.update(rule._converters)
        rule._build = rule._compile_builder(False).__get__(rule, None)
        rule._build_unknown = rule._compile_builder(True).__get__(rule, None)

    return compile_or_take


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
    compile_rule = _once_per_rule(Rule.compile)
    with (
        mock.patch.object(Flask, "jinja_options", options),
        mock.patch.object(Rule, "_compile_builder", builder_of),
        mock.patch.object(Rule, "compile", compile_rule),
    ):
        yield


@contextmanager
def typefaces_unpacked_once() -> Iterator[None]:
    """Have papers share the typefaces that were unpacked, while the block lasts."""
    unpack = woff2.decompress

    @cache
    def unpacked(packed: bytes) -> bytes:
        target = BytesIO()
        unpack(BytesIO(packed), target)
        return target.getvalue()

    def take(packed: BytesIO, target: BytesIO) -> None:
        target.write(unpacked(packed.read()))

    with mock.patch.object(woff2, "decompress", take):
        yield


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """Have all SQLite databases share what statements were compiled to, while the block lasts."""
    create = engines._create_engine
    first = create_engine("sqlite://")
    first.connect().close()
    compiled = LRUCache[Any, Any](MOST_STATEMENTS)

    def create_alike(url: str) -> Engine:
        engine = create(url)
        if engine.name == first.name:
            # What is compiled is kept by dialect, and each engine would have its own.
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = compiled
        return engine

    with mock.patch.object(engines, "_create_engine", create_alike):
        yield
    first.dispose()


@contextmanager
def passwords_hashed_by(hasher: PasswordHasher) -> Iterator[PasswordHasher]:
    """Have this one hash the passwords of the process; gives the one that did before."""
    before = credentials._HASHER
    with mock.patch.object(credentials, "_HASHER", hasher):
        yield before
