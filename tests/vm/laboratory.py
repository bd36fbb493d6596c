"""The virtual laboratory: Debian's kernel in an emulated PC with the host's root read-only, and emulated USB boards it imports.

Everything lives in a network namespace of its own and ends with the program, however that ends.
"""
import ctypes
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

here = pathlib.Path(__file__).resolve().parent
top = here.parents[1]


# A script's line that waits for the guest's device manager. Right after its start it may end the conversation before it has been asked to the end
# ("Failed to wait for daemon to reply: Broken pipe"), so it is asked again.
settle = "for try in {1..20}; do udevadm settle --timeout=30 && break; [ $try -lt 20 ] || exit 1; sleep 0.2; done\n"


class Trouble(Exception):
    """The laboratory itself failed; the message says what."""


def enter_namespace():
    """Starts the program again in a network namespace with nothing but loopback; an ordinary user becomes root in there."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the folder goes, too
    if os.environ.get("LABORATORY_INSIDE") == "yes":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["LABORATORY_INSIDE"] = "yes"
    options = ["--net"] if os.geteuid() == 0 else ["--net", "--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *options, sys.executable, *sys.argv])


def need(*programs):
    """Ends the test as skipped when a program is missing."""
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            print(f"SKIP: {program} is missing; tests/install-packages test")
            sys.exit(77)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def start(command, log):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)


def end(process):
    if process and process.poll() is None:
        process.kill()
    if process:
        process.wait()


def connect(path, seconds, process):
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            return connection
        except OSError as error:
            connection.close()
            if process.poll() is not None or time.monotonic() > deadline:
                raise Trouble(f"{path}: {error}") from error
            time.sleep(0.02)


def await_true(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Trouble(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


class Outcome:
    def __init__(self, code, text):
        self.code, self.text = code, text

    def __repr__(self):
        return f"exit code {self.code}: {self.text.strip()[-2000:]}"


class Job:
    """A script that runs in the guest."""

    def __init__(self, output):
        self.output, self.done, self.code = output, threading.Event(), None

    def text(self):
        return self.output.read_bytes().decode(errors="replace") if self.output.exists() else ""

    def wait(self, seconds):
        if not self.done.wait(seconds):
            raise Trouble(f"the guest did not finish within {seconds} s; it said:\n{self.text()[-3000:]}")
        if self.code is None:
            raise Trouble(f"the guest has ended; it said:\n{self.text()[-3000:]}")
        return Outcome(self.code, self.text())


class Guest:
    """An emulated PC. Its first network card sees the namespace's loopback as 10.0.2.2 and nothing else; `network` is what QEMU is told
    about a second one, with the netdev's id `camera`."""

    def __init__(self, build, folder, network=None, memory=768):
        self.folder = pathlib.Path(folder) / "guest"
        self.folder.mkdir()
        self.jobs, self.number, self.ready = {}, 0, threading.Event()
        kernel = build / "tests/vm/kernel"
        if not (kernel / "complete").exists():
            print(f"SKIP: no kernel in {kernel}; build the target vm_kernel")
            sys.exit(77)
        self.log = open(self.folder / "log", "wb")
        self.process = start(self.command(kernel.resolve(), network, memory), self.log)
        self.port = connect(self.folder / "port", 20, self.process)
        threading.Thread(target=self.listen, daemon=True).start()

    def command(self, kernel, network, memory):
        words = [
            "qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-accel", "tcg,thread=multi,tb-size=256", "-m", str(memory), "-nodefaults", "-no-user-config",
            "-display", "none", "-no-reboot", "-serial", "stdio", "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
            "-kernel", str(kernel / "vmlinux"), "-initrd", str(kernel / "initrd"),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check tsc=reliable "
                       "random.trust_cpu=on cryptomgr.notests "
                       f"lab.agent={here}/guest-agent lab.folder={self.folder} lab.modules={kernel}/modules",
            "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap", "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
            "-fsdev", f"local,id=lab,path={self.folder},security_model=none", "-device", "virtio-9p-pci,fsdev=lab,mount_tag=lab",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=port,path={self.folder}/port,server=on,wait=off",
            "-device", "virtserialport,chardev=port,name=lab",
            "-netdev", "user,id=host,ipv6=off", "-device", "virtio-net-pci,netdev=host,mac=02:00:00:00:00:01,romfile=",
        ]
        if network:
            words += ["-netdev", network, "-device", "virtio-net-pci,netdev=camera,mac=02:00:00:00:00:02,romfile="]
        return words

    def listen(self):
        with self.port.makefile("r") as lines:
            for line in lines:
                words = line.split()
                if words == ["ready"]:
                    self.ready.set()
                elif len(words) == 2 and int(words[0]) in self.jobs:
                    job = self.jobs[int(words[0])]
                    job.code = int(words[1])
                    job.done.set()
        for job in self.jobs.values():
            job.done.set()

    def await_ready(self, seconds=90):
        deadline = time.monotonic() + seconds
        while not self.ready.wait(0.1):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Trouble("the guest does not boot: " + (self.folder / "log").read_text(errors="replace")[-3000:])

    def begin(self, script):
        """Starts a shell script in the guest; several may run at a time."""
        self.await_ready()
        self.number += 1
        (self.folder / f"{self.number}.command").write_text(script)
        job = self.jobs[self.number] = Job(self.folder / f"{self.number}.output")
        self.port.sendall(f"{self.number}\n".encode())
        return job

    def run(self, script, seconds=60):
        return self.begin(script).wait(seconds)

    def must(self, script, seconds=60):
        outcome = self.run(script, seconds)
        if outcome.code != 0:
            raise Trouble(f"in the guest: {script.strip()}: {outcome}")
        return outcome.text

    def monitor(self, order, **arguments):
        """One order to QEMU itself."""
        with connect(self.folder / "qmp", 5, self.process) as connection, connection.makefile("rw") as lines:
            connection.settimeout(20)
            lines.readline()
            for execute, values in (("qmp_capabilities", {}), (order, arguments)):
                lines.write(json.dumps({"execute": execute, "arguments": values}) + "\n")
                lines.flush()
                while True:
                    answer = json.loads(lines.readline())
                    if "event" not in answer:
                        break
            if "error" in answer:
                raise Trouble(f"QEMU: {order}: {answer['error']}")

    def plug_cable(self, plugged):
        """The second network card gets its carrier, or loses it."""
        self.monitor("set_link", name="camera", up=plugged)

    def stop(self):
        end(self.process)
        self.port.close()
        self.log.close()


