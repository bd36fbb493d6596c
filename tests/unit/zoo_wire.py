"""Frames of one camera on its wire, made from nothing: a recording for every behaviour, without the behaviour's device."""
import ipaddress
import random
import struct

SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class Wire:
    """Where a camera's frames and their answers are kept, with their times. Addresses, names and rhythms come from the seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.frames = []
        self.camera_mac = b"\x02\x4b\x52" + self.random.randbytes(3)
        self.router_mac = b"\x02\xfe" + self.random.randbytes(4)
        third = self.random.randrange(1, 250)
        self.camera = ipaddress.ip_address(f"192.168.{third}.{self.random.randrange(20, 200)}")
        self.router = ipaddress.ip_address(f"192.168.{third}.1")
        self.camera6 = ipaddress.ip_address("2001:db8:77::") + self.random.randrange(1, 2**60)
        self.start = 1_770_000_000 + self.random.randrange(10**7)
        self.identifier = self.random.randrange(60000)
        self.word = "".join(self.random.choice("bcdfghklmnprstv") + self.random.choice("aeiou") for _ in range(3))

    def address(self):
        """Of a server somewhere in the world."""
        return ipaddress.ip_address(f"{self.random.choice((34, 47, 52, 101, 120, 139, 142, 185, 203))}.{self.random.randrange(1, 250)}.{self.random.randrange(250)}.{self.random.randrange(1, 250)}")

    def address6(self):
        return ipaddress.ip_address("2600:1f00::") + self.random.randrange(1, 2**70)

    def port(self):
        return self.random.randrange(30000, 60000)

    def soon(self):
        return self.random.uniform(0.01, 0.08)

    # Frames
    def frame(self, time, out, ethertype, body, to=None):
        ours, theirs = self.camera_mac, to or self.router_mac
        head = (theirs + ours if out else ours + theirs) + struct.pack(">H", ethertype)
        self.frames.append((time, (head + body).ljust(60, b"\0")))

    def ip(self, time, out, peer, protocol, body, to=None, pseudo_at=None, own=None):
        own = own or (self.camera if peer.version == 4 else self.camera6)
        source, target = (own, peer) if out else (peer, own)
        if pseudo_at is not None:
            length = struct.pack(">HH" if peer.version == 4 else ">xxHxxH", protocol, len(body))
            total = checksum(source.packed + target.packed + length + body)
            body = body[:pseudo_at] + struct.pack(">H", total or 0xFFFF) + body[pseudo_at + 2:]
        if peer.version == 4:
            self.identifier = (self.identifier + 1) & 0xFFFF
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), self.identifier, 0x4000, 64, protocol, 0) + source.packed + target.packed
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
            self.frame(time, out, 0x0800, head + body, to)
        else:
            self.frame(time, out, 0x86DD, struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + source.packed + target.packed + body, to)

    def udp(self, time, peer, port, payload, answer=None, own_port=None, to=None):
        """One datagram and its answer; gives the own port."""
        own_port = own_port or self.port()
        self.ip(time, True, peer, 17, struct.pack(">HHHH", own_port, port, 8 + len(payload), 0) + payload, to, 6)
        if answer is not None:
            self.ip(time + self.soon(), False, peer, 17, struct.pack(">HHHH", port, own_port, 8 + len(answer), 0) + answer, None, 6)
        return own_port

    def tcp(self, time, peer, port, talk=(), answered=True, pace=0.0):
        """A connection: `talk` is what goes out (str or bytes) and comes in (a tuple of one). answered: True, "refused" or False. Gives its end."""
        own_port = self.port()
        mine, theirs = self.random.randrange(2**31), self.random.randrange(2**31)

        def segment(out, flags, payload=b""):
            ports = (own_port, port) if out else (port, own_port)
            numbers = (mine, theirs if flags & ACK else 0) if out else (theirs, mine)
            self.ip(time, out, peer, 6, struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 64240, 0, 0) + payload, None, 16)

        segment(True, SYN)
        mine += 1
        if not answered:
            for wait in (1, 2, 4):
                time += wait
                mine -= 1
                segment(True, SYN)
                mine += 1
            return time
        time += self.soon()
        if answered == "refused":
            segment(False, RST | ACK)
            return time
        segment(False, SYN | ACK)
        theirs += 1
        time += 0.001
        segment(True, ACK)
        for said in talk:
            out = not isinstance(said, tuple)
            content = said if out else said[0]
            content = content.encode() if isinstance(content, str) else content
            time += pace or self.soon()
            for at in range(0, len(content), 1400):
                piece = content[at:at + 1400]
                segment(out, ACK | PSH, piece)
                if out:
                    mine += len(piece)
                else:
                    theirs += len(piece)
                time += 0.0004
                segment(not out, ACK)
        time += self.soon()
        segment(True, FIN | ACK)
        mine += 1
        time += self.soon()
        segment(False, FIN | ACK)
        theirs += 1
        time += 0.001
        segment(True, ACK)
        return time

    # Services
    def dhcp(self, time):
        def message(kind, own, server, options):
            body = struct.pack(">BBBBIHH", 1 if own else 2, 1, 6, 0, 0x3903F326, 0, 0) + bytes(4) + (self.camera.packed if not own else bytes(4)) + bytes(8)
            return body + self.camera_mac + bytes(10 + 192) + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + b"\xff"

        everybody, nobody = ipaddress.ip_address("255.255.255.255"), ipaddress.ip_address("0.0.0.0")
        name = f"CAM-{self.word}".encode()
        given = bytes([54, 4]) + self.router.packed + bytes([51, 4]) + struct.pack(">I", 86400) + b"\x01\x04\xff\xff\xff\0" + bytes([3, 4]) + self.router.packed + bytes([6, 4]) + self.router.packed
        wished = bytes([12, len(name)]) + name + bytes([55, 4, 1, 3, 6, 42])
        for kind, own, options in ((1, True, wished), (2, False, given), (3, True, wished + bytes([50, 4]) + self.camera.packed), (5, False, given)):
            body = message(kind, own, self.router, options)
            ports = (68, 67) if own else (67, 68)
            datagram = struct.pack(">HHHH", *ports, 8 + len(body), 0) + body
            peer = everybody if own else self.router
            self.ip(time, own, peer, 17, datagram, b"\xff" * 6 if own else None, 6, nobody if own else self.camera)
            time += 0.05
        return time

    def dns(self, time, name, addresses, resolver=None, alias=None, kind=None, answered=True):
        """A question and its answer; gives when the answer came."""
        number = self.random.randrange(65536)
        kind = kind or (28 if addresses and addresses[0].version == 6 else 1)
        question = dns_name(name) + struct.pack(">HH", kind, 1)
        records = b""
        owner = b"\xc0\x0c"
        if alias:
            records += owner + struct.pack(">HHIH", 5, 1, 60, len(dns_name(alias))) + dns_name(alias)
            owner = dns_name(alias)
        for address in addresses:
            records += owner + struct.pack(">HHIH", kind, 1, 60, len(address.packed)) + address.packed
        count = len(addresses) + (1 if alias else 0)
        answer = struct.pack(">HHHHHH", number, 0x8180 if count else 0x8183, 1, count, 0, 0) + question + records
        self.udp(time, resolver or self.router, 53, struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question, answer if answered else None)
        return time + 0.1

    def ntp(self, time, server, leap=0x23, rest=b""):
        self.udp(time, server, 123, bytes([leap]) + bytes(39) + self.random.randbytes(8) + rest, bytes([0x24, 2, 6, 0xEC]) + bytes(8) + b"GPS\0" + self.random.randbytes(32), 123)

    def hello(self, name, protocols=("http/1.1",)):
        extensions = b""
        if name:
            host = name.encode()
            extensions += struct.pack(">HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
        listed = b"".join(bytes([len(one)]) + one.encode() for one in protocols)
        extensions += struct.pack(">HHH", 16, len(listed) + 2, len(listed)) + listed + struct.pack(">HHBH", 43, 3, 2, 0x0304) + struct.pack(">HHHH", 10, 4, 2, 29)
        body = b"\x03\x03" + self.random.randbytes(32) + b"\x20" + self.random.randbytes(32) + struct.pack(">HHHBB", 4, 0x1301, 0x1302, 1, 0) + struct.pack(">H", len(extensions)) + extensions
        handshake = b"\x01" + struct.pack(">I", len(body))[1:] + body
        return b"\x16\x03\x01" + struct.pack(">H", len(handshake)) + handshake

    def sealed(self, size):
        return b"\x17\x03\x03" + struct.pack(">H", size) + self.random.randbytes(size)

    def tls(self, time, peer, port=443, name=None, sent=600, got=900, answered=True):
        answer = b"\x16\x03\x03\x00\x5a\x02\x00\x00\x56\x03\x03" + self.random.randbytes(84)
        talk = [self.hello(name), (answer + b"\x14\x03\x03\x00\x01\x01" + self.sealed(1200),), b"\x14\x03\x03\x00\x01\x01" + self.sealed(53)]
        for at in range(0, sent, 15000):
            talk.append(self.sealed(min(15000, sent - at)))
        return self.tcp(time, peer, port, talk + [(self.sealed(got),)], answered)

    def http(self, time, peer, name, path="/", method="GET", body=b"", answer=b"ok", port=80, headers=""):
        head = f"{method} {path} HTTP/1.1\r\nHost: {name}\r\n{headers}" + (f"Content-Length: {len(body)}\r\n" if body else "") + "\r\n"
        back = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer
        return self.tcp(time, peer, port, [head.encode() + body, (back,)])

    def arp(self, time, target, answered=False):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + self.camera_mac + self.camera.packed + bytes(6) + target.packed
        self.frame(time, True, 0x0806, body, b"\xff" * 6)
        if answered:
            self.frame(time + 0.001, False, 0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + self.router_mac + target.packed + self.camera_mac + self.camera.packed)

    def pcap(self, until=None, loss=0.0):
        """All frames up to a time, some of them lost, in order."""
        chance = random.Random(self.start)
        out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
        for time, frame in sorted(self.frames, key=lambda one: one[0]):
            if (until is not None and time > until) or chance.random() < loss:
                continue
            moment = self.start + time
            out += struct.pack("<IIII", int(moment), int(moment % 1 * 1_000_000), len(frame), len(frame)) + frame
        return out
