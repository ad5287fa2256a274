# SPDX-License-Identifier: AGPL-3.0-or-later
"""Say which parts of guichet-asterisk Debian has in a newer version; the exit code is then 1."""

import argparse
import json
from pathlib import Path


def main() -> None:
    """Print the list, as sentences or as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path, help="PACKAGE PACKED CANDIDATE in each line")
    parser.add_argument("--json", dest="as_json", action="store_true")
    arguments = parser.parse_args()
    lines = [line.split() for line in arguments.list.read_text("utf-8").splitlines()]
    if arguments.as_json:
        newer = [dict(zip(("package", "packed", "newer"), line)) for line in lines]
        print(json.dumps({"ok": not newer, "newer": newer}))
    elif lines:
        for package, packed, candidate in lines:
            print(f"{package}: {packed} is packed, Debian has {candidate}")
        print("Build it anew: script/package --renew guichet-asterisk")
    else:
        print("guichet-asterisk has what Debian has.")
    raise SystemExit(bool(lines))


if __name__ == "__main__":
    main()
