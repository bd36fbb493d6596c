"""Whom the internet benchmark measures: each server in a namespace of its own, with a camera behind a veth pair.

To be used inside `unshare --net --mount --pid`: whatever is left ends with that process.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import textwrap
import time

ADDRESS, CAMERA = "192.168.77.1", "192.168.77.100"


def must(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} was not in time")
        time.sleep(0.02)


def processor_seconds(first):
    """Of a process and all below it, the ended ones included."""
    children, used = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
                used[int(entry.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    waiting, total = [first], 0.0
    while waiting:
        process = waiting.pop()
        total += used.get(process, 0)
        waiting += children.get(process, [])
    return total


class World:
    """A camera's namespace and the wire to a server."""

    def __init__(self, folder):
        self.folder = folder
        self.process = 0

    def processor_seconds(self):
        return processor_seconds(self.process)

    def settle(self):
        """Waits until the server has made its keys and whatever else it begins with."""
        before = None
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (now := self.processor_seconds()) != before:
            before = now
            time.sleep(0.3)

    @contextlib.contextmanager
    def wire(self, server_namespace):
        """The far end is server0: in a namespace "server", or in this one."""
        spaces = ["camera"] + (["server"] if server_namespace else [])
        for space in spaces:
            must(["ip", "netns", "add", space])
            must(["ip", "-n", space, "link", "set", "lo", "up"])
        try:
            far = ["netns", "server"] if server_namespace else []
            must(["ip", "link", "add", "server0", *far, "type", "veth", "peer", "name", "cam0", "netns", "camera"])
            must(["ip", "-n", "camera", "link", "set", "cam0", "up"])
            must(["ip", "-n", "camera", "addr", "add", f"{CAMERA}/24", "dev", "cam0"])
            must(["ip", "-n", "camera", "route", "add", "default", "via", ADDRESS])
            # Who resets tens of thousands of connections a second still has ports to begin the next from.
            must(["ip", "netns", "exec", "camera", "sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65000"])
            if server_namespace:
                must(["ip", "-n", "server", "addr", "add", f"{ADDRESS}/24", "dev", "server0"])
                must(["ip", "-n", "server", "link", "set", "server0", "up"])
            yield
        finally:
            for space in spaces:
                subprocess.run(["ip", "netns", "del", space], check=False)
            subprocess.run(["ip", "link", "del", "server0"], check=False, stderr=subprocess.DEVNULL)

    def camera(self, *command, timeout=120):
        return subprocess.run(["ip", "netns", "exec", "camera", *map(str, command)], capture_output=True, text=True, timeout=timeout)

    def answers(self, port):
        return self.camera("bash", "-c", f"exec 2>&-; : < /dev/tcp/{ADDRESS}/{port}").returncode == 0


class Ours(World):
    """The slot's network of a run, with all its recorders."""
    name = "cambench"

    def __init__(self, folder, build):
        super().__init__(folder)
        self.build = build
        self.recorded = {}

    @contextlib.contextmanager
    def running(self):
        out = self.folder / "evidence"
        with self.wire(server_namespace=False):
            must(["ip", "link", "set", "server0", "up"])
            slot = subprocess.Popen([self.build / "bin/internet_slot", "server0", out], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                    env={**os.environ, "CAMBENCH_RUNTIME_DIR": str(self.folder / "lent")})
            try:
                if slot.stdout.readline() != "ready\n":
                    raise RuntimeError(f"the slot did not come up: {slot.wait()}")
                self.out = out
                self.process = slot.pid
                yield self
            finally:
                slot.stdin.close()
                said = slot.stdout.read()
                slot.wait(60)
                self.recorded = json.loads(said) if said.startswith("{") else {"fault": "it ended early"}
                shutil.rmtree(out, ignore_errors=True)

    @staticmethod
    def memory_kb():
        """Of the fake internet's process, at its largest."""
        sizes = [0]
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "comm").read_text().strip() == "cambench-net":
                    fields = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines())
                    sizes.append(int(fields["VmHWM"].split()[0]))
        return max(sizes)


