"""What the whole-program tests share: a host of the test's own, the program under test, a camera at the end of a veth, tshark.

A test calls enter() first: it goes on in network, mount and process namespaces of its own, so that what it asserts of "the host"
is untouched by whoever else uses the machine, and nothing outlives it. /run is empty there, and TMPDIR a fresh directory.
"""
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(*tools, as_root=False):
    """Goes on in namespaces of the test's own; skips when one of the tools is not installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            print(f"SKIP: {tool} is not installed")
            sys.exit(77)
    if os.environ.get("CAMBENCH_TEST_INSIDE") == "1":
        run("mount", "-t", "tmpfs", "none", "/run")
        run("ip", "link", "set", "lo", "up")
        return
    if as_root and os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    os.environ["CAMBENCH_TEST_INSIDE"] = "1"
    flags = "-nmpf" if os.geteuid() == 0 else "-Urnmpf"
    script = os.path.abspath(sys.argv[0])
    os.execvp("unshare", ["unshare", flags, "--kill-child", "--mount-proc", sys.executable, "-B", script, *sys.argv[1:]])


def run(*command, check=True, **more):
    more.setdefault("timeout", 120)
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {result.returncode}: {result.stdout}{result.stderr}")
    return result


def wait_for(condition, what, seconds=30):
    """The condition's value as soon as it is true; waits for it, not for a time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def processes():
    """{pid: name} of all processes in this test's process namespace, zombies aside."""
    found = {}
    for entry in os.listdir("/proc"):
        try:
            stat = pathlib.Path("/proc", entry, "stat").read_text() if entry.isdigit() else ""
        except OSError:
            continue
        if stat and stat.rsplit(")", 1)[1].split()[0] not in "ZX":
            found[int(entry)] = stat[stat.index("(") + 1:stat.rindex(")")]
    return found


def pids_named(*names):
    return [pid for pid, name in processes().items() if any(name.startswith(wanted[:15]) for wanted in names)]


def host_state():
    """Everything of this host's network a person could have configured."""
    state = {what: run(*what.split()).stdout for what in ("ip -o -d addr show", "ip -4 route show table all", "ip -6 route show table all", "ip rule", "ip -6 rule", "nft list ruleset")}
    state["mounts"] = "".join(sorted(line.split(" ", 3)[3] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines(True)))
    return state


def reachable(path, name):
    """The path, or where it is mounted when a folder above it is closed to ordinary users."""
    if all(parent.stat().st_mode & 0o001 for parent in path.parents):
        return path
    target = pathlib.Path("/run") / name
    target.mkdir(exist_ok=True)
    run("mount", "--bind", path, target)
    return target


def as_nobody(*command):
    """The command as an ordinary user without any capability."""
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", *command]


