"""A unit for the rig's faults, in a namespace at the far end of a slot's wire: as long as its power file says "on" it boots on its
console, then asks for a name and its page, again and again. Orders come on standard input, one a line.

    rig_unit.py POWER_FILE CONSOLE_SOCKET
"""
import os
import select
import socket
import struct
import subprocess
import sys
import time

ROUTER = "192.168.77.1"
BOOT = ["U-Boot 2016.11 (Jan 01 2021 - 10:00:00)", "[    0.000000] Booting Linux on physical CPU 0x0", "[    0.312000] eth0: link up", "starting pid 60, tty '': '/etc/init.d/rcS'", "cam login: "]
PANIC = ["[   42.100000] Kernel panic - not syncing: Attempted to kill init!", "[   42.200000] Rebooting in 1 seconds.."]


class Unit:
    def __init__(self, power, console):
        self.power, self.path = power, console
        self.line, self.server = None, socket.socket(socket.AF_UNIX)
        self.server.bind(console)
        self.server.listen()
        self.on = self.frozen = False
        self.period, self.next = 0.5, 0.0
        self.link_after, self.link_due = None, None  # seconds from power-on to the link; None: it is always up

    def say(self, *lines):
        for line in lines:
            try:
                if self.line:
                    self.line.sendall(line.encode("latin-1") + b"\r\n")
            except OSError:
                self.line = None

    def obey(self, order):
        word, _, rest = order.partition(" ")
        if word == "freeze":
            self.frozen = True
        elif word == "thaw":
            self.frozen = False
        elif word == "panic":
            self.say(*PANIC)
        elif word == "boot":
            self.say(*BOOT)
        elif word == "loop":
            for _ in range(3):
                self.say(*PANIC, *BOOT)
        elif word == "noise":
            self.say(os.urandom(3000).decode("latin-1"))
        elif word == "period":
            self.period = float(rest)
        elif word == "link-after":
            self.link_after = float(rest)
            self.set_link("down")
        elif word == "unplug-console":
            if self.line:
                self.line.close()
            self.line = None
            self.server.close()
            os.unlink(self.path)

    def set_link(self, state):
        subprocess.run(["ip", "link", "set", "eth0", state], check=True)
        if state == "up":
            subprocess.run(["ip", "route", "replace", "default", "via", ROUTER], check=True)

    def switched(self, on):
        """The link goes with the power, as that of a camera does."""
        if on:
            self.say(*BOOT)
        if self.link_after is None:
            return
        self.link_due = time.monotonic() + self.link_after if on else None
        if not on:
            self.set_link("down")

    def live(self):
        """A line on the console, a name, then the page of whoever has it."""
        self.say(f"[{time.monotonic() % 1000 + 1:12.6f}] stat: all is well")
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.settimeout(0.5)
                name = b"".join(bytes([len(part)]) + part for part in (b"cloud", b"rig", b"example"))
                asker.sendto(struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + name + b"\0\0\1\0\1", (ROUTER, 53))
                answer = asker.recv(1000)
            with socket.create_connection((socket.inet_ntoa(answer[-4:]), 80), timeout=0.5) as page:
                # What has lost its power does not send a page's request again.
                page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                page.sendall(b"GET /status HTTP/1.1\r\nHost: cloud.rig.example\r\nConnection: close\r\n\r\n")
                page.recv(1000)
        except OSError:
            pass

    def run(self):
        while True:
            waiting = [sys.stdin] + ([self.server] if self.server.fileno() >= 0 else [])
            ready = select.select(waiting, [], [], 0.1)[0]
            if self.server in ready:
                self.line = self.server.accept()[0]
            if sys.stdin in ready:
                order = sys.stdin.readline()
                if not order:
                    return
                self.obey(order.strip())
            with open(self.power) as file:
                on = file.read().strip() == "on"
            if on != self.on:
                self.switched(on)
            self.on = on
            if self.link_due and time.monotonic() >= self.link_due:
                self.link_due = self.set_link("up")
            if on and not self.link_due and not self.frozen and time.monotonic() >= self.next:
                self.next = time.monotonic() + self.period
                self.live()


Unit(sys.argv[1], sys.argv[2]).run()
