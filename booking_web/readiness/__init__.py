# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether kiosks and counsellors are there, and who asks for help at a kiosk."""
