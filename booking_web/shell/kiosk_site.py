# SPDX-License-Identifier: AGPL-3.0-or-later
"""How kiosks reach this site, as its settings say; what an enrolled machine is given."""

from pathlib import Path

import structlog

from booking_web.shell.services import services
from booking_web.shell.site.site_address import site_address
from provisioning.bundles.bundle import Access, Document
from provisioning.bundles.enrolment_file import (
    Enrolment,
    RepositoryFiles,
    SiteFiles,
    enrolment_at,
)
from provisioning.directory.errors import DirectoryError

logger = structlog.get_logger(__name__)


class NotSetUp(DirectoryError):
    """The site's settings do not say how kiosks reach Asterisk, or name a bad file."""


def access_of_site() -> Access | None:
    """Give how kiosks reach Asterisk and the pages, where the settings say so."""
    settings = services().settings
    if settings.sip_server is None:
        return None
    return Access(
        settings.sip_server,
        settings.sip_port,
        Path(settings.sip_ca_file) if settings.sip_ca_file else None,
        site_address(),
    )


def enrols_by_code() -> bool:
    """Tell whether the settings say what a machine needs that becomes a kiosk by a code."""
    access = access_of_site()
    return access is not None and access.ca is not None


def enrolment_of_site() -> Enrolment:
    """Give the function that writes an enrolment. Raises NotSetUp."""
    settings, access = services().settings, access_of_site()
    if access is None or access.ca is None:
        raise NotSetUp("sip_server and sip_ca_file are missing in the site's settings")
    web_ca = Path(settings.web_ca_file) if settings.web_ca_file else None
    language = settings.kiosk_language
    try:
        return enrolment_at(
            SiteFiles(access, access.ca, web_ca, language, _repository_files())
        )
    except DirectoryError as error:
        raise NotSetUp(str(error)) from error


def repository_of_kiosk(slug: str) -> Document | None:
    """Give where this kiosk takes its packages from; None where the site has no repository.

    A site whose key cannot be read has none for now: its kiosks keep what they were told.
    """
    files = _repository_files()
    if files is None:
        return None
    try:
        return files.read().of_kiosk(slug)
    except DirectoryError as error:
        logger.error("kiosks are told of no repository", error=str(error))
        return None


def _repository_files() -> RepositoryFiles | None:
    settings = services().settings
    if not (settings.repository_uri and settings.repository_key_file):
        return None
    return RepositoryFiles(
        settings.repository_uri,
        settings.repository_suite,
        Path(settings.repository_key_file),
        settings.pilots,
    )
