"""The whole bench on hardware drivers: in the guest, `cambench run` switches a USB relay through libusb and listens to a USB serial adapter; the
relay outside gives an emulated camera its power, whose UART is the adapter's wire and whose network card is the guest's second one.
"""
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from laboratory import Trouble, await_true, bench_file, settle, top

relay, adapter = "3-1", "3-2"
channel = 2
boards = [f"dcttech-relay,channels=2,serial=BITFT,bus={relay}", f"ft232r-uart,serial=A50285BI,baud=921600,bus={adapter},uart={{folder}}/camera-uart"]
loads = [f"{relay}:{channel}=/bin/sh {{folder}}/camera"]
programs = ["qemu-system-aarch64", "qemu-img", "nft"]
power = f'<power driver="dcttech-relay" serial="BITFT" channel="{channel}" settle="500ms"/>'
console = '<console driver="serial" port="/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0" baud="921600"/>'
no_console = '<console driver="none"/>'
scenario = """<scenario id="short" title="Boots, and contacts what it declared">
  <why>The shortest run that uses every wire of a slot.</why>
  <steps>
    <power-on/>
    <await-boot within="150s"/>
    <await-lease within="90s"/>
    <observe for="8s"/>
  </steps>
  <checks>
    <only-declared-destinations/>
    <no-literal-addresses/>
  </checks>
</scenario>
"""

# The power goes while the kernel still talks: what is silent anyway would not show that it runs on.
cut_short = """<scenario id="cut-short" title="Loses its power while it boots">
  <why>A relay that does not open shows itself by a camera that goes on booting.</why>
  <steps>
    <power-on/>
    <await-console match="Linux version" within="150s"/>
    <power-off/>
    <observe for="3s"/>
  </steps>
  <checks> <only-declared-destinations/> </checks>
</scenario>
"""

# Nothing is heard of the unit when its power goes: only its link shows whether it went.
silent_off = """<scenario id="silent-off" title="Loses its power while it says nothing">
  <why>A welded contact under a silent camera.</why>
  <steps>
    <power-on/>
    <await-lease within="200s"/>
    <power-off/>
    <observe for="1s"/>
  </steps>
  <checks> <only-declared-destinations/> </checks>
</scenario>
"""


class Camera:
    """The unit behind the relay; `command` is what the relay starts."""

    def __init__(self, build, folder, port):
        self.build, self.folder, self.port = build, folder, port
        image = pathlib.Path(os.environ.get("CAMBENCH_CAMERA_IMAGE") or build / "fixtures/camera/image").resolve()
        if not (image / "image.json").exists():
            print(f"SKIP: no emulated camera in {image}")
            sys.exit(77)
        self.image, self.bootloader = image, json.loads((image / "image.json").read_text())["bootloader"]

    def become(self, persona):
        """A new unit of this kind is put into the slot."""
        for name in ("flash", "uboot-env"):
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.image / f"{name}.img", self.folder / f"{name}.qcow2"], check=True)
        mac = subprocess.run([self.build / "bin/write-factory-data", top / f"fixtures/camera/personas/{persona}.xml", self.folder / "factory.img"],
                             check=True, capture_output=True, text=True).stdout.strip()
        # What drivers/power/boards/emulated.cpp starts, with other wires.
        words = ["qemu-system-aarch64 -M virt -cpu cortex-a53 -m 128 -accel tcg,thread=single,tb-size=32 -nodefaults -display none -monitor none",
                 f"-no-user-config -action shutdown=pause -bios {self.bootloader} -drive if=pflash,unit=1,format=qcow2,file={self.folder}/uboot-env.qcow2",
                 f"-drive if=none,id=factory,format=raw,readonly=on,file={self.folder}/factory.img -device virtio-blk-device,drive=factory,serial=factory",
                 f"-drive if=none,id=flash,format=qcow2,cache=writeback,file={self.folder}/flash.qcow2 -device virtio-blk-device,drive=flash,serial=flash",
                 f"-chardev socket,id=uart,path={self.folder}/camera-uart -serial chardev:uart",
                 f"-netdev {self.port.network('camera', 'wire')} -device virtio-net-device,netdev=wire,mac={mac}"]
        (self.folder / "camera").write_text("exec " + " ".join(words) + "\n")


