"""Cameras of the zoo on their wire, as files for cambench."""
from zoo_habits import WINDOW, declaration, life, zoo
from zoo_wire import Wire

CONDITIONS = {"whole": {}, "1 % lost": {"loss": 0.01}, "half the window": {"until": WINDOW / 2}}


def record(folder, name, seed, condition):
    """Writes recording and declaration. The wire, both files, the checks that must find something and those that may."""
    act, caught_by, also, declares = zoo[name]
    acts = [act]
    w = Wire(f"{name} {seed}")
    w.domain, w.other = f"{w.word}cam.com", f"{w.word[::-1]}net.{w.random.choice(('com', 'net', 'cn', 'io'))}"
    life(w)
    if caught_by and seed % 3 == 2:  # one seed in three: two things at once
        other, more, also_more, _ = zoo[w.random.choice([one for one in zoo if zoo[one][1] and one != name])]
        acts, caught_by, also = [act, other], {*caught_by, *more}, also | also_more
    for one in acts:
        one(w)
    stem = f"{name}-{seed}-{condition.replace(' ', '').replace('%', '')}"
    capture, declared = folder / f"{stem}.pcap", folder / f"{stem}.xml"
    capture.write_bytes(w.pcap(**CONDITIONS[condition]))
    declared.write_text(declaration(w, declares))
    return w, capture, declared, caught_by, also
