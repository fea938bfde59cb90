"""A small web service, so that the guide needs no internet.

``/pickups.csv`` gives a table, ``/rates/EUR`` the rate of a currency with the number of the answer.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROWS = 5000
RATES = {"EUR": 1.0, "USD": 1.09, "JPY": 171.4, "CHF": 0.95}


def pickups() -> str:
    """Make up where taxis picked up their guests.

    Returns:
        A table as CSV, the same each time.
    """
    chance = random.Random(1)  # noqa: S311 - nothing secret
    lines = ["Hour,Lat,Lon,Zone"]
    for _ in range(ROWS):
        latitude = 40.75 + chance.gauss(0, 0.04)
        longitude = -73.97 + chance.gauss(0, 0.04)
        zone = "East" if longitude > -73.97 else "West"
        lines.append(f"{chance.randrange(24)},{latitude:.5f},{longitude:.5f},{zone}")
    return "\n".join(lines)


class Handler(BaseHTTPRequestHandler):
    """Answers slowly, as services do."""

    protocol_version = "HTTP/1.1"
    seconds = float(os.environ.get("GUIDE_PACE", "1"))
    """How long an answer takes."""
    numbers = itertools.count(1)

    def do_GET(self) -> None:
        """Answer one request."""
        time.sleep(self.seconds)
        name = self.path.rpartition("/")[2]
        if name == "pickups.csv":
            self.answer(200, "text/csv", pickups())
        elif name in RATES:
            rate = {"currency": name, "rate": RATES[name], "answer": next(self.numbers)}
            self.answer(200, "application/json", json.dumps(rate))
        else:
            self.answer(404, "text/plain", f"There is no {self.path} here.")

    def answer(self, status: int, kind: str, text: str) -> None:
        """Send an answer.

        Args:
            status: HTTP's number for how it went.
            kind: The type of the content.
            text: The content.
        """
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stay silent."""


def start(handler: type[BaseHTTPRequestHandler] = Handler) -> ThreadingHTTPServer:
    """Start the service in a thread of its own.

    Args:
        handler: What answers the requests.

    Returns:
        The running service; ``shutdown()`` ends it.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="local api").start()
    return server