class Test:
    """Collects what is wrong, and asserts at its end that nothing is left behind."""

    def __init__(self):
        self.troubles = []
        build = reachable(pathlib.Path(sys.argv[1]).resolve(), "build")
        share = reachable(pathlib.Path(__file__).resolve().parents[2], "share")
        self.program = build / "bin" / "cambench"
        self.image = pathlib.Path(os.environ.get("CAMBENCH_CAMERA_IMAGE") or build / "fixtures/camera/image")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="whole-program-"))
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.folder.chmod(0o755)
        self.temporary.chmod(0o777)
        os.environ["HOME"] = str(self.folder)  # nobody's preferences
        self.environment = dict(os.environ, TMPDIR=str(self.temporary), CAMBENCH_CAMERA_IMAGE=str(self.image), CAMBENCH_SHARE=str(share))
        self.children = []
        self.own = set()  # processes of the test that outlive the runs
        self.began = time.monotonic()

    def __enter__(self):
        self.before = host_state()
        return self

    def expect(self, condition, text):
        if not condition:
            self.troubles.append(text)
            print(f"FAILED: {text}", flush=True)
        return condition

    def say(self, text):
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def need_image(self):
        if not (self.image / "image.json").exists():
            print(f"SKIP: no camera image in {self.image}")
            sys.exit(77)

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def bench(self, interface, console='<console driver="none"/>', power='<power driver="none"/>', more=""):
        """A bench file of one slot whose network is a host interface."""
        return self.write(f"bench-{interface}.xml", f'<bench name="test"><slot name="s1">{power}{console}<network interface="{interface}"{more}/></slot></bench>\n')

    def start(self, *arguments, log="output", environment=None, **more):
        """cambench in the background, standard error (and output) in a file of the test's folder."""
        with open(self.folder / log, "w") as output:
            child = subprocess.Popen([str(part) for part in (self.program, *arguments)], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                     env={**self.environment, **(environment or {})}, start_new_session=True, **more)
        self.children.append(child)
        return child

    def call(self, *arguments, wrapper=lambda *command: command, environment=None, **more):
        """cambench to its end; `wrapper` makes another command of its command."""
        return run(*wrapper(self.program, *arguments), check=False, env={**self.environment, **(environment or {})}, **more)

    def output(self, log="output"):
        return (self.folder / log).read_text(errors="replace")

    def end(self, child, seconds=60):
        """Its exit code; the test goes on with a trouble when it does not end."""
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.expect(False, f"{child.args[:3]} did not end in {seconds} s")
            child.kill()
            return child.wait()

    def settle(self, interface):
        """What the host is now is what it shall be again, once the kernel has given the interface its own address."""
        def settled():
            shown = run("ip", "-6", "addr", "show", "dev", interface).stdout
            return "fe80::" in shown and "tentative" not in shown
        wait_for(settled, f"the link-local address of {interface}")
        self.before = host_state()

    def expect_clean(self, where="at the end"):
        """No process besides the test's own, no change of the host, no directory left."""
        own = {os.getpid(), *self.own, *(camera.holder.pid for camera in Camera.alive)}
        gone = lambda: not [name for pid, name in processes().items() if pid not in own]
        try:
            wait_for(gone, "processes to end", 2)
        except TimeoutError:
            self.expect(False, f"{where}: processes are left: {[name for pid, name in processes().items() if pid not in own]}")
        after = host_state()
        for what in self.before:
            # An interface that comes home is dressed again by the kernel: its link-local address a moment later.
            try:
                wait_for(lambda: host_state()[what] == self.before[what], what, 3)
            except TimeoutError:
                self.expect(False, f"{where}: '{what}' changed:\n--- before\n{self.before[what]}--- after\n{after[what]}")
        self.expect(not os.path.exists("/run/cambench"), f"{where}: /run/cambench is left")
        left = [str(path) for path in self.temporary.rglob("*")]
        self.expect(not left, f"{where}: left in the temporary directory: {left}")

    def __exit__(self, kind, value, trace):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        if kind is None:
            self.expect_clean()
        for camera in list(Camera.alive):
            camera.close()
        skipped = kind is SystemExit and value.code == 77
        if skipped or (kind is None and not self.troubles):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not skipped:
                self.say("all as expected")
            return
        if kind is not None:
            import traceback
            traceback.print_exception(kind, value, trace)
        print(f"{len(self.troubles)} troubles; what was recorded is in {self.folder}", flush=True)
        for log in self.folder.glob("output*"):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}")
        sys.stdout.flush()
        os._exit(1)


