"""The frames of one Ethernet capture, written in the other ways in which captures come."""
import gzip
import struct


def read_pcap(file):
    """(seconds, nanoseconds, frame) of a little-endian pcap without cut frames."""
    data = file.read_bytes()
    magic, = struct.unpack_from("<I", data)
    unit = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[magic]
    at, frames = 24, []
    while at < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        assert captured == length
        frames.append((seconds, fraction * unit, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return frames


def pcap(frames, order="<", magic=0xA1B23C4D, link=1):
    unit = 1 if magic == 0xA1B23C4D else 1000
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    return out + b"".join(struct.pack(order + "IIII", s, n // unit, len(f), len(f)) + f for s, n, f in frames)


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def pcapng_of_two_interfaces(frames):
    """Microseconds on the first interface, nanoseconds on the second; every other frame from each."""
    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    head += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 6, 0, 0))
    head += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    out = [head]
    for number, (s, n, f) in enumerate(frames):
        units = s * 1_000_000 + n // 1000 if number % 2 == 0 else s * 1_000_000_000 + n
        out.append(block(6, struct.pack("<IIIII", number % 2, units >> 32, units & 0xFFFFFFFF, len(f), len(f)) + f))
    return b"".join(out)


def tagged(*tags):
    def change(frame):
        return frame[:12] + b"".join(struct.pack(">HH", *tag) for tag in tags) + frame[12:]
    return change


def cooked(camera):
    def change(frame):
        return struct.pack(">HHH", 4 if frame[6:12] == camera else 0, 1, 6) + frame[6:12] + b"\0\0" + frame[12:]
    return change


def cooked_2(camera):
    def change(frame):
        return frame[12:14] + struct.pack(">HIHBB", 0, 2, 1, 4 if frame[6:12] == camera else 0, 6) + frame[6:12] + b"\0\0" + frame[14:]
    return change


def write_variants(plain, folder, camera):
    """Yields (name, file) of each. `camera` is its MAC address, six bytes. Stamps are cut to microseconds everywhere."""
    frames = [(s, n // 1000 * 1000, f) for s, n, f in read_pcap(plain)]
    changed = lambda change: [(s, n, change(f)) for s, n, f in frames]
    contents = {
        "microseconds.pcap": pcap(frames, magic=0xA1B2C3D4),
        "big-endian.pcap": pcap(frames, order=">", magic=0xA1B2C3D4),
        "big-endian-ns.pcap": pcap(frames, order=">"),
        "packed.pcap.gz": gzip.compress(pcap(frames)),
        "two-members.pcap.gz": gzip.compress(pcap(frames)[:1000]) + gzip.compress(pcap(frames)[1000:]),
        "two-interfaces.pcapng": pcapng_of_two_interfaces(frames),
        "two-sections.pcapng": pcapng_of_two_interfaces(frames[:50]) + pcapng_of_two_interfaces(frames[50:]),
        "vlan.pcap": pcap(changed(tagged((0x8100, 5)))),
        "qinq.pcap": pcap(changed(tagged((0x88A8, 5), (0x8100, 7)))),
        "cooked.pcap": pcap(changed(cooked(camera)), link=113),
        "cooked-2.pcap": pcap(changed(cooked_2(camera)), link=276),
    }
    for name, content in contents.items():
        file = folder / name
        file.write_bytes(content)
        yield name, file
