# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory as a service: plans, applies and rotates, each in one transaction.

What a new entry needs of Asterisk is written in the same transaction. Secrets are handed
to `deliver` before the commit: what cannot be delivered is not committed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from provisioning.asterisk.realtime_rows import rows_of
from provisioning.asterisk.realtime_tables import (
    RowChange,
    compare_rows,
    missing_secrets,
    write_rows,
)
from provisioning.database.engine import Database
from provisioning.directory.credentials import (
    AccountPassword,
    SipSecret,
    new_code,
    new_session_key,
    new_sip_secret,
    sip_password_digest,
)
from provisioning.directory.cutting import give_access_again
from provisioning.directory.errors import DirectoryError, UnknownEntry
from provisioning.directory.kiosk_secrets import replace_secrets
from provisioning.directory.new_secrets import NewSecrets
from provisioning.directory.people import (
    lock_administrators,
    require_an_administrator,
    takes_an_administrator,
)
from provisioning.directory.plan_checks import (
    refuse_impossible,
    refuse_orphans,
    refuse_others_telephones,
    telephone_changes,
)
from provisioning.directory.rows import auth_of, find, read_snapshot
from provisioning.directory.screen_enrolment import (
    SCREEN_CODE_LASTS,
    open_screen_enrolment,
)
from provisioning.directory.softphone_links import end_links
from provisioning.directory.transactions import reading, writing
from provisioning.directory.writing import DirectoryWriter, store_tokens
from provisioning.inventory.plan import (
    Action,
    Kind,
    Plan,
    Snapshot,
    make_removals,
    merge,
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
    loses_an_administrator: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return self.plan.is_empty and not self.rows


Delivery = Callable[[Outcome], None]
# What else is written in the same transaction, after the plan.
Alongside = Callable[[Session, Outcome], None]


class Directory:
    """What exists, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def snapshot(self) -> Snapshot:
        """Give everything that exists."""
        with reading(self._database) as session:
            return read_snapshot(session)

    def preview(self, planner: Planner) -> Outcome:
        """Tell what `apply` would do; writes nothing."""
        return _to_hand_out(self._prepared(planner))

    def apply(
        self, planner: Planner, deliver: Delivery, alongside: Alongside | None = None
    ) -> Outcome:
        """Carry out what `planner` makes of what exists, all of it or nothing.

        `alongside` writes in the same transaction, also where the plan is empty.
        """
        made = NewSecrets(self._database.signing_key)
        outcome = None
        while outcome is None:
            # Who is new may have changed since it was looked: then those are made too.
            _make_secrets(made, self._prepared(planner))
            with writing(self._database) as session:
                prepared = _prepare(session, planner)
                if prepared.is_empty and alongside is None:
                    return prepared
                if all(key in made for key in prepared.new_secrets_for):
                    outcome = _with_secrets(prepared, made)
                    _carry_out(session, outcome, made)
                    outcome = _to_hand_out(outcome)
                    if alongside is not None:
                        alongside(session, outcome)
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

    def rotate(
        self, key: str, deliver: Delivery, alongside: Alongside | None = None
    ) -> Outcome:
        """Replace the secret of a kiosk or counsellor, or the password of a user."""
        made = NewSecrets(self._database.signing_key)
        made.make([key], kiosks=(), users=[key])
        with writing(self._database) as session:
            directory = read_snapshot(session)
            kind = _kind_with_secret(directory, key)
            if kind is Kind.USER:
                outcome = _rotate_password(session, directory, key, made)
            else:
                outcome = _rotate_sip_secret(session, directory, kind, key)
                outcome = _to_hand_out(outcome)
            if alongside is not None:
                alongside(session, outcome)
            if kind is Kind.COUNSELLOR:
                # Whoever is locked out does not come back by a link made before.
                end_links(session, key, datetime.now(UTC))
            deliver(outcome)
        logger.info("secret rotated", kind=str(kind), key=key)
        return outcome

    def _prepared(self, planner: Planner) -> Outcome:
        with reading(self._database) as session:
            return _prepare(session, planner)

    def let_in_screen(self, slug: str, lasts: timedelta = SCREEN_CODE_LASTS) -> str:
        """Give a code that lets one browser be the kiosk's second screen, once."""
        code = new_code()
        with writing(self._database) as session:
            if slug not in read_snapshot(session)[Kind.KIOSK]:
                raise UnknownEntry(slug)
            kiosk = find(session, Kind.KIOSK, slug)
            ends_at = datetime.now(UTC) + lasts
            open_screen_enrolment(session, kiosk.id, code, ends_at)
        logger.info("code for a screen made", kiosk=slug)
        return code

    def kind_with_secret(self, key: str) -> Kind:
        """Tell what `rotate` would act on; raises where there is no secret to replace."""
        return _kind_with_secret(self.snapshot(), key)


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
    refuse_impossible(plan)
    wanted = merge(current, plan)
    refuse_orphans(plan, wanted)
    refuse_others_telephones(wanted)
    rows = compare_rows(session, rows_of(wanted))
    sip = missing_secrets(rows) | telephone_changes(plan)
    users = [
        change.key
        for change in plan.changes
        if change.kind is Kind.USER and change.action is Action.ADD
    ]
    return Outcome(
        plan,
        wanted,
        tuple(rows),
        (*sorted(sip), *users),
        loses_an_administrator=takes_an_administrator(current, plan),
    )


def _make_secrets(made: NewSecrets, prepared: Outcome) -> None:
    made.make(
        prepared.new_secrets_for,
        kiosks=prepared.directory[Kind.KIOSK],
        users=prepared.directory[Kind.USER],
    )


def _with_secrets(prepared: Outcome, made: NewSecrets) -> Outcome:
    return replace(
        prepared,
        sip_secrets=made.sip_of(prepared.new_secrets_for),
        passwords=made.passwords_of(prepared.new_secrets_for),
    )


def _carry_out(session: Session, outcome: Outcome, made: NewSecrets) -> None:
    if outcome.loses_an_administrator:
        lock_administrators(session)
    _write(session, outcome, made)
    if outcome.loses_an_administrator:
        require_an_administrator(session)


def _write(session: Session, outcome: Outcome, made: NewSecrets) -> None:
    tokens = {secret.slug: secret.token or "" for secret in outcome.sip_secrets}
    DirectoryWriter(session, tokens, made.hash_of).write(outcome.plan.changes)
    digests = {
        secret.slug: _digest(secret, outcome.directory)
        for secret in outcome.sip_secrets
    }
    write_rows(session, outcome.rows, digests)
    store_tokens(session, outcome.sip_secrets)
    give_access_again(session, digests)


def _digest(secret: SipSecret, directory: Snapshot) -> str:
    counsellor = directory[Kind.COUNSELLOR].get(secret.slug, {})
    with_md5 = bool(counsellor.get("softphone") or counsellor.get("browser"))
    return sip_password_digest(secret, with_md5=with_md5)


def _to_hand_out(outcome: Outcome) -> Outcome:
    """Leave out the secrets of browsers: a page gets its own whenever it is opened."""

    def is_handed_out(key: str) -> bool:
        return not outcome.directory[Kind.COUNSELLOR].get(key, {}).get("browser")

    return replace(
        outcome,
        new_secrets_for=tuple(filter(is_handed_out, outcome.new_secrets_for)),
        sip_secrets=tuple(s for s in outcome.sip_secrets if is_handed_out(s.slug)),
    )


def _rotate_sip_secret(
    session: Session, directory: Snapshot, kind: Kind, key: str
) -> Outcome:
    if kind is Kind.KIOSK:
        kiosk = find(session, kind, key)
        secret = replace_secrets(session, kiosk, datetime.now(UTC))
    else:
        secret = new_sip_secret(key, with_token=False)
        auth_of(session, key).password_digest = _digest(secret, directory)
    give_access_again(session, [key])
    return Outcome(Plan(()), directory, (), (key,), sip_secrets=(secret,))


def _rotate_password(
    session: Session, directory: Snapshot, email: str, made: NewSecrets
) -> Outcome:
    user = find(session, Kind.USER, email)
    user.password = made.hash_of(email)
    # Whoever is signed in with the old password is signed out.
    user.session_key = new_session_key()
    return Outcome(
        Plan(()), directory, (), (email,), passwords=made.passwords_of([email])
    )
