# SPDX-License-Identifier: AGPL-3.0-or-later
"""From where this machine's pip fetches and whom it trusts, for others that fetch packages.

    pip_settings.py file FOLDER SEEN_AS    FOLDER/pip.conf, for a root that sees it as SEEN_AS
    pip_settings.py uv                     NAME=VALUE lines of uv's environment, which reads
                                           nothing of pip's (docs.astral.sh/uv, "Environment")

Only that: constraints and caches of the machine stay with its pip.
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
# What uv calls it; of several addresses or machines, each is told after a blank in both.
OF_UV = {
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "no-index": "UV_NO_INDEX",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}


def settings_of_this_machine() -> dict[str, str]:
    """Return what pip's files and environment say here, by the name of the setting."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, str]] = {"global": {}, ":env:": {}}
    for line in told.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in found:
            found[section][key] = ast.literal_eval(value)
    # The environment counts most, wherever it is listed.
    return found["global"] | found[":env:"]


def write_settings(folder: Path, seen_as: str) -> None:
    """Write FOLDER/pip.conf, and beside it the certificates that it names."""
    lines = ["[global]", "disable-pip-version-check = true"]
    for key, value in settings_of_this_machine().items():
        if key not in CARRIED:
            continue
        if key in FILES:
            shutil.copy(value, folder / f"pip-{key}.pem")
            value = f"{seen_as}/pip-{key}.pem"
        # A list of addresses is one line for each.
        lines.append(f"{key} = " + "\n    ".join(value.split()))
    (folder / "pip.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


def environment_of_uv() -> dict[str, str]:
    """Return the variables that have uv do as this machine's pip does."""
    said = settings_of_this_machine()
    found = {
        name: " ".join(said[key].split()) for key, name in OF_UV.items() if key in said
    }
    # Folders alone have commas between them.
    if folders := found.get("UV_FIND_LINKS"):
        found["UV_FIND_LINKS"] = folders.replace(" ", ",")
    return found


def main() -> None:
    """Write the file, or print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("uv")
    file = kinds.add_parser("file")
    file.add_argument("folder", type=Path)
    file.add_argument("seen_as")
    arguments = parser.parse_args()
    if arguments.kind == "file":
        write_settings(arguments.folder, arguments.seen_as)
    else:
        for name, value in environment_of_uv().items():
            print(f"{name}={value}")


if __name__ == "__main__":
    main()