class AccessPort:
    """The port of a network switch a camera is plugged into: frames go between the camera's and the guest's network card, and with `vlan`
    they carry its IEEE 802.1Q tag on the guest's side. The link is there while the camera has power."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.vlan = None
        self.sockets = {}
        for side in ("guest", "camera"):
            self.sockets[side] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.sockets[side].bind(str(self.folder / f"port-{side}"))
            threading.Thread(target=self.forward, args=(side,), daemon=True).start()

    def network(self, side, name):
        """QEMU's netdev for the one at this side."""
        return (f"dgram,id={name},local.type=unix,local.path={self.folder}/nic-{side},remote.type=unix,remote.path={self.folder}/port-{side}")

    def forward(self, side):
        other = "camera" if side == "guest" else "guest"
        while True:
            try:
                frame = self.sockets[side].recv(65536)
            except OSError:
                return
            frame = self.tagged(frame) if side == "camera" else self.untagged(frame)
            try:
                if frame:
                    self.sockets[other].sendto(frame, str(self.folder / f"nic-{other}"))
            except OSError:
                pass  # nobody is plugged in there

    def tagged(self, frame):
        return frame if self.vlan is None else frame[:12] + b"\x81\x00" + self.vlan.to_bytes(2, "big") + frame[12:]

    def untagged(self, frame):
        if self.vlan is None:
            return frame
        mine = frame[12:14] == b"\x81\x00" and int.from_bytes(frame[14:16], "big") & 0xfff == self.vlan
        return frame[:12] + frame[16:] if mine else None

    def stop(self):
        for one in self.sockets.values():
            one.close()


