"""What monitoring systems ask over HTTP: ``/metrics`` for Prometheus, ``/livez`` and ``/readyz``.

The gateway's thread leaves a picture of the server each second; the HTTP threads read only that.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inference_server.gateway.metrics import Metrics, Vitals

log = logging.getLogger(__name__)

STUCK_S = 10.0  # a loop that has not turned for so long is not alive
NEEDED = ("balancer", "keeper", "predict")


def ready(vitals: Vitals, now: float) -> dict[str, bool]:
    """The checks of ``/readyz``: ready where all of them hold.

    A database that is away does not count against it as long as the keeper can put verdicts on disk. A disk
    that is full does, also where the database is there: what cannot be kept is not settled, and waits.
    A worker that still loads its models does.
    """
    kept = not vitals.stuck and (vitals.database_up or vitals.spooling)
    checks = {"loop": alive(vitals, now), "verdicts_kept": kept}
    return checks | {role: role in vitals.working for role in NEEDED}


def alive(vitals: Vitals, now: float) -> bool:
    """Whether the gateway's loop turns."""
    return now - vitals.beat_at < STUCK_S


class Http:
    """The server on its own threads; a context manager. Raises OSError: the port is in use."""

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                status, media, body = _answer(metrics, self.path)
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                log.debug(format, *args)

        self._server = ThreadingHTTPServer(("" if host == "*" else host, port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True, args=(0.2,)
        )

    def __enter__(self) -> Http:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answer(metrics: Metrics, path: str) -> tuple[int, str, bytes]:
    vitals, now = metrics.vitals, time.monotonic()
    match path.partition("?")[0]:
        case "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry)
        case "/livez":
            lives = alive(vitals, now)
            return 200 if lives else 503, "text/plain", b"alive\n" if lives else b"stuck\n"
        case "/readyz":
            checks = ready(vitals, now)
            facts = {"database": vitals.database_up, "verdicts_waiting_on_disk": vitals.waiting}
            body = json.dumps(checks | facts, indent=2).encode() + b"\n"
            return 200 if all(checks.values()) else 503, "application/json", body
    return 404, "text/plain", b"/metrics, /livez, /readyz\n"
