"""The emulated boards are faithful: Linux's own drivers and other people's programs use them, in a guest with a real USB stack.
"""
import hashlib
import random
import socket
import threading

boards = ["dcttech-relay,channels=4,serial=QWERT", "lcus-relay,channels=2", "numato-relay,channels=4", "ft232r-uart,uart={folder}/uart,baud=921600",
          "icstation-relay,channels=4", "ft245r-relay", "ykush", "lcus-hid-relay,channels=2", "switching-hub,channels=4"]
dcttech, lcus, numato, uart, icstation, ft245r, ykush, lcus_hid, hub = (f"1-{number}" for number in range(1, len(boards) + 1))
programs = ["usbrelay", "ykushcmd", "uhubctl"]

serial_program = """
import serial, sys
def talk(port, rate, *lines, wait=1):
    with serial.Serial(port, rate, timeout=wait) as line:
        answers = []
        for sent, expected in lines:
            line.write(sent)
            answers.append(line.read_until(expected) if expected else b"")
        line.flush()
        return answers
"""

hid_program = """
import fcntl, glob, os, sys
def node(identity):
    for path in glob.glob("/sys/class/hidraw/*"):
        if identity in open(path + "/device/uevent").read().upper():
            return "/dev/" + os.path.basename(path)
    sys.exit("no hidraw of " + identity)
def feature(code, report):
    descriptor = os.open(node("16C0:000005DF"), os.O_RDWR)
    buffer = bytearray(report)
    fcntl.ioctl(descriptor, 0xC0004800 | code | len(buffer) << 16, buffer)
    return buffer
def write(identity, report):
    os.write(os.open(node(identity), os.O_RDWR), report)
"""


def python(program, script):
    return f"/usr/bin/python3 - <<'END'\n{program}\n{script}\nEND\n"


def bound_drivers(lab):
    """"VENDOR:PRODUCT:NAME DRIVER", a line for each first interface. The shell reads by itself: a process takes long in the guest."""
    return lab.guest.must("cd /sys/bus/usb/devices; for port in 1-*:1.0; do [ -e $port/driver ] || continue; board=${port%:*}; name=; "
                          "read -r vendor <$board/idVendor; read -r product <$board/idProduct; [ -e $board/product ] && read -r name <$board/product; "
                          "echo -n $vendor:$product:$name ''; readlink $port/driver; done | sed 's# [^ ]*/# #'")


def check_hid(lab, checks):
    guest = lab.guest
    said = guest.run("usbrelay 2>/dev/null")
    checks.that("usbrelay lists the dcttech board by its serial number and channels", said.text.split() == [f"QWERT_{n}=0" for n in range(1, 5)], said)
    said = guest.run("usbrelay QWERT_3=1 QWERT_1=1 2>/dev/null; usbrelay 2>/dev/null")
    checks.that("usbrelay switches it, and reads back what it switched", lab.boards.closed(dcttech) == [1, 3] and "QWERT_3=1" in said.text and "QWERT_2=0" in said.text, said)
    said = guest.run(python(hid_program, "feature(6, bytes([0, 0xFD, 3]) + bytes(6)); report = feature(7, bytes(9)); print(report[1:6].decode(), report[8])"))
    checks.that("the kernel's hidraw sets and gets its feature reports", said.text.split() == ["QWERT", "1"] and lab.boards.closed(dcttech) == [1], said)
    guest.must(python(hid_program, 'write("00005131:00002007", bytes([0, 0xA0, 2, 1, 0xA3]) + bytes(4))'))
    checks.that("the kernel's hidraw switches the LCUS HID board", lab.boards.closed(lcus_hid) == [2], lab.boards.board(lcus_hid))
    guest.must(python(hid_program, 'write("00005131:00002007", bytes([0, 0xA0, 2, 0, 0xA3]) + bytes(4))'))
    checks.that("a wrong checksum switches nothing", lab.boards.closed(lcus_hid) == [2], lab.boards.board(lcus_hid))


