"""Honest cameras with odd habits: no check may say FAIL of them."""
import ipaddress
import struct

from zoo_habits import WINDOW, animal, every, now_and_then


@animal()
def plain(w):
    pass


@animal(declares='<destination name="*.cdn.DOMAIN" port="443" transport="tcp" protocol="tls" purpose="assets"/>')
def content_network_with_changing_addresses(w):
    for number, moment in enumerate(every(w, 60, 0.5)):
        peer = w.address()
        w.tls(w.dns(moment, f"a{number % 3}.cdn.{w.domain}", [peer, w.address()], alias=f"e{number}.edge.akamai-like.net"), peer, name=f"a{number % 3}.cdn.{w.domain}")


@animal()
def looks_for_a_gateway(w):
    group = ipaddress.ip_address("239.255.255.250")
    for moment in every(w, 90, 0.3):
        w.udp(moment, group, 1900, b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: upnp:rootdevice\r\n\r\n', to=b"\x01\x00\x5e\x7f\xff\xfa")


@animal(declares='<destination name="telemetry.DOMAIN" port="8883" transport="tcp" protocol="tls" purpose="telemetry" every="30s"/>')
def telemetry_by_the_clock(w):
    peer = w.address()
    for moment in every(w, 30, 0.01):
        w.tls(w.dns(moment, f"telemetry.{w.domain}", [peer]), peer, 8883, name=f"telemetry.{w.domain}", sent=250)


@animal(declares='<destination name="connectivity.DOMAIN" port="80" transport="tcp" protocol="http" purpose="connectivity probe"/>')
def connectivity_probes(w):
    peer = w.address()
    for moment in every(w, 45, 0.2):
        w.http(w.dns(moment, f"connectivity.{w.domain}", [peer]), peer, f"connectivity.{w.domain}", "/generate_204", answer=b"")


@animal(declares='<destination name="ntp.DOMAIN" port="123" transport="udp" protocol="ntp" purpose="clock"/>')
def bursts_of_time(w):
    servers = [w.address() for _ in range(4)]
    for moment in now_and_then(w, 3):
        time = w.dns(moment, f"ntp.{w.domain}", servers)
        for number in range(16):
            w.ntp(time + number * 0.5, servers[number % 4])


@animal(declares='<destination name="p2p.DOMAIN" port="32100" transport="udp" protocol="pppp" purpose="remote viewing (p2p)"/>')
def rendezvous_it_declares(w):
    peer = w.address()
    for moment in every(w, 100, 0.3):
        port = w.udp(w.dns(moment, f"p2p.{w.domain}", [peer]), peer, 32100, b"\xf1\x00\x00\x00", b"\xf1\x01\x00\x10" + bytes(16))
        w.udp(moment + 1, peer, 32100, b"\xf1\xe0\x00\x00", b"\xf1\xe1\x00\x00", port)


@animal(declares='<destination name="down.DOMAIN" port="443" transport="tcp" protocol="tls" purpose="cloud"/>')
def cloud_that_fails(w):
    peer, moment, pause = w.address(), 20.0, 2.0
    while moment < WINDOW:
        w.tcp(w.dns(moment, f"down.{w.domain}", [peer]), peer, 443, answered=w.random.choice((False, "refused")))
        pause = min(pause * 2, 120)
        moment += 8 + pause * w.random.uniform(0.8, 1.2)


@animal()
def clock_of_2001(w):
    w.start = 980_000_000 + w.random.randrange(10**6)


@animal()
def watched_by_its_owner(w):
    viewer = ipaddress.ip_address(int(w.router) + 3)
    begin, viewer_port, mine = 100.0, w.port(), w.random.randrange(2**31)
    theirs = w.random.randrange(2**31)
    talk = [b"DESCRIBE rtsp://camera/live RTSP/1.0\r\nCSeq: 1\r\n\r\n", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: 0\r\n\r\n"] + [b"$\0" + struct.pack(">H", 1012) + b"\x80\x60" + w.random.randbytes(1010) for _ in range(60)]

    def segment(time, out, flags, payload=b""):
        nonlocal mine, theirs
        ports = (554, viewer_port) if out else (viewer_port, 554)
        numbers = (mine, theirs) if out else (theirs, mine)
        w.ip(time, out, viewer, 6, struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 64240, 0, 0) + payload, None, 16)
        if out:
            mine += len(payload) + (flags & 2 > 0)
        else:
            theirs += len(payload) + (flags & 2 > 0)
    segment(begin, False, 2)
    segment(begin + 0.001, True, 18)
    segment(begin + 0.002, False, 16)
    segment(begin + 0.01, False, 24, talk[0])
    for number, said in enumerate(talk[1:]):
        segment(begin + 0.05 + number * 0.05, True, 24, said)


@animal()
def announces_itself(w):
    for address, mac, port, text in (("224.0.0.251", b"\x01\x00\x5e\x00\x00\xfb", 5353, b"\0\0\x84\0\0\0\0\1\0\0\0\0\x05_rtsp\x04_tcp\x05local\0\0\x0c\0\1\0\0\0\x78\0\x08\x03cam\xc0\x0c\0"[:46]),
                                     ("239.255.255.250", b"\x01\x00\x5e\x7f\xff\xfa", 3702, b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:Hello/></s:Body></s:Envelope>')):
        for moment in now_and_then(w, 3):
            w.udp(moment, ipaddress.ip_address(address), port, text, own_port=port, to=mac)


@animal(declares='<destination name="six.DOMAIN" port="443" transport="tcp" protocol="tls" purpose="cloud"/>')
def cloud_over_six(w):
    peer = w.address6()
    for moment in every(w, 120, 0.2):
        w.tls(w.dns(moment, f"six.{w.domain}", [peer]), peer, name=f"six.{w.domain}")


@animal(declares='<destination name="fw.DOMAIN" port="80" transport="tcp" protocol="http" purpose="update"/>')
def fetches_its_own_update(w):
    peer = w.address()
    w.http(w.dns(60, f"fw.{w.domain}", [peer]), peer, f"fw.{w.domain}", "/fw.bin", answer=b"\x27\x05\x19\x56" + w.random.randbytes(40000))


@animal(declares='<destination name="rec.DOMAIN" port="1935" transport="tcp" protocol="rtmp" purpose="recording (video)"/>')
def records_where_it_says(w):
    peer = w.address()
    hello = b"\x03" + struct.pack(">II", 0, 0) + w.random.randbytes(1528)
    w.tcp(w.dns(60, f"rec.{w.domain}", [peer]), peer, 1935, [hello, (hello,), w.random.randbytes(1536), b"\x03\0\0\0\0\0\x19\x14\0\0\0\0\x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0" + w.random.randbytes(4000)])
