# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of the booking rows: Flask and SQLAlchemy, one row a request, nothing else.

No session, no rights, no CSRF token, no check that a slot is free, no journal. It runs under
the product's own gunicorn and on the same kind of database with the same settings.
"""

import sys
from datetime import UTC, datetime

from flask import Flask, redirect, request
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.wrappers import Response

from booking_web.base.settings import Settings
from booking_web.commands.web_server import WebServer
from provisioning.database.engine import Database, UtcDateTime


class PeerBase(DeclarativeBase):
    """The base of the peer's one table, apart from the product's."""


class PeerBooking(PeerBase):
    """What the peer keeps of a form."""

    __tablename__ = "peer_booking"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_name: Mapped[str] = mapped_column(String(120))
    organisation: Mapped[str] = mapped_column(String(60))
    day: Mapped[str] = mapped_column(String(10))
    hour: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PeerServer(WebServer):
    """The product's gunicorn around the peer."""

    def load(self) -> Flask:
        """Make the application, in the worker."""
        return create_peer(self._settings.database_url)


def create_peer(url: str) -> Flask:
    """Give the WSGI application."""
    app = Flask("booking_peer")
    database = Database(url)

    @app.post("/bureau/rendez-vous")
    def book() -> Response:
        with database.write() as session:
            session.add(
                PeerBooking(
                    resident_name=request.form["resident_name"],
                    organisation=request.form["organisation"],
                    day=request.form["day"],
                    hour=request.form["hour"],
                    created_at=datetime.now(UTC),
                )
            )
        return redirect("/bureau", 303)

    @app.get("/sante")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main() -> None:
    """Serve; the arguments are the database's address, the port, workers and threads."""
    url, port, workers, threads = sys.argv[1:]
    database = Database(url)
    PeerBase.metadata.create_all(database.engine)
    database.dispose()
    settings = Settings(database_url=url, secret_key="unused")
    PeerServer(
        settings, bind=f"127.0.0.1:{port}", workers=int(workers), threads=int(threads)
    ).run()


if __name__ == "__main__":
    main()
