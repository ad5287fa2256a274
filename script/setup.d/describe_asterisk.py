# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write down how Asterisk is started and where its files are.

Runs with the bare Python of the machine, before the virtual environment exists.
"""

import argparse
import json
import os
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    """Return the facts that the shell found out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--modules-dir", required=True)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--drivers-dir", required=True)
    parser.add_argument("--french-sounds-dir", required=True)
    parser.add_argument("program", nargs="+")
    return parser.parse_args()


def describe(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the description that the rest of the project reads."""
    drivers = arguments.drivers_dir
    return {
        "version": arguments.version,
        "program": arguments.program,
        "modules_dir": arguments.modules_dir,
        "data_dir": arguments.data_dir,
        "french_sounds_dir": arguments.french_sounds_dir,
        "sqlite_odbc_driver": f"{drivers}/libsqlite3odbc.so",
        "postgresql_odbc_driver": f"{drivers}/psqlodbcw.so",
    }


def main() -> None:
    """Replace the description at once, so that no reader sees half of it."""
    arguments = parse_arguments()
    description = describe(arguments)
    for key in ("modules_dir", "french_sounds_dir", "sqlite_odbc_driver"):
        if not Path(str(description[key])).exists():
            raise SystemExit(f"Asterisk's {key} was not found: {description[key]!r}")
    partial = arguments.file.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    partial.replace(arguments.file)


if __name__ == "__main__":
    main()
