"""What all cameras of the zoo have in common, and the register of those that are in it."""
WINDOW = 900
UNDECLARED = "only-declared-destinations"
LITERAL = "no-literal-addresses"
USUAL = "only-declared-destinations no-literal-addresses no-beaconing"
zoo = {}


def animal(*caught_by, also="", declares=""):
    """A behaviour. caught_by: the checks that must FAIL; also: those that may; none: an honest camera. declares: more of its declaration."""
    def enter(act):
        zoo[act.__name__.replace("_", "-")] = (act, caught_by, set(also.split()), declares)
        return act
    return enter


def every(w, period, jitter=0.02, first=20.0):
    """Moments of a rhythm over the window."""
    time = first + w.random.uniform(0, period / 2)
    while time < WINDOW - 5:
        yield time
        time += period * (1 + w.random.uniform(-jitter, jitter))


def now_and_then(w, count, first=25.0):
    return sorted(w.random.uniform(first, WINDOW / 2 - 40) for _ in range(count))


def life(w):
    """What every camera here does: it joins the network, sets its clock, reports to its maker."""
    time = w.dhcp(0.5)
    w.arp(time, w.router, True)
    clock, cloud = w.address(), w.address()
    w.ntp(w.dns(time + 0.3, f"time.{w.domain}", [clock]), clock)
    w.cloud = cloud
    for moment in every(w, 120, 0.1, 10):
        w.tls(w.dns(moment, f"report.{w.domain}", [cloud]), cloud, name=f"report.{w.domain}", sent=700)
    for moment in every(w, 300, 0.1, 60):
        w.ntp(w.dns(moment, f"time.{w.domain}", [clock]), clock)


def declaration(w, more):
    return f"""<declaration vendor="{w.word}" model="Z" origin="KR">
  <identity mac-prefix="{w.camera_mac[:3].hex(':')}"/>
  <destination name="time.{w.domain}" port="123" transport="udp" protocol="ntp" purpose="clock" every="60s"/>
  <destination name="report.{w.domain}" port="443" transport="tcp" protocol="tls" purpose="health report" every="60s" volume="4kB"/>
{more.replace('DOMAIN', w.domain)}
  <service port="80" transport="tcp" protocol="http"/> <service port="554" transport="tcp" protocol="rtsp"/>
  <resolver from="dhcp"/>
</declaration>
"""
