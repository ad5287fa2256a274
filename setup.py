# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one thing that setup.cfg cannot say: translations are compiled before they are packed."""

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithTranslations(build_py):
    """Compile the translations, which are package data like any other; then build."""

    def run(self) -> None:
        """Run Babel's own command first; `[compile_catalog]` in setup.cfg tells it where."""
        self.run_command("compile_catalog")
        super().run()


setup(cmdclass={"build_py": BuildWithTranslations})