class Camera:
    """A namespace at the far end of a veth whose near end is to be lent to a slot. Addresses and clients are the test's."""
    alive = []

    def __init__(self, interface, addresses=(), router=None, resolver=None, mac="02:4b:52:00:00:01"):
        run("ip", "link", "add", interface, "type", "veth", "peer", "name", f"{interface}-far")
        self.interface = interface
        self.resolver = None
        ready, signal_end = os.pipe()
        self.holder = subprocess.Popen(["sleep", "infinity"], preexec_fn=lambda: self.enter_new(resolver, signal_end))
        os.close(signal_end)
        os.read(ready, 1)
        os.close(ready)
        Camera.alive.append(self)
        run("ip", "link", "set", f"{interface}-far", "netns", self.holder.pid)
        self("ip", "link", "set", f"{interface}-far", "name", "eth0", "address", mac)
        for setting in ("accept_dad=0", "accept_ra=2", "router_solicitation_delay=0", "addr_gen_mode=0"):
            self("sysctl", "-qw", f"net.ipv6.conf.eth0.{setting}")
        self("ip", "link", "set", "lo", "up")
        self("ip", "link", "set", "eth0", "up")
        for address in addresses:
            self("ip", "addr", "add", address, "dev", "eth0")
        if router:
            self("ip", "route", "add", "default", "via", router)

    @staticmethod
    def enter_new(resolver, signal_end):
        """In the child: namespaces of its own, with a resolver of its own or none; never the host's."""
        if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
            os._exit(1)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
        pathlib.Path("/run/resolv.conf").write_text(f"nameserver {resolver}\noptions timeout:3 attempts:2\n" if resolver else "")
        subprocess.run(["mount", "--bind", "/run/resolv.conf", os.path.realpath("/etc/resolv.conf")], check=True)
        os.write(signal_end, b"1")
        libc.prctl(1, signal.SIGKILL)

    def __call__(self, *command, check=True, **more):
        return run("nsenter", "-t", self.holder.pid, "-n", "-m", *command, check=check, **more)

    def await_router(self):
        """Until the slot's router announced itself and an address by it can be used."""
        return wait_for(lambda: "2001:2:0:1:" in self("ip", "-6", "addr", "show", "dev", "eth0", "scope", "global").stdout, "an address by router advertisement")

    def take_lease(self):
        """A DHCP lease as a camera takes it, here as a mark that it has done all it wanted."""
        self(sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import whole_program; whole_program.dhcp('eth0')", pathlib.Path(__file__).parent)

    def close(self):
        self.holder.kill()
        self.holder.wait()
        Camera.alive.remove(self)
        # The pair ends with the far end's namespace, a moment later; or is deleted here.
        run("ip", "link", "delete", self.interface, check=False)


def dhcp(interface, configure=None):
    """Discover and request, so that the bench sees a lease. The address that was given; `configure` gets it before it is taken."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    wire.settimeout(3)
    wire.bind(("", 68))
    mac = fcntl.ioctl(wire, 0x8927, struct.pack("256s", interface.encode()))[18:24]

    def ask(kind, more=b""):
        head = struct.pack("!BBBBIHH16x", 1, 1, 6, 0, 0x12345678, 0, 0x8000) + mac + bytes(10 + 192) + b"\x63\x82\x53\x63"
        for _ in range(5):
            wire.sendto(head + bytes([53, 1, kind]) + more + b"\xff", ("255.255.255.255", 67))
            try:
                return wire.recv(2000)
            except socket.timeout:
                pass
        raise TimeoutError("no answer from DHCP")

    offer = ask(1)
    if configure:
        configure(socket.inet_ntoa(offer[16:20]))
    ask(3, b"\x32\x04" + offer[16:20] + b"\x36\x04" + bytes([192, 168, 77, 1]))
    return socket.inet_ntoa(offer[16:20])


def tshark(file, *fields, where, options=()):
    """Rows of fields of the frames that match."""
    arguments = [part for field in fields for part in ("-e", field)]
    text = run("tshark", "-n", "-r", file, *options, "-Y", where, "-T", "fields", "-E", "occurrence=f", *arguments).stdout
    return [line.split("\t") for line in text.splitlines()]


def timeline(evidence):
    """Its events so far; a line that is not whole is an error."""
    text = (evidence / "timeline.jsonl").read_text()
    assert text.endswith("\n") or text == "", "the last line of the timeline is not whole"
    return [json.loads(line) for line in text.splitlines()]


def has_event(evidence, lane, kind):
    try:
        lines = (evidence / "timeline.jsonl").read_text(errors="replace").splitlines()
    except OSError:
        return False
    return any(f'"kind":"{kind}"' in line and f'"lane":"{lane}"' in line for line in lines)


def verdict(evidence):
    return json.loads((evidence / "verdict.json").read_text())
