# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small directory in a database of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.database.engine import Database
from stage.appointments import put_directory
from tests.factories.templates import copy_of, make_template
from tests.folders import Folders


@pytest.fixture(scope="session")
def _template(tmp_path_factory: Folders) -> Path:
    return make_template(tmp_path_factory.mktemp("template"), put_directory)


@pytest.fixture
def database(_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give three kiosks (kiosk-1, ...), the MSA with a counsellor, and the CAF."""
    database = copy_of(_template, tmp_path)
    yield database
    database.dispose()
