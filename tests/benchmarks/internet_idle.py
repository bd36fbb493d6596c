#!/usr/bin/python3
"""Many idle connections over all services at once, run as the camera: internet_idle.py ADDRESS COUNT PORT...

Opens COUNT connections in turn over the ports and leaves them alone for two seconds. Then each of them is used. Prints how
many stood, and how many were answered, as a JSON object.
"""
import json
import resource
import socket
import ssl
import sys
import time

PATIENCE = 20  # s for one answer
question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04idle\x07example\x00\x00\x01\x00\x01"
# Port -> what is said, and how an answer to it begins. None: over TLS. A server that speaks first has done so by then.
http = (b"GET /sample.txt HTTP/1.1\r\nHost: idle.example\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200")
said = {80: http, 8080: http, 21: (b"NOOP\r\n", b"220"), 25: (b"NOOP\r\n", b"220"), 110: (b"NOOP\r\n", b"+OK"), 53: (len(question).to_bytes(2, "big") + question, None),
        554: (b"OPTIONS rtsp://idle.example/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", b"RTSP/1.0 200"),
        1883: (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04idle", b"\x20\x02\x00\x00"), 443: None, 465: None, 990: None, 995: None, 8883: None}


def used(stream, port):
    stream.settimeout(PATIENCE)
    if said[port] is None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.wrap_socket(stream, server_hostname="idle.example").version()
        return True
    words, wanted = said[port]
    stream.sendall(words)
    answer = b""
    while len(answer) < 14 and (piece := stream.recv(4096)):
        answer += piece
        if wanted and answer.startswith(wanted):
            return True
    return answer[2:4] == question[:2] if wanted is None else False


def main():
    address, count, ports = sys.argv[1], int(sys.argv[2]), list(map(int, sys.argv[3:]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
    streams, refused = [], 0
    for number in range(count):
        port = ports[number % len(ports)]
        try:
            streams.append((socket.create_connection((address, port), timeout=PATIENCE), port))
        except OSError:
            refused += 1
    time.sleep(2)  # idle
    answered = {}
    for stream, port in streams:
        began = time.monotonic()
        try:
            fine = used(stream, port)
        except OSError:
            fine = False
        right, slowest = answered.get(port, (0, 0.0))
        answered[port] = (right + fine, max(slowest, time.monotonic() - began))
    print(json.dumps({"asked": count, "stood": count - refused, "answered": sum(right for right, _ in answered.values()),
                      "slowest_ms": round(1000 * max(slowest for _, slowest in answered.values()), 1), "by_port": {port: right for port, (right, _) in answered.items()}}))


main()
