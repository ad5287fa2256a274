# SPDX-License-Identifier: AGPL-3.0-or-later
"""A restic repository of a test opens in no time.

restic stretches its passphrase for half a second of this machine, at each of its commands; a test
takes some fifteen. The key's file says by how much (restic's design, "Keys, Encryption and MAC"):
here it is sealed again with the same passphrase, stretched as little as may be.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.poly1305 import Poly1305

# Scrypt's least.
LEAST_WORK = 2
_NONCE_BYTES, _MAC_BYTES, _KEY_BYTES = 16, 16, 64


def open_quickly(repository: Path, passphrase: str) -> None:
    """Have every key of a repository in a folder cost next to no work from now on."""
    for file in list((repository / "keys").iterdir()):
        key: dict[str, Any] = json.loads(file.read_bytes())
        content = _unsealed(base64.b64decode(key["data"]), _stretched(key, passphrase))
        key["N"] = LEAST_WORK
        sealed = _sealed(content, _stretched(key, passphrase))
        key["data"] = base64.b64encode(sealed).decode()
        written = json.dumps(key).encode()
        # A file is called by the digest of what is in it.
        (file.parent / hashlib.sha256(written).hexdigest()).write_bytes(written)
        file.unlink()


def _stretched(key: dict[str, Any], passphrase: str) -> bytes:
    salt = base64.b64decode(key["salt"])
    scrypt = Scrypt(salt=salt, length=_KEY_BYTES, n=key["N"], r=key["r"], p=key["p"])
    return scrypt.derive(passphrase.encode())


def _sealed(content: bytes, stretched: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    hidden = _crypt(content, nonce, stretched)
    return nonce + hidden + Poly1305.generate_tag(_mac_key(nonce, stretched), hidden)


def _unsealed(sealed: bytes, stretched: bytes) -> bytes:
    nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:-_MAC_BYTES]
    Poly1305.verify_tag(_mac_key(nonce, stretched), hidden, sealed[-_MAC_BYTES:])
    return _crypt(hidden, nonce, stretched)


def _mac_key(nonce: bytes, stretched: bytes) -> bytes:
    # Poly1305-AES: the second half is the nonce, encrypted.
    encryptor = Cipher(algorithms.AES(stretched[32:48]), modes.ECB()).encryptor()
    return stretched[48:64] + encryptor.update(nonce) + encryptor.finalize()


def _crypt(content: bytes, nonce: bytes, stretched: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(stretched[:32]), modes.CTR(nonce)).encryptor()
    return encryptor.update(content) + encryptor.finalize()
