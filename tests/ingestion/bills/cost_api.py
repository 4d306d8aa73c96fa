"""An HTTP server on this machine that answers as a cost API, and pulls from it."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from ingestion.bills.pulling.api import pull
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.bills.bill_pages import cost, openai_bucket, page

KEY = "sk-admin-do-not-show"
SINCE, UNTIL = date(2026, 10, 1), date(2026, 10, 5)
NOW = datetime(2026, 11, 5, 3, 15, tzinfo=UTC)

# Parameters of a GET, or the fields of what is posted
Query = list[tuple[str, Any]]
# (status, body), with headers, or what writes every byte of the answer itself
Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]] | Callable[[BinaryIO], None]


class Api:
    """Answers by `respond(path, query)`; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Query, dict[str, str]]] = []
        self.respond: Callable[[str, Query], Answer] = lambda path, query: (404, b"")
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(parse_qsl(urlsplit(self.path).query))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(list(json.loads(body).items()))

            def _answer(self, query: Query) -> None:
                parts = urlsplit(self.path)
                api.asked.append((parts.path, query, dict(self.headers)))
                answer = api.respond(parts.path, query)
                if callable(answer):
                    self.close_connection = True
                    with suppress(OSError):  # the client has gone
                        answer(self.wfile)
                    return
                status, body, *more = answer
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()


class Pulled:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waits: list[float] = []
        self.notes: list[str] = []

    def run(self, source: Bill) -> dict[str, bytes]:
        self.notes = pull(
            source,
            KEY,
            open_storage(str(self.folder)),
            SINCE,
            UNTIL,
            clock=lambda: NOW,
            sleep=self.waits.append,
        )
        return self.objects()

    def objects(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "x"}}).encode()


def openai_pages(path: str, query: Query) -> Answer:
    """Four days in two pages of costs; usage without a result."""
    if path.endswith("/usage/completions"):
        return 200, page(*(openai_bucket(day) for day in range(1, 5)))
    if ("page", "page_next") in query:
        return 200, page(openai_bucket(3), openai_bucket(4, cost("0.3")))
    return 200, page(openai_bucket(1, cost("0.1")), openai_bucket(2, cost("0.2")), more=True)
