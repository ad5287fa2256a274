# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory as a service: plans, applies and rotates, each in one transaction.

What a new entry needs of Asterisk is written in the same transaction. Secrets are handed
to `deliver` before the commit: what cannot be delivered is not committed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from provisioning.credentials import (
    AccountPassword,
    SipSecret,
    hash_password,
    new_password,
    new_session_key,
    new_sip_secret,
    sip_password_digest,
    token_digest,
)
from provisioning.database import Database
from provisioning.directory_rows import find, is_ready, read_snapshot, write_change
from provisioning.errors import (
    DatabaseNotReady,
    DirectoryError,
    ImmovableCounter,
    StillNeeded,
    UnknownEntry,
)
from provisioning.inventory import REFERENCES
from provisioning.plan import Action, Kind, Plan, Snapshot, make_removals, merge
from provisioning.realtime import PjsipAuth
from provisioning.realtime_rows import rows_of
from provisioning.realtime_tables import (
    RowChange,
    compare_rows,
    missing_secrets,
    write_rows,
)

logger = structlog.get_logger(__name__)

Planner = Callable[[Snapshot], Plan]


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be: the plan, Asterisk's rows, and the new secrets."""

    plan: Plan
    directory: Snapshot
    rows: tuple[RowChange, ...] = ()
    # Who gets a new secret; the secrets themselves exist only once it is done.
    new_secrets_for: tuple[str, ...] = ()
    sip_secrets: tuple[SipSecret, ...] = field(default=(), repr=False)
    passwords: tuple[AccountPassword, ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return self.plan.is_empty and not self.rows


Delivery = Callable[[Outcome], None]


class Directory:
    """What exists, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def snapshot(self) -> Snapshot:
        """Give everything that exists."""
        with self._reading() as session:
            return read_snapshot(session)

    def preview(self, planner: Planner) -> Outcome:
        """Tell what `apply` would do; writes nothing."""
        with self._reading() as session:
            return _prepare(session, planner)

    def apply(self, planner: Planner, deliver: Delivery) -> Outcome:
        """Carry out what `planner` makes of what exists, all of it or nothing."""
        with self._writing() as session:
            prepared = _prepare(session, planner)
            if prepared.is_empty:
                return prepared
            outcome = _with_secrets(prepared)
            _carry_out(session, outcome)
            deliver(outcome)
        for change in outcome.plan.changes:
            logger.info(
                "directory changed",
                action=str(change.action),
                kind=str(change.kind),
                key=change.key,
            )
        logger.info("realtime rows written", rows=len(outcome.rows))
        return outcome

    def rotate(self, key: str, deliver: Delivery) -> Outcome:
        """Replace the secret of a kiosk or counsellor, or the password of a user."""
        with self._writing() as session:
            directory = read_snapshot(session)
            kind = _kind_with_secret(directory, key)
            if kind is Kind.USER:
                outcome = _rotate_password(session, directory, key)
            else:
                outcome = _rotate_sip_secret(session, directory, kind, key)
            deliver(outcome)
        logger.info("secret rotated", kind=str(kind), key=key)
        return outcome

    def kind_with_secret(self, key: str) -> Kind:
        """Tell what `rotate` would act on; raises where there is no secret to replace."""
        return _kind_with_secret(self.snapshot(), key)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with _translated_errors(), self._database.read() as session:
            _require_tables(session)
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with _translated_errors(), self._database.write() as session:
            _require_tables(session)
            yield session


def kind_of(directory: Snapshot, key: str) -> Kind:
    """Tell what the slug or e-mail names; raises UnknownEntry."""
    for kind, entries in directory.items():
        if key in entries:
            return kind
    raise UnknownEntry(key)


def _kind_with_secret(directory: Snapshot, key: str) -> Kind:
    kind = kind_of(directory, key)
    if kind not in (Kind.KIOSK, Kind.COUNSELLOR, Kind.USER):
        raise DirectoryError(f"{kind} {key} has no secret to rotate")
    return kind


def removal_of(keys: list[str]) -> Planner:
    """Give a planner that removes these entries; it raises where others need them."""

    def plan(current: Snapshot) -> Plan:
        entries = {(kind_of(current, key), key) for key in keys}
        return Plan(tuple(make_removals(sorted(entries))))

    return plan


def _prepare(session: Session, planner: Planner) -> Outcome:
    current = read_snapshot(session)
    plan = planner(current)
    _refuse_impossible(plan)
    wanted = merge(current, plan)
    _refuse_orphans(plan, wanted)
    rows = compare_rows(session, rows_of(wanted))
    sip = missing_secrets(rows) | _softphone_changes(plan)
    users = [
        change.key
        for change in plan.changes
        if change.kind is Kind.USER and change.action is Action.ADD
    ]
    return Outcome(plan, wanted, tuple(rows), (*sorted(sip), *users))


def _refuse_impossible(plan: Plan) -> None:
    for change in plan.changes:
        if change.action is Action.CHANGE and change.kind is Kind.COUNTER:
            if "organisation" in change.fields:
                raise ImmovableCounter(change.key)


def _refuse_orphans(plan: Plan, wanted: Snapshot) -> None:
    for change in plan.changes:
        if change.action is not Action.REMOVE:
            continue
        dependants = [
            key
            for kind, references in REFERENCES.items()
            for name, target in references.items()
            if target is change.kind
            for key, fields in wanted[kind].items()
            if fields[name] == change.key
        ]
        if dependants:
            raise StillNeeded(change.kind, change.key, dependants)


def _softphone_changes(plan: Plan) -> set[str]:
    # The MD5 digest that a softphone may need cannot be made from the SHA-256 one.
    return {
        change.key
        for change in plan.changes
        if change.kind is Kind.COUNSELLOR
        and change.action is Action.CHANGE
        and "softphone" in change.fields
    }


def _with_secrets(prepared: Outcome) -> Outcome:
    kiosks = prepared.directory[Kind.KIOSK]
    users = prepared.directory[Kind.USER]
    sip_secrets = tuple(
        new_sip_secret(key, with_token=key in kiosks)
        for key in prepared.new_secrets_for
        if key not in users
    )
    passwords = tuple(
        new_password(key) for key in prepared.new_secrets_for if key in users
    )
    return Outcome(
        prepared.plan,
        prepared.directory,
        prepared.rows,
        prepared.new_secrets_for,
        sip_secrets,
        passwords,
    )


def _carry_out(session: Session, outcome: Outcome) -> None:
    tokens = {secret.slug: secret.token or "" for secret in outcome.sip_secrets}
    passwords = {account.email: account.password for account in outcome.passwords}
    for change in outcome.plan.changes:
        write_change(session, change, tokens, passwords)
    digests = {
        secret.slug: _digest(secret, outcome.directory)
        for secret in outcome.sip_secrets
    }
    write_rows(session, outcome.rows, digests)
    for secret in outcome.sip_secrets:
        _store_token(session, secret)


def _digest(secret: SipSecret, directory: Snapshot) -> str:
    counsellor = directory[Kind.COUNSELLOR].get(secret.slug, {})
    softphone = bool(counsellor.get("softphone", False))
    return sip_password_digest(secret, softphone=softphone)


def _store_token(session: Session, secret: SipSecret) -> None:
    if secret.token is not None:
        kiosk = find(session, Kind.KIOSK, secret.slug)
        kiosk.token_digest = token_digest(secret.token)


def _rotate_sip_secret(
    session: Session, directory: Snapshot, kind: Kind, key: str
) -> Outcome:
    secret = new_sip_secret(key, with_token=kind is Kind.KIOSK)
    auth = session.get(PjsipAuth, key)
    if auth is None:
        raise DirectoryError(
            f"Asterisk's rows of {key} are missing: apply the inventory, which writes"
            " them with a new secret"
        )
    auth.password_digest = _digest(secret, directory)
    _store_token(session, secret)
    return Outcome(Plan(()), directory, (), (key,), sip_secrets=(secret,))


def _rotate_password(session: Session, directory: Snapshot, email: str) -> Outcome:
    account = new_password(email)
    user = find(session, Kind.USER, email)
    user.password = hash_password(account.password)
    # Whoever is signed in with the old password is signed out.
    user.fs_uniquifier = new_session_key()
    return Outcome(Plan(()), directory, (), (email,), passwords=(account,))


def _require_tables(session: Session) -> None:
    if not is_ready(session):
        raise DatabaseNotReady(
            'the database has no tables yet: run "guichet-provision upgrade-database"'
        )


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise DirectoryError(
            "somebody else changed the directory at the same time; nothing was changed,"
            " run the command again"
        ) from error
    except DBAPIError as error:
        raise DatabaseNotReady(f"the database cannot be used: {error.orig}") from error
