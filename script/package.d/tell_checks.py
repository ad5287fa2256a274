# SPDX-License-Identifier: AGPL-3.0-or-later
"""Say what came of the checks of the packages; the exit code is 1 where something is wrong."""

import argparse
import json
from pathlib import Path


def read_results(folder: Path) -> dict[str, dict[str, object]]:
    """Return the result of each package, by its name."""
    return {
        file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.glob("*.json"))
    }


def sentences(results: dict[str, dict[str, object]]) -> list[str]:
    """Return what a person reads."""
    told = []
    for package, result in results.items():
        told.append(f"{package}: {'ok' if result['ok'] else 'WRONG'}")
        for key in ("wrong", "after_purge", "accounts"):
            found = result[key]
            assert isinstance(found, list)
            told += [f"    {line}" for line in found]
    return told


def main() -> None:
    """Print the results, as sentences or as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", dest="as_json", action="store_true")
    arguments = parser.parse_args()
    results = read_results(arguments.folder)
    is_ok = all(result["ok"] for result in results.values())
    if arguments.as_json:
        print(json.dumps({"ok": is_ok, "packages": results}))
    else:
        print("\n".join(sentences(results)))
    raise SystemExit(not is_ok)


if __name__ == "__main__":
    main()
