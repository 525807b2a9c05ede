"""A plain origin for `make run`: it answers every request with what was asked for."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Origin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers.get("host", "")
        visitor = self.headers.get("x-forwarded-for", "nobody")
        customer = self.headers.get("x-customer")
        told = f" The platform says it is {customer}'s." if customer else ""
        body = f"I am a plain origin. {visitor} asked for {self.path} of {host}.{told}\n".encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Origin).serve_forever()
