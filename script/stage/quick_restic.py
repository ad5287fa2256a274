# SPDX-License-Identifier: AGPL-3.0-or-later
"""A restic repository of a test is made and opened in no time.

restic measures for two seconds how much a machine can do, and stretches its passphrase for half a
second, at each of its commands; a test takes some fifteen. The key's file says by how much
(restic's design, "Keys, Encryption and MAC"): here it is sealed again, stretched as little as may
be, and what restic made once is copied.
"""

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.poly1305 import Poly1305

# Scrypt's least.
LEAST_WORK = 2
_NONCE_BYTES, _MAC_BYTES, _KEY_BYTES = 16, 16, 64


class Made:
    """A repository that restic has made, of which any number are copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passphrase = ""

    @property
    def is_there(self) -> bool:
        """Tell whether one was kept."""
        return bool(self._passphrase)

    def keep(self, repository: Path, passphrase: str) -> None:
        """Have the one that was just made cost next to no work, and keep it to be copied."""
        seal_again(repository, passphrase, passphrase)
        shutil.copytree(repository, self._folder)
        self._passphrase = passphrase

    def copy(self, repository: Path, passphrase: str) -> None:
        """Make another, which this passphrase opens."""
        shutil.copytree(self._folder, repository, dirs_exist_ok=True)
        seal_again(repository, self._passphrase, passphrase)


def seal_again(repository: Path, passphrase: str, new: str) -> None:
    """Seal every key of a repository with the new passphrase, which costs next to no work."""
    for file in list((repository / "keys").iterdir()):
        key: dict[str, Any] = json.loads(file.read_bytes())
        content = _unsealed(base64.b64decode(key["data"]), _stretched(key, passphrase))
        key["N"] = LEAST_WORK
        sealed = _sealed(content, _stretched(key, new))
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
