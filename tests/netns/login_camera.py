"""A camera's web page that knows its operator by a session alone: by a cookie after a form, or by a token after JSON.

    login_camera.py form|token|deaf LOG      takes a lease on eth0 and serves; each request is a line of JSON in LOG

A session lasts for three requests. Whoever has none is sent to the login page (form), or is told so with status 200 (token). `deaf`
takes every login and forgets it at once.
"""
import http.server
import json
import pathlib
import secrets
import subprocess
import sys
import urllib.parse

from whole_program import dhcp

PASSWORD = 'p"a\\&=+ ü'
USES = 3
kind, log = sys.argv[1], pathlib.Path(sys.argv[2])
sessions = {}


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.known = False
        (self.log_in if self.path == "/login" and self.command == "POST" else self.obey)(body)
        with log.open("a") as file:
            file.write(json.dumps({"request": f"{self.command} {self.path}", "known": self.known, "basic": "Authorization" in self.headers}) + "\n")

    def log_in(self, body):
        fields = dict(urllib.parse.parse_qsl(body.decode())) if kind == "form" else json.loads(body)
        self.known = fields == {"user": "operator", "password": PASSWORD}
        token = secrets.token_hex(12)
        if self.known and kind != "deaf":
            sessions[token] = USES
        if kind == "form":
            self.answer(302, b"", {"Location": "/" if self.known else "/doc/login.html", "Set-Cookie": f"sid={token}; Path=/; HttpOnly"})
        else:
            answer = {"code": 0, "data": {"session": [{"token": token}]}} if self.known else {"code": 17, "message": "wrong password"}
            self.answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def obey(self, body):
        cookie, token = self.headers.get("Cookie") or "", self.headers.get("X-Token")
        given = cookie.partition("sid=")[2].partition(";")[0] if kind == "form" else token
        left = sessions.get(given, 0)
        self.known = left > 0
        if self.known:
            sessions[given] = left - 1
            self.answer(200, b'{"code": 0}' if self.command == "POST" else b"<html>live</html>", {})
        elif kind == "form":
            self.answer(302, b"", {"Location": "http://camera/doc/login.html?from=1"})
        else:
            self.answer(200, b'{"code": 401, "message": "Invalid session"}', {})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("", 80), Page)
dhcp("eth0", lambda address: subprocess.run(["ip", "addr", "add", f"{address}/24", "dev", "eth0"], check=True))
server.serve_forever()
