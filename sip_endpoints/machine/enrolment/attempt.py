# SPDX-License-Identifier: AGPL-3.0-or-later
"""The attempt to enrol: kept until its answer is on the disk, so that a lost one is asked again."""

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from sip_endpoints.machine.enrolment.code import EnrolmentCode
from sip_endpoints.machine.system.kept_files import write_file


def begin_attempt(path: Path, code: EnrolmentCode) -> str:
    """Give the attempt's number: the one that is kept for this code, else a new one."""
    kept = _kept(path)
    if kept.get("code") == _name(code) and isinstance(kept.get("attempt"), str):
        return str(kept["attempt"])
    attempt = secrets.token_hex(16)
    _keep(path, {"code": _name(code), "attempt": attempt})
    return attempt


def end_attempt(path: Path) -> None:
    """Note that the answer is safely kept; which code it was for is still known."""
    kept = _kept(path)
    if "code" in kept:
        _keep(path, {"code": kept["code"], "attempt": None})


def is_answered(path: Path, code: EnrolmentCode) -> bool:
    """Say whether this code's answer is kept already: it need not be asked again."""
    kept = _kept(path)
    return kept.get("code") == _name(code) and kept.get("attempt") is None


def _name(code: EnrolmentCode) -> str:
    return hashlib.sha256(code.normalised.encode()).hexdigest()


def _kept(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(path: Path, kept: dict[str, Any]) -> None:
    write_file(path, json.dumps(kept), mode=0o600)
