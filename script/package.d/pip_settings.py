# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write a pip.conf that fetches from where this machine's pip does and trusts whom it trusts.

Only that: constraints, folders and caches of the machine stay on the machine.
"""

import argparse
import ast
import shutil
import subprocess
import sys
from pathlib import Path

CARRIED = {
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "index-url",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
}
FILES = {"cert", "client-cert"}


def settings_of_this_machine() -> dict[str, str]:
    """Return what pip's files and environment say here, by the name of the setting."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = {}
    for line in told.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        # The environment is listed first and counts most.
        if section in (":env:", "global"):
            found.setdefault(key, ast.literal_eval(value))
    return {key: value for key, value in found.items() if key in CARRIED}


def write_settings(folder: Path, seen_as: str) -> None:
    """Write FOLDER/pip.conf, and beside it the certificates that it names."""
    lines = ["[global]", "disable-pip-version-check = true"]
    for key, value in settings_of_this_machine().items():
        if key in FILES:
            shutil.copy(value, folder / f"pip-{key}.pem")
            value = f"{seen_as}/pip-{key}.pem"
        # A list of addresses is one line for each.
        lines.append(f"{key} = " + "\n    ".join(value.split()))
    (folder / "pip.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write the file for a root that sees the folder under another name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("seen_as")
    arguments = parser.parse_args()
    write_settings(arguments.folder, arguments.seen_as)


if __name__ == "__main__":
    main()
