# SPDX-License-Identifier: AGPL-3.0-or-later
"""The devices that are plugged in or on the network, and which of them is the kiosk's."""
