"""cambench's own drivers, unchanged, on a real USB stack: every board switches and reads back, and every fault of a board is an error that
names it, and soon.
"""
import json
import re
import time

from laboratory import bench_file

kinds = ["dcttech-relay,channels=2,serial=TWINS", "dcttech-relay,channels=2,serial=TWINS", "lcus-relay,channels=2", "numato-relay,channels=4",
         "icstation-relay,channels=4", "ft245r-relay", "ykush", "lcus-hid-relay,channels=2", "switching-hub,channels=4"]
boards = [f"{kind},bus=2-{number}" for number, kind in enumerate(kinds, 1)]
dcttech, twin, lcus, numato, icstation, ft245r, ykush, lcus_hid, hub = (f"2-{number}" for number in range(1, len(boards) + 1))
programs = []
cycles = 1000
most_seconds = 20  # until the error, which the drivers promise within 10: the guest's processor is emulated, and may have to share

# Slot: board, channel as the board counts (from 1), whether it can be read back, the <power> of the bench file. {port} is the guest's USB port or tty.
slots = {
    "dcttech": (dcttech, 2, True, 'driver="dcttech-relay" serial="TWINS" port="{port}" channel="2"'),
    "twin": (twin, 1, True, 'driver="dcttech-relay" serial="TWINS" port="{port}" channel="1"'),
    "lcus": (lcus, 1, False, 'driver="lcus-relay" port="{port}" channel="1"'),
    "numato": (numato, 3, True, 'driver="numato-relay" port="{port}" channel="2" relays="4"'),
    "icstation": (icstation, 2, False, 'driver="icstation-relay" port="{port}" channel="2"'),
    "ft245r": (ft245r, 8, True, 'driver="ft245r-relay" serial="DAE001VE" channel="8"'),
    "ykush": (ykush, 3, True, 'driver="ykush" serial="YK21001" channel="3"'),
    "lcus-hid": (lcus_hid, 2, False, 'driver="lcus-relay" channel="2"'),
    "hub": (hub, 2, True, 'driver="usb-hub" port="{port}" channel="2"'),
}
# What a board's fault must lead to: an error. A board that cannot be read back hides what does not reach its USB plug.
faults = {
    "dcttech": ("ignore", "stall", "hang", "unplug"), "lcus": ("hang", "unplug"), "numato": ("ignore", "stall", "hang", "unplug"), "icstation": ("unplug",),
    "ft245r": ("ignore", "stall", "hang", "unplug"), "ykush": ("ignore", "hang", "unplug"), "lcus-hid": ("stall", "hang", "unplug"), "hub": ("ignore", "unplug"),
}


def serial_ports(lab):
    """USB port -> the tty that hangs there."""
    said = lab.guest.must("for tty in /sys/class/tty/tty[UA][SC]*; do echo $(realpath -q $tty/device) ${tty##*/}; done")
    return {port[-1]: "/dev/" + line.split()[-1] for line in said.splitlines() if (port := re.findall(r"/(1-[0-9]+)/", line))}


