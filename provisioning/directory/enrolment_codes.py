# SPDX-License-Identifier: AGPL-3.0-or-later
"""The code by which a machine becomes a kiosk, and the proof that goes with it. Pure.

Twenty characters of Crockford's base 32, which has no I, L, O and U. The first five are
public: they say which code it is. The rest is secret (75 bits). What is made of it here is
made in the same way on the machine, which knows the code and nothing else.
"""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
GROUP_LENGTH = 5
# What a key is made for, so that no other use of the code gives the same one.
PROOF_LABEL = b"guichet enrolment authority"


def new_enrolment_code() -> str:
    """Generate a code, in four groups as it is shown."""
    return shown_code("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))


def shown_code(code: str) -> str:
    """Give a normalised code in groups: `ABCDE-FGHJK-MNPQR-STVWX`."""
    starts = range(0, CODE_LENGTH, GROUP_LENGTH)
    return "-".join(code[start : start + GROUP_LENGTH] for start in starts)


def normalised_code(typed: str) -> str | None:
    """Give the twenty characters of what was typed; None where it cannot be a code.

    Capitals, hyphens and blanks make no difference.
    """
    code = "".join(each for each in typed.upper() if each != "-" and not each.isspace())
    is_code = len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)
    return code if is_code else None


def normalised_id(typed: str) -> str | None:
    """Give the public first group of what was typed; None where it cannot be one."""
    public_id = typed.upper()
    is_id = len(public_id) == GROUP_LENGTH and set(public_id) <= set(ALPHABET)
    return public_id if is_id else None


def public_id_of(code: str) -> str:
    """Give the part of a normalised code by which it is looked up."""
    return code[:GROUP_LENGTH]


def proof_key_of(code: str) -> str:
    """Give the key for the proof, in hex."""
    return hmac.new(code.encode(), PROOF_LABEL, hashlib.sha256).hexdigest()


def proof_of(proof_key: str, authority: bytes) -> str:
    """Prove to who knows the code that this authority is the site's; empty: none."""
    return hmac.new(bytes.fromhex(proof_key), authority, hashlib.sha256).hexdigest()