def check_ykush(lab, checks):
    said = lab.guest.run("ykushcmd -l; ykushcmd -d 2; ykushcmd -g 2; ykushcmd -g 1")
    checks.that("ykushcmd finds the YKUSH by its serial number", "YK21001" in said.text, said)
    checks.that("ykushcmd switches a port off and reads back both", lab.boards.closed(ykush) == [1, 3] and "port 2 is OFF" in said.text and "port 1 is ON" in said.text, said)
    lab.guest.run("ykushcmd -d a")
    checks.that("ykushcmd switches all ports off", lab.boards.closed(ykush) == [], lab.boards.board(ykush))


def check_serial(lab, checks):
    guest = lab.guest
    drivers = bound_drivers(lab)
    for identity, driver in (("1a86:7523:USB Serial", "ch341"), ("067b:2303:USB-Serial Controller", "pl2303"), ("0403:6001:FT232R USB UART", "ftdi_sio"),
                             ("0403:6001:FT245R USB FIFO", "ftdi_sio"), ("2a19:0c05:Numato Lab 4 Channel USB Relay Module", "cdc_acm")):
        checks.that(f"the kernel binds {driver} to {identity}", f"{identity} {driver}" in drivers, drivers)
    by_id = guest.must("ls /dev/serial/by-id")
    names = {word: f"/dev/serial/by-id/{line}" for line in by_id.split() for word in ("1a86", "Prolific", "A50285BI", "Numato") if word in line}
    if not checks.that("udev names the ports", len(names) == 4, by_id):
        return
    guest.must(python(serial_program, f"talk({names['1a86']!r}, 9600, (bytes([0xA0, 2, 1, 0xA3]), b''))"))
    checks.that("the LCUS board switches through ch341 at 9600 baud", lab.boards.closed(lcus) == [2], lab.boards.board(lcus))
    guest.must(python(serial_program, f"talk({names['1a86']!r}, 115200, (bytes([0xA0, 2, 0, 0xA2]), b''))"))
    checks.that("and not at 115200 baud", lab.boards.closed(lcus) == [2], lab.boards.board(lcus))
    said = guest.run(python(serial_program, f"print(talk({names['Numato']!r}, 115200, (b'\\r', b'>'), (b'relay on 2\\r', b'>'), (b'relay read 2\\r', b'>'), (b'relay readall\\r', b'>')))"))
    checks.that("the Numato board answers on its command line through cdc_acm", lab.boards.closed(numato) == [3] and r"b'relay read 2\n\ron\n\r>'" in said.text
                and r"b'relay readall\n\r4\n\r>'" in said.text, said)
    said = guest.run(python(serial_program, f"print(talk({names['Prolific']!r}, 9600, (b'P', b'\\xab'), (b'Q', b''), (bytes([0xFA]), b'')))"))
    checks.that("the ICStation board names its model and switches through pl2303", lab.boards.closed(icstation) == [1, 3] and r"b'\xab'" in said.text, said)
    check_uart(lab, checks, names["A50285BI"])


def check_uart(lab, checks, port):
    """A boot log's worth at full speed; every byte is looked at."""
    log = random.Random(7).randbytes(400_000)
    wire = socket.socket(socket.AF_UNIX)
    wire.connect(str(lab.folder / "uart"))
    job = lab.guest.begin(python(serial_program, f"""
import hashlib
with serial.Serial({port!r}, 921600, timeout=20) as line:
    line.write(b"go")
    data = line.read({len(log)})
    print(len(data), hashlib.sha256(data).hexdigest())
"""))
    checks.that("what the guest writes comes out of the adapter's wire", wire.recv(2, socket.MSG_WAITALL) == b"go")
    threading.Thread(target=wire.sendall, args=(log,), daemon=True).start()
    said = job.wait(60)
    checks.that("400 kB pass the FTDI adapter at 921600 baud without a lost byte", said.text.split() == [str(len(log)), hashlib.sha256(log).hexdigest()], said)
    job = lab.guest.begin(python(serial_program, f"""
with serial.Serial({port!r}, 57600, timeout=5) as line:
    line.write(b"go")
    print(line.read(20) == b"U-Boot 2023.01 boots")
"""))
    wire.recv(2, socket.MSG_WAITALL)
    wire.sendall(b"U-Boot 2023.01 boots" * 4)
    checks.that("at a wrong rate it hears garbage", job.wait(60).text.split() == ["False"])
    wire.close()


