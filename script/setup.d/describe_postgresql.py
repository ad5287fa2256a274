# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write down where PostgreSQL's programs for the tests are.

Runs with the bare Python of the machine. The library path is empty where the
programs are the system's own.
"""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Replace the description at once, so that no reader sees half of it."""
    file, programs, libraries = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if not (programs / "initdb").exists():
        raise SystemExit(f"PostgreSQL's initdb was not found in {programs}")
    description = {"bin_dir": str(programs), "library_path": libraries}
    partial = file.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    partial.replace(file)


if __name__ == "__main__":
    main()