class Peer(World):
    """A program beside which we are measured. `ready_port`: TCP, answers when it serves."""
    program, ready_port = "", 80

    @classmethod
    def present(cls):
        return shutil.which(cls.program, path=os.environ["PATH"] + ":/usr/sbin") is not None

    def prepare(self):
        """Its command line; what it needs is put into self.folder."""
        raise NotImplementedError

    @contextlib.contextmanager
    def running(self):
        self.folder.mkdir()
        os.chmod(self.folder, 0o777)
        with self.wire(server_namespace=True):
            log = open(self.folder / "log", "w")
            server = subprocess.Popen(["ip", "netns", "exec", "server", *map(str, self.prepare())], stdout=log, stderr=log, start_new_session=True)
            try:
                wait_until(lambda: self.answers(self.ready_port), f"{self.name} ({(self.folder / 'log').read_text()[-800:]})", 60)
                self.process = server.pid
                yield self
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(server.pid, 15)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(10)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(server.pid, 9)
                server.wait()

    def certificate(self):
        must(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=peer.example",
              "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"])
        os.chmod(self.folder / "key.pem", 0o644)


class Nginx(Peer):
    """The ceiling for web servers: one canned answer, one certificate, no log; bodies are written to a file, without a hash."""
    name = program = "nginx"

    def prepare(self):
        self.certificate()
        (self.folder / "sample.txt").write_text("x" * 97)
        (self.folder / "conf").write_text(textwrap.dedent(f"""\
            daemon off; master_process on; worker_processes 2; pid {self.folder}/pid; error_log stderr; user root;
            events {{ worker_connections 4096; }}
            http {{
              access_log off; keepalive_requests 1000000000; client_max_body_size 0; client_body_temp_path {self.folder}/body;
              proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
              ssl_certificate {self.folder}/cert.pem; ssl_certificate_key {self.folder}/key.pem; ssl_session_tickets off;
              server {{
                listen 80 backlog=4096 reuseport; listen 443 ssl backlog=4096 reuseport;
                location / {{ root {self.folder}; }}
                location /up {{ client_body_in_file_only clean; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://127.0.0.1:8099/; }}
              }}
              server {{ listen 127.0.0.1:8099; location / {{ return 200 "kept"; }} }}
            }}
            """))
        return ["/usr/sbin/nginx", "-c", self.folder / "conf"]


class Dnsmasq(Peer):
    """The ceiling for resolvers: one address for every name, nothing logged."""
    name = program = "dnsmasq"
    ready_port = 53

    def prepare(self):
        return ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=",
                "--address=/#/198.18.0.1", f"--listen-address={ADDRESS}", "--bind-interfaces"]


class Inetsim(Peer):
    name = program = "inetsim"
    ready_port = 995  # not before the last of its services

    def prepare(self):
        data = self.folder / "data"
        shutil.copytree("/var/lib/inetsim", data)
        logs = self.folder / "logs"
        logs.mkdir()
        services = ["dns", "http", "https", "smtp", "smtps", "ftp", "ftps", "pop3", "pop3s"]
        (self.folder / "conf").write_text("".join(f"start_service {one}\n" for one in services) +
                                          f"service_bind_address {ADDRESS}\ndns_default_ip {ADDRESS}\nservice_max_childs 30\nservice_run_as_user root\n" +
                                          "".join(f"{scheme}_fakefile txt sample.txt text/plain\n{scheme}_default_fakefile sample.html text/html\n" for scheme in ("http", "https")))
        must(["chmod", "-R", "a+rwX", self.folder])
        return ["inetsim", "--config", self.folder / "conf", "--data-dir", data, "--log-dir", logs, "--report-dir", logs, "--bind-address", ADDRESS]


class Mitmproxy(Peer):
    """Transparent, with a canned answer, so that no server is asked."""
    name, program, ready_port = "mitmproxy", "mitmdump", 8080

    def prepare(self):
        (self.folder / "canned.py").write_text(textwrap.dedent("""\
            from mitmproxy import http
            def request(flow):
                flow.response = http.Response.make(200, b"x" * 97, {"Content-Type": "text/plain"})
            """))
        must(["ip", "netns", "exec", "server", "nft", "table inet t { chain pre { type nat hook prerouting priority dstnat; iifname server0 tcp dport { 80, 443 } redirect to :8080; }; }"])
        return ["mitmdump", "--mode", "transparent", "--listen-port", "8080", "-q", "--set", "connection_strategy=lazy", "--set", "upstream_cert=false",
                "--set", f"confdir={self.folder}", "-s", self.folder / "canned.py"]


PEERS = [Nginx, Dnsmasq, Inetsim, Mitmproxy]
