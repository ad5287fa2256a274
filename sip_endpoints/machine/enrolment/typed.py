# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is typed at a PC that waits for its code, by somebody or by a reader of squares. Pure."""

from sip_endpoints.machine.system.errors import MachineError

# What the square of a sheet says, and whoever copies the whole line.
_COMMAND = ["guichet-kiosk", "enrol"]
# Of a server's name, and of no code.
_OF_NAMES = frozenset(".:/[")


def read_typed(line: str, known_host: str) -> tuple[str, str]:
    """Give the server and the code, as they were typed: a code, both, or the whole command.

    `known_host` is the server where none is typed; empty: one has to be. Raises MachineError.
    """
    words = line.split()
    if words[: len(_COMMAND)] == _COMMAND:
        words = words[len(_COMMAND) :]
    names_server = bool(words) and (
        not known_host or not _OF_NAMES.isdisjoint(words[0])
    )
    host = words.pop(0) if names_server else known_host
    if not host or not words:
        wanted = "le code" if known_host else "le serveur, puis le code"
        raise MachineError(f"Tapez {wanted}, comme sur la feuille de la borne.")
    return host, " ".join(words)
