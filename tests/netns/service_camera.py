"""A device with an address of its own, its services where the test wants them.

    service_camera.py SETTINGS      JSON: see DEFAULTS

It resolves names at its resolver, asks for the time and calls its cloud, all by plain sockets, and serves a web page, ONVIF and a stream.
"""
import base64
import http.server
import json
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

DEFAULTS = {
    "resolver": None,        # asked for the names; None: it asks nobody and calls nobody
    "names": ["time.kamera-haus.example", "api.kamera-haus.example"],
    "literal": None,         # (address, port) called without any name
    "lease_after": None,     # seconds after which it turns to DHCP
    "web": [], "https": [],  # ports of its web page and of ONVIF
    "rtsp": [],
    "onvif_path": "/onvif/device_service",
    "discovery": False,      # answers WS-Discovery with the first of its web ports
    "announces": None,       # an address from which it says Hello to everybody
    "user": None,            # wants HTTP's basic login for everything but the time: (user, password)
    "log": None,
}
settings = {**DEFAULTS, **json.loads(sys.argv[1])}


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def resolve(name):
    kind = 28 if ":" in settings["resolver"] else 1
    question = struct.pack("!HHHHHH", random.randrange(65536), 0x100, 1, 0, 0, 0) + b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0" + struct.pack("!HH", kind, 1)
    with socket.socket(family_of(settings["resolver"]), socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(question, (settings["resolver"], 53))
        answer = asking.recv(2000)
    size = 16 if kind == 28 else 4
    return socket.inet_ntop(socket.AF_INET6 if kind == 28 else socket.AF_INET, answer[-size:]) if struct.unpack("!H", answer[6:8])[0] == 1 else None


def ask_time(address):
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(b"\x23" + bytes(47), (address, 123))
        asking.recv(100)


def call_cloud(name, address):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((address, 443), timeout=3) as plain, context.wrap_socket(plain, server_hostname=name) as cloud:
        cloud.sendall(f"GET /health HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        while cloud.recv(4096):
            pass


def say_hello(own):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaking:
        speaking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        quietly(speaking.sendto, b'<e:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:Hello/></e:Body></e:Envelope>', ("239.255.255.250", 3702))


def live():
    while True:
        for step in (lambda: ask_time(resolve(settings["names"][0])), lambda: call_cloud(settings["names"][1], resolve(settings["names"][1]))):
            try:
                if settings["resolver"]:
                    step()
            except (OSError, TypeError):
                pass
        if settings["announces"]:
            say_hello(settings["announces"])
        if settings["literal"]:
            try:
                with socket.create_connection(settings["literal"], timeout=2) as planted:
                    planted.sendall(b"beacon")
            except OSError:
                pass
        time.sleep(2)


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def note(self):
        if settings["log"]:
            with open(settings["log"], "a") as file:
                file.write(json.dumps({"port": self.server.server_address[1], "request": f"{self.command} {self.path}"}) + "\n")

    def knows(self):
        return settings["user"] is None or self.headers.get("Authorization") == "Basic " + base64.b64encode(":".join(settings["user"]).encode()).decode()

    def say(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.note()
        self.say(*((200, b"<html>live</html>") if self.knows() else (401, b"", ("WWW-Authenticate", 'Basic realm="camera"'))))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.note()
        if b"Envelope" in body and self.path not in (settings["onvif_path"], "/onvif/Media"):
            return self.say(404, b"")
        if b"GetSystemDateAndTime" not in body and not self.knows():
            return self.say(401, b"", ("WWW-Authenticate", 'Basic realm="camera"'))
        port = self.server.server_address[1]
        answers = {b"GetDeviceInformation": "<Manufacturer>Kamera-Haus</Manufacturer><Model>K-1</Model><FirmwareVersion>1</FirmwareVersion>",
                   b"GetServices": f"<Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>http://camera:{port}/onvif/Media</XAddr>",
                   b"GetProfiles": '<Profiles token="main"><VideoEncoderConfiguration/></Profiles>'}
        content = next((text for name, text in answers.items() if name in body), "<Ok/>")
        self.say(200, f'<E:Envelope xmlns:E="http://www.w3.org/2003/05/soap-envelope"><E:Body>{content}</E:Body></E:Envelope>'.encode() if b"Envelope" in body else b"ok")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def handle_error(self, *_):
        pass  # who speaks no TLS, and who hangs up

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def serve_web(port, tls):
    server = Server(("::", port), Page)
    if tls:
        certificate = f"/run/camera-{port}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera", "-days", "30", "-keyout", certificate, "-out", certificate + ".crt"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate + ".crt", certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


SDP = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=live\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"


def stream(peer):
    """One client of RTSP: pictures come once it says PLAY."""
    got = b""
    with peer:
        while True:
            while b"\r\n\r\n" not in got:
                more = peer.recv(4096)
                if not more:
                    return
                got += more
            head, _, got = got.partition(b"\r\n\r\n")
            method = head.split(b" ")[0]
            sequence = next((line.split(b":")[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"cseq")), b"1")
            known = settings["user"] is None or b"Basic " + base64.b64encode(":".join(settings["user"]).encode()) in head
            answer = b"RTSP/1.0 200 OK\r\nCSeq: " + sequence + b"\r\nServer: service camera\r\n"
            if method == b"DESCRIBE" and not known:
                peer.sendall(b'RTSP/1.0 401 Unauthorized\r\nCSeq: ' + sequence + b'\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n')
            elif method == b"DESCRIBE":
                peer.sendall(answer + b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP) + SDP)
            elif method == b"SETUP":
                peer.sendall(answer + b"Session: 77\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n")
            elif method == b"PLAY":
                peer.sendall(answer + b"Session: 77\r\n\r\n")
                for i in range(100):
                    packet = struct.pack("!BBHII", 0x80, 26, i, i * 3000, 77) + bytes(64)
                    peer.sendall(b"$\0" + struct.pack("!H", len(packet)) + packet)
                    time.sleep(0.02)
            else:
                peer.sendall(answer + b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n")


def serve_rtsp(port):
    listening = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)

    def serve():
        while True:
            peer, _ = listening.accept()
            threading.Thread(target=lambda: quietly(stream, peer), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def quietly(work, *arguments):
    try:
        work(*arguments)
    except OSError:
        pass


def answer_discovery():
    port = (settings["web"] + settings["https"])[0]
    scheme = "http" if settings["web"] else "https"
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("", 3702))

    def serve():
        while True:
            said, peer = listening.recvfrom(4096)
            if b"Probe" in said:
                listening.sendto(f'<e:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:ProbeMatches><d:ProbeMatch><d:XAddrs>{scheme}://10.0.0.1:{port}'
                                 f'{settings["onvif_path"]}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>'.encode(), peer)

    threading.Thread(target=serve, daemon=True).start()


def turn_to_dhcp():
    import pathlib
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    from whole_program import dhcp
    time.sleep(settings["lease_after"])
    run = lambda *words: subprocess.run(["ip", *words], check=False)

    def configure(address):
        run("addr", "flush", "dev", "eth0", "scope", "global")
        run("addr", "add", f"{address}/24", "dev", "eth0")
        run("route", "add", "default", "via", "192.168.77.1")

    dhcp("eth0", configure)
    settings["resolver"] = "192.168.77.1"


if __name__ == "__main__":
    for one in settings["web"]:
        serve_web(one, tls=False)
    for one in settings["https"]:
        serve_web(one, tls=True)
    for one in settings["rtsp"]:
        serve_rtsp(one)
    if settings["discovery"]:
        answer_discovery()
    if settings["lease_after"] is not None:
        threading.Thread(target=turn_to_dhcp, daemon=True).start()
    live()