class Chain:
    def __init__(self, lab, camera, port, checks):
        self.lab, self.camera, self.port, self.checks = lab, camera, port, checks
        self.count, self.interface = 0, lab.camera_interface()
        (lab.folder / "guest/short.xml").write_text(scenario)
        (lab.folder / "guest/cut-short.xml").write_text(cut_short)
        (lab.folder / "guest/silent-off.xml").write_text(silent_off)
        self.link_follows_power()

    def link_follows_power(self):
        """The guest's network card loses its carrier with the camera's power, as with a cable between the two."""
        self.lab.guest.plug_cable(False)

        def moved(event):
            if event["event"] == "contact" and event["board"] == relay and event["channel"] == channel:
                threading.Thread(target=self.lab.guest.plug_cable, args=(event["closed"],), daemon=True).start()
        self.lab.boards.listeners.append(moved)

    def begin(self, persona, interface=None, file="short", listen=console):
        self.camera.become(persona)
        self.count += 1
        (self.lab.folder / "guest/bench.xml").write_text(bench_file({"a1": (power, listen, interface or self.interface)}))
        out = f"/run/evidence-{self.count}"
        return self.lab.guest.begin(f"cd {top}; {self.lab.build}/bin/cambench run {self.lab.folder}/guest/{file}.xml --bench {self.lab.folder}/guest/bench.xml --slot a1 "
                                    f"--declaration haneul-hv-2100 --out {out} --json; code=$?; "
                                    f"cat $(find {out} -name console.log) | grep -m 1 'Linux version'; exit $code")

    def powered(self):
        return channel in self.lab.boards.closed(relay)

    def await_power(self, job):
        await_true(lambda: self.powered() or job.done.is_set(), 120, "the relay closes")
        if not self.powered():
            raise Trouble(f"the run ended before the relay closed: {job.wait(1)}")

    def check_run(self, sentence, persona, code, *words, interface=None):
        said = self.begin(persona, interface).wait(280)
        self.checks.that(sentence, said.code == code and all(word in said.text for word in words), said)
        self.checks.that("and the camera is off afterwards", not self.powered() and self.lab.boards.board(relay)["contacts"][channel - 1]["process"] == 0)

    def check_clock(self):
        """Hosts set their clocks while runs go on: nothing of a run hangs on the time of day."""
        job = self.begin("honest")
        self.await_power(job)
        for change in ("+1 hour", "-3 hours"):
            time.sleep(6)
            self.lab.guest.must(f"date -s '{change}'")
        said = job.wait(280)
        self.checks.that("an honest camera passes while the host's clock is set forward and back", said.code == 0 and '"PASS"' in said.text, said)

    def check_welded(self, sentence, file, sign, listen=console):
        job = self.begin("honest", file=file, listen=listen)
        self.await_power(job)
        self.lab.boards.order("stick", relay, channel=channel, **{"as": "closed"})
        said = job.wait(280)
        self.checks.that(f"{sentence} is an error that names board and channel",
                         said.code == 3 and sign in said.text and "BITFT" in said.text and f"channel {channel}" in said.text, said)
        self.lab.boards.order("mend", relay)

    def check_unplugged(self):
        job = self.begin("honest")
        self.await_power(job)
        self.lab.boards.order("unplug", relay)
        said = job.wait(280)
        self.checks.that("a board that vanishes during a run is an error that names it", said.code == 3 and "dcttech-relay" in said.text and f"channel {channel}" in said.text, said)
        self.lab.boards.order("replug", relay)


def check(lab, checks):
    port = lab.port
    camera = Camera(lab.build, lab.folder, port)
    lab.attach(relay, adapter)
    chain = Chain(lab, camera, port, checks)
    chain.check_run("an honest camera passes", "honest", 0, '"PASS"', "Linux version")
    chain.check_clock()
    chain.check_run("a camera with a planted address fails", "planted-address", 1, '"FAIL"', "no-literal-addresses")
    port.vlan = 100
    lab.guest.must(f"modprobe 8021q && ip link add link {chain.interface} name cam100 type vlan id 100 && ip link set {chain.interface} up || exit 1\n" + settle)
    chain.check_run("an honest camera passes on a VLAN's interface", "honest", 0, '"PASS"', interface="cam100")
    lab.guest.must("ip link delete cam100")
    port.vlan = None
    chain.check_welded("a welded contact under a camera that talks", "cut-short", "goes on talking")
    chain.check_welded("a welded contact under a camera without a word on its console", "silent-off", "the link of", listen=no_console)
    chain.check_unplugged()
