"""A client and a server of a protocol nobody knows, in text over TCP and in bytes over UDP.

    unseen_pair.py record FILE    both ends in this network namespace, twice, recorded into FILE (pcap)
    unseen_pair.py client         the client alone; exit code 0 when its whole dialogue was played

What the client sends is new each time, and it goes on only when the answer fits what it sent.
"""
import os
import socket
import struct
import subprocess
import sys
import threading
import time

TEXT, BINARY = ("203.0.113.99", 7700), ("203.0.113.99", 7800)


def expect(condition, what):
    if not condition:
        sys.exit(f"the dialogue stopped: {what}")


class Lines:
    def __init__(self, stream):
        self.stream, self.pending = stream, b""

    def next(self):
        while b"\n" not in self.pending:
            more = self.stream.recv(4096)
            expect(more, "the server ended the connection")
            self.pending += more
        line, self.pending = self.pending.split(b"\n", 1)
        return line.decode()


def text_client():
    with socket.create_connection(TEXT, timeout=15) as stream:
        lines = Lines(stream)
        expect(lines.next() == "RDY unseen/1", "no greeting")
        nonce = f"{int.from_bytes(os.urandom(4), 'big'):010}"
        stream.sendall(f"HELLO unit=17 nonce={nonce}\n".encode())
        word, echoed, told = lines.next().split()
        expect(word == "CHALLENGE" and echoed == nonce, "the nonce did not come back")
        expect(abs(int(told) - time.time()) < 3600, f"the server's time is {told}")
        stream.sendall(f"LOGIN unit=17 digest={os.urandom(8).hex()}9\n".encode())
        expect(lines.next() == "DENIED once more", "the first login was not refused")
        stream.sendall(f"LOGIN unit=17 digest={os.urandom(8).hex()}9\n".encode())
        expect(lines.next() == "OK go to 7800", "the second login was not taken")
        stream.sendall(b"BYE\n")
        expect(stream.recv(1) == b"", "the server did not end")


def binary_client():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(5)
        for kind in (1, 2):
            transaction = os.urandom(6)
            wire.sendto(b"\x7e" + bytes([kind]) + transaction + b"\x00\x00", BINARY)
            answer = wire.recv(100)
            expect(answer[:2] == bytes([0x7f, kind]) and answer[2:8] == transaction and answer[8:] == b"\x01\x2c" * kind, f"answer {answer.hex()} to kind {kind}")


def serve_text(listener):
    while True:
        stream, _ = listener.accept()
        with stream:
            lines, logins = Lines(stream), 0
            stream.sendall(b"RDY unseen/1\n")
            while (line := lines.next()) != "BYE":
                if line.startswith("HELLO"):
                    stream.sendall(f"CHALLENGE {line.rsplit('=', 1)[1]} {int(time.time())}\n".encode())
                else:
                    logins += 1
                    stream.sendall(b"DENIED once more\n" if logins == 1 else b"OK go to 7800\n")


def serve_binary(wire):
    while True:
        asked, client = wire.recvfrom(100)
        wire.sendto(bytes([0x7f, asked[1]]) + asked[2:8] + b"\x01\x2c" * asked[1], client)


def record_frames(wire, file, stop):
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    wire.settimeout(0.2)
    while True:
        try:
            frame, (_, _, kind, _, _) = wire.recvfrom(65535)
        except socket.timeout:
            if stop.is_set():
                return
            continue
        if kind == socket.PACKET_OUTGOING:  # the loopback shows each frame twice
            continue
        now = time.time()
        file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)


def record(path):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", f"{TEXT[0]}/32", "dev", "lo"], check=True)
    capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    capture.bind(("lo", 0))
    stop = threading.Event()
    with open(path, "wb") as file:
        recorder = threading.Thread(target=record_frames, args=(capture, file, stop))
        recorder.start()
        listener = socket.create_server(TEXT)
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.bind(BINARY)
        for serve, where in ((serve_text, listener), (serve_binary, wire)):
            threading.Thread(target=serve, args=(where,), daemon=True).start()
        for _ in range(2):
            text_client()
            binary_client()
        stop.set()
        recorder.join()


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(sys.argv[2])
        os._exit(0)  # the servers still wait
    text_client()
    binary_client()