class Bench:
    """A bench file with a slot for each board, and cambench on it in the guest."""

    def __init__(self, lab, checks):
        self.lab, self.checks, self.at, self.places = lab, checks, {}, {}
        self.file = lab.folder / "guest/bench.xml"

    def write(self, names):
        lines = {name: slots[name][3].format(port=self.at[slots[name][0]]) for name in names}
        self.file.write_text(bench_file({name: (f'<power {line} settle="0ms"/>', '<console driver="none"/>', f"none{number}")
                                         for number, (name, line) in enumerate(lines.items())}))

    def power(self, slot, action, seconds=60):
        return self.lab.guest.run(f"{self.lab.build}/bin/cambench power {slot} {action} --bench {self.file} --json", seconds)

    def closed(self, slot):
        return slots[slot][1] in self.lab.boards.closed(slots[slot][0])

    def check_switching(self, slot):
        board, channel, reads_back, _ = slots[slot]
        others = set(self.lab.boards.closed(board)) - {channel}
        for action in ("on", "off", "on"):
            said = self.power(slot, action)
            right = said.code == 0 and self.closed(slot) == (action == "on") and set(self.lab.boards.closed(board)) - {channel} == others
            told = json.loads(said.text).get("read_back") if said.code == 0 else ""
            right = right and told == (action if reads_back else None)
            if not right:
                break
        self.checks.that(f"{slot}: on, off and on again, no other channel moves, and the read-back is {'right' if reads_back else 'not made up'}", right,
                         f"{action}: {said}; {self.lab.boards.board(board)}")
        said = self.power(slot, "state")
        self.checks.that(f"{slot}: the state is {'read' if reads_back else 'unknown'} without a command",
                         said.code == 0 and json.loads(said.text)["read_back"] == ("on" if reads_back else None) and self.closed(slot), said)

    def check_fault(self, slot, fault):
        board, channel, _, line = slots[slot]
        self.power(slot, "on")
        self.lab.boards.order(fault, board)
        if fault == "unplug":
            self.lab.guest.must(f"until [ ! -e /sys/bus/usb/devices/{self.places[board]} ]; do sleep 0.1; done")
        began = time.monotonic()
        said = self.power(slot, "off", 90)
        number = line.split('channel="')[1].split('"')[0]
        name = line.split('driver="')[1].split('"')[0]
        seconds = time.monotonic() - began
        self.checks.that(f"{slot}: {fault} is an error of the bench that names board and channel, after {seconds:.0f} s",
                         said.code == 3 and name in said.text and f"channel {number}" in said.text and seconds < most_seconds, said)
        self.lab.boards.order("mend", board)
        if fault == "unplug":
            self.lab.boards.order("replug", board)
        elif fault == "hang":
            # What hung may have upset the kernel's own dialogue with it; a lab would pull the plug.
            self.replug(board)

    def replug(self, board):
        self.lab.boards.order("unplug", board)
        self.lab.guest.must(f"until [ ! -e /sys/bus/usb/devices/{self.places[board]} ]; do sleep 0.1; done")
        self.lab.boards.order("replug", board)
        self.attach(board)

    def attach(self, *buses):
        """Attaches boards and learns where they are; the bench file follows."""
        self.lab.attach(*buses)
        self.places = self.lab.imported()
        ttys = serial_ports(self.lab)
        self.at = {bus: ttys.get(port, port) for bus, port in self.places.items()}
        self.write([name for name in slots if slots[name][0] in self.at])


def check_listing(bench):
    said = bench.lab.guest.run(f"{bench.lab.build}/bin/cambench devices --json")
    listed = json.loads(said.text)["power"] if said.code == 0 else []
    found = {(board["driver"], board["serial"], board["port"]) for board in listed}
    wanted = {("dcttech-relay", "TWINS", bench.places[dcttech]), ("dcttech-relay", "TWINS", bench.places[twin]), ("ykush", "YK21001", bench.places[ykush]),
              ("ft245r-relay", "DAE001VE", bench.places[ft245r])}
    bench.checks.that("devices lists the boards with their serial numbers and ports", wanted <= found, said)


def check_cycles(bench):
    before = len(bench.lab.boards.events)
    bench.power("dcttech", "off")
    said = bench.lab.guest.run(f"{bench.lab.build}/bin/driver_try cycles {bench.file} dcttech {cycles}", 240)
    moves = sum(event["event"] == "contact" and event["board"] == dcttech for event in bench.lab.boards.events[before:])
    result = json.loads(said.text) if said.code == 0 else {"misses": None}
    bench.checks.that(f"{cycles} cycles with read-back without a miss, and the contact moved every time", result["misses"] == 0 and moves in (2 * cycles, 2 * cycles + 1), f"{said}; {moves} moves")
    print(f"    {said.text.strip()}")


def check_wrong_serial(bench):
    bench.lab.boards.order("serial", ykush, serial="YK99999")
    bench.replug(ykush)
    said = bench.power("ykush", "off")
    bench.checks.that("a board with another serial number is not switched", said.code == 3 and "YK21001" in said.text and bench.closed("ykush"), said)


def check(lab, checks):
    bench = Bench(lab, checks)
    bench.attach(dcttech, twin, lcus, numato, icstation, ft245r, ykush, lcus_hid)
    first = [name for name in slots if name != "hub"]
    check_listing(bench)
    for slot in first:
        bench.check_switching(slot)
    check_cycles(bench)
    for slot in first:
        for fault in faults.get(slot, ()):
            bench.check_fault(slot, fault)
            if fault == "unplug" and slot == "ykush":
                bench.attach(ykush)
    check_wrong_serial(bench)
    bench.attach(hub)
    bench.check_switching("hub")
    for fault in faults["hub"]:
        bench.check_fault("hub", fault)
