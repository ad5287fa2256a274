# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print what an extra of setup.cfg needs, one requirement a line; `build` is what builds.

Runs with the bare Python of the build root.
"""

import argparse
import re
import tomllib
from configparser import ConfigParser
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def requirements(extra: str) -> list[str]:
    """Return the requirements of the distribution with this extra, or of its build."""
    if extra == "build":
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
        return [*project["build-system"]["requires"], "wheel"]
    settings = ConfigParser(interpolation=None)
    settings.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    text = settings["options"]["install_requires"]
    text += settings["options.extras_require"][extra]
    return [line for line in re.split(r"\s*\n\s*", text) if line]


def main() -> None:
    """Print the requirements of the extra that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extra")
    print("\n".join(requirements(parser.parse_args().extra)))


if __name__ == "__main__":
    main()
