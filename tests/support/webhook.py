"""A webhook as Slack's is: a real server, whose address is a secret."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

SECRET: Final = "T0000/B0000/xyzzy"


class Webhook:
    """What it was told. The other attributes say how it answers the next ones."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.status = 200
        self.wait = 0.0
        self.drips = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(outer.wait)
                if outer.drips:
                    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40:
                        self.wfile.write(bytes([letter]))
                        time.sleep(0.1)
                    return
                outer.told.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"

    def texts(self) -> list[str]:
        return [body["text"] for _, _, body in self.told]
