# SPDX-License-Identifier: AGPL-3.0-or-later
"""The attempt to enrol: kept until its answer is on the disk, so that a lost one is asked again."""

import hashlib
import json
import secrets
from pathlib import Path

from sip_endpoints.machine.enrolment.code import EnrolmentCode
from sip_endpoints.machine.system.kept_files import remove_file, write_file


def begin_attempt(path: Path, code: EnrolmentCode) -> str:
    """Give the attempt's number: the one that is kept for this code, else a new one."""
    name = hashlib.sha256(code.normalised.encode()).hexdigest()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["code"] == name:
            return str(kept["attempt"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    attempt = secrets.token_hex(16)
    write_file(path, json.dumps({"code": name, "attempt": attempt}), mode=0o600)
    return attempt


def end_attempt(path: Path) -> None:
    """Forget the attempt: its answer is safely kept."""
    remove_file(path)