class Boards:
    """The program usb-boards, and its control socket."""

    def __init__(self, build, folder, boards, loads=()):
        self.folder = pathlib.Path(folder)
        self.answers, self.events, self.listeners = queue.Queue(), [], []
        self.log = open(self.folder / "boards.log", "wb")
        command = [str(build / "bin/usb-boards"), "--listen", "127.0.0.1:3240", "--control", str(self.folder / "control"), "--load-log", str(self.folder / "load.log")]
        for load in loads:
            command += ["--load", load]
        self.process = start(command + list(boards), self.log)
        self.control = connect(self.folder / "control", 20, self.process)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with self.control.makefile("r") as lines:
            for line in lines:
                message = json.loads(line)
                if "event" not in message:
                    self.answers.put(message)
                    continue
                self.events.append(message)
                for listener in self.listeners:
                    listener(message)

    def order(self, action, board="", **more):
        self.control.sendall((json.dumps({"do": action, "board": board, **more}) + "\n").encode())
        answer = self.answers.get(timeout=20)
        if not answer["ok"]:
            raise Trouble(f"usb-boards: {action} {board}: {answer['error']}")
        return answer

    def board(self, bus):
        return next(board for board in self.order("state")["boards"] if board["board"] == bus)

    def closed(self, bus):
        """The channels whose contacts are closed: what really is, whatever the board says."""
        return [number for number, contact in enumerate(self.board(bus)["contacts"], 1) if contact["closed"]]

    def stop(self):
        end(self.process)
        self.control.close()
        self.log.close()


class Checks:
    """Counts what holds and what does not."""

    def __init__(self):
        self.passed = self.failed = 0
        self.began = time.monotonic()

    def that(self, sentence, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok: {sentence} ({time.monotonic() - self.began:.0f} s)", flush=True)
        else:
            self.failed += 1
            print(f"FAILED: {sentence}\n    " + str(detail).strip().replace("\n", "\n    "), flush=True)
        return bool(holds)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1


class Laboratory:
    """The folder, the boards and the guest of one test; `with` ends them all."""

    def __init__(self, build, boards, loads=(), make_port=None):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="laboratory."))
        self.boards = self.guest = self.port = None
        try:
            self.port = make_port(self.folder) if make_port else None
            self.guest = Guest(self.build, self.folder, self.port and self.port.network("guest", "camera"))
            self.boards = Boards(self.build, self.folder, [board.format(folder=self.folder) for board in boards],
                                 [load.format(folder=self.folder) for load in loads])
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in (self.guest, self.boards, self.port):
            if part:
                part.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def attach(self, *buses):
        """Plugs boards into the guest; returns when the device manager has dealt with all of them. usbip refuses while an earlier board is
        still being enumerated (it reads a folder that is not there yet), so it is asked again."""
        self.guest.must("".join(f"for try in {{1..20}}; do usbip attach -r 10.0.2.2 -b {bus} && break; [ $try -lt 20 ] || exit 1; udevadm settle; sleep 0.2; done\n"
                                for bus in buses) + settle, 90)
        await_true(lambda: set(buses) <= set(self.imported()), 60, f"boards {', '.join(buses)} in the guest's USB ports")
        self.guest.must(settle)

    def imported(self):
        """Where the guest sees each board: bus id at the server -> the guest's USB port. The kernel's own table tells: what `usbip port` makes of
        it differs by version, and lacks what is still being enumerated. The server numbers its boards from 2, in order."""
        buses = [board["board"] for board in self.boards.order("state")["boards"]]
        rows = [line.split() for line in self.guest.must("cat /sys/devices/platform/vhci_hcd.0/status").splitlines()]
        used = "006"  # VDEV_ST_USED, drivers/usb/usbip/usbip_common.h: it has its address
        return {buses[(int(row[4], 16) & 0xffff) - 2]: row[6] for row in rows if len(row) == 7 and row[2] == used}

    def detach_all(self):
        """Pulls all plugs: the guest has eight ports."""
        self.guest.must("while read -r _ port state _; do [ $state = sta ] || [ $state = 004 ] || usbip detach -p $((10#$port)); done </sys/devices/platform/vhci_hcd.0/status\n"
                        "until ! grep -lqs . /sys/bus/usb/devices/1-*/idProduct; do sleep 0.1; done\n" + settle)

    def camera_interface(self):
        """The guest's second network card, by the name the device manager gave it: it would give that name again when a sandbox returns it."""
        return self.guest.must("grep -lx 02:00:00:00:00:02 /sys/class/net/*/address").split("/")[4]

    def start_usb(self):
        """The guest's device manager and the host controller."""
        self.guest.must("mkdir -p /run/udev && /lib/systemd/systemd-udevd --daemon && modprobe -a vhci-hcd usbhid hid-generic tun && "
                        "udevadm trigger --action=add --subsystem-match=net || exit 1\n" + settle)


def bench_file(slots):
    """The text of a bench file: slot name -> (<power/>, <console/>, network interface)."""
    lines = [f'  <slot name="{name}">{power}{console}<network interface="{interface}"/></slot>\n' for name, (power, console, interface) in slots.items()]
    return '<bench name="laboratory">\n' + "".join(lines) + "</bench>\n"