def check_ft245r(lab, checks):
    said = lab.guest.run("/usr/bin/python3 - <<'END'\n"
                         "import usb.core\n"
                         "board = usb.core.find(idVendor=0x0403, idProduct=0x6001, custom_match=lambda d: d.product == 'FT245R USB FIFO')\n"
                         "board.detach_kernel_driver(0)\n"
                         "board.ctrl_transfer(0x40, 0x0B, 0x01FF, 1)\n"
                         "board.write(2, bytes([0x81]))\n"
                         "print(list(board.ctrl_transfer(0xC0, 0x0C, 0, 1, 1)))\n"
                         "END\n")
    checks.that("libusb drives the FT245R's pins and reads them", lab.boards.closed(ft245r) == [1, 8] and said.text.split() == ["[129]"], said)


def check_faults(lab, checks):
    guest, table = lab.guest, lab.boards
    guest.must("usbrelay QWERT_1=0 QWERT_2=0 2>/dev/null")
    table.order("stick", dcttech, channel=2, **{"as": "closed"})
    said = guest.run("usbrelay QWERT_2=0 2>/dev/null; usbrelay 2>/dev/null")
    checks.that("a welded contact stays closed, and the board does not know", table.closed(dcttech) == [2] and "QWERT_2=0" in said.text, said)
    table.order("mend", dcttech)
    table.order("ignore", dcttech)
    said = guest.run("usbrelay QWERT_4=1 2>/dev/null; usbrelay 2>/dev/null")
    checks.that("a board that ignores its orders says so by its read-back", table.closed(dcttech) == [] and "QWERT_4=0" in said.text, said)
    table.order("mend", dcttech)
    table.order("stall", dcttech)
    said = guest.run(python(hid_program, "feature(7, bytes(9))"))
    checks.that("a stalled board's reports fail with a broken pipe", said.code != 0 and "Broken pipe" in said.text, said)
    table.order("mend", dcttech)
    guest.must("usbrelay QWERT_1=1 2>/dev/null")
    table.order("unplug", dcttech)
    guest.must("until ! grep -qs USBRelay4 /sys/bus/usb/devices/*/product; do sleep 0.1; done")
    checks.that("an unplugged board vanishes and its contacts open", table.closed(dcttech) == [], table.board(dcttech))
    checks.that("and cannot be attached", guest.run(f"usbip attach -r 10.0.2.2 -b {dcttech}").code != 0)
    table.order("replug", dcttech)
    table.order("serial", dcttech, serial="WRONG")
    lab.attach(dcttech)
    said = guest.run("for i in $(seq 50); do usbrelay 2>/dev/null | grep _1= && break; sleep 0.2; done")
    checks.that("plugged in again it has the serial number it was given", "WRONG_1=0" in said.text and "QWERT" not in said.text, said)


def check_hub(lab, checks):
    """The kernel knows eight ports only; the YKUSH makes room."""
    lab.boards.order("unplug", ykush)
    lab.guest.must("until ! grep -qs YKUSH /sys/bus/usb/devices/*/product; do sleep 0.1; done")
    lab.attach(hub)
    place = lab.guest.must("until grep -lxs 2514 /sys/bus/usb/devices/1-*/idProduct; do sleep 0.1; done").strip().split("/")[-2]
    said = lab.guest.run(f"until [ -e /sys/bus/usb/devices/{place}:1.0/driver ]; do sleep 0.1; done; uhubctl -l {place} -p 3 -a off")
    checks.that("the kernel's hub driver and uhubctl accept the hub and switch one port", "ppps" in said.text and lab.boards.closed(hub) == [1, 2, 4], said)
    lab.guest.run(f"uhubctl -l {place} -p 3 -a on")
    checks.that("and switch it on again", lab.boards.closed(hub) == [1, 2, 3, 4], lab.boards.board(hub))


def check(lab, checks):
    lab.attach(dcttech, lcus, numato, uart, icstation, ft245r, ykush, lcus_hid)
    for part in (check_hid, check_ykush, check_serial, check_ft245r, check_faults, check_hub):
        part(lab, checks)
    said = lab.guest.must("dmesg")
    checks.that("the kernel did not complain about a board", not any(word in said for word in ("descriptor read", "device not accepting", "WARNING:", "BUG:", "can't")), said[-3000:])
