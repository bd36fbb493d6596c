"""Foreign files, spoilt: what a seed makes of evidence, and whether a command ended as it should over it.

A mutation is a function of its seed alone, so that what was found once is found again.
"""
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import stat
import subprocess
import time

documented = {0, 1, 2, 3, 64}  # PASS, FAIL, INCONCLUSIVE, ERROR, usage
longest = 20  # seconds of a processor that a command may take over evidence of a few seconds
patience = 10 * longest  # by the clock: other tests run, too


def reseal(directory):
    """As somebody does who wants a change not to be seen."""
    lines = []
    for file in sorted(directory.rglob("*")):
        if file.name == "manifest.sha256" and file.parent == directory or not stat.S_ISREG(file.lstat().st_mode):
            continue
        lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(directory)}\n")
    (directory / "manifest.sha256").write_text("".join(lines))


def copy_of(evidence, place):
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(evidence, place, symlinks=True)
    return place


def flip_bytes(chance, content):
    content = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        if content:
            content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def cut_out(chance, content):
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + content[min(len(content), begin + chance.choice((1, 7, 64, 4096))):]


def cut_short(chance, content):
    return content[:chance.randrange(len(content) + 1)]


def repeat(chance, content):
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + content[begin:begin + 300] * chance.choice((2, 50)) + content[begin:]


def insert_words(chance, content):
    words = [b"\x1b]0;owned\x07\x1b[2J", b"[" * 60_000, b'{"a":' * 60_000, b"\0" * 100, b"\xff\xfe", b'"', b"9" * 400, b"-1", b"1e999", b"null", b"../../", b"\n", b"<!DOCTYPE a>", "‮".encode()]
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + chance.choice(words) + content[begin:]


def other_values(chance, content):
    """A value of a JSON document, or of a line of one, that has another type."""
    values = [5, -1, 2**64, 1.5, True, None, "", "words", "\x1b[31m", [], {}, [[]], {"a": 1}, [None] * 3, "x" * 100_000, "../../../etc"]
    lines = content.split(b"\n")
    whole = content.lstrip().startswith(b"{\n")
    at = chance.randrange(len(lines))
    try:
        document = json.loads(content if whole else lines[at])
    except ValueError:
        return flip_bytes(chance, content)
    place = document
    for _ in range(chance.randrange(1, 6)):
        if not isinstance(place, (dict, list)) or not place:
            break
        key = chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
        if chance.random() < 0.4 or not isinstance(place[key], (dict, list)):
            place[key] = chance.choice(values)
            break
        place = place[key]
    text = json.dumps(document).encode()
    return text if whole else b"\n".join(lines[:at] + [text] + lines[at + 1:])


CONTENT = (flip_bytes, cut_out, cut_short, repeat, insert_words, other_values, other_values)


def spoil_tree(chance, directory, file):
    """Something in place of a file that is none, or nothing."""
    kind = chance.choice(("fifo", "link", "loop", "zero", "folder", "gone", "proc", "empty"))
    file.unlink()
    if kind == "fifo":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind != "gone":
        file.symlink_to({"link": "/etc/hostname", "loop": file.name, "zero": "/dev/zero", "proc": "/proc/self/environ"}[kind])
    return kind


KINDS = {"evidence": "*", "timelines": "timeline.jsonl", "manifests": "manifest.sha256", "xml": "*.xml", "captures": "*.pcapng"}


def spoil(seed, directory, kind="evidence"):
    """Spoils the evidence there, or files of one kind in it (KINDS); what was done, in words."""
    chance = random.Random(seed)
    files = [file for file in sorted(directory.rglob(KINDS[kind])) if file.is_file()]
    done = []
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not files:
            break
        file = chance.choice(files)
        if not os.path.lexists(file):
            continue
        if chance.random() < 0.15:
            done.append(f"{file.relative_to(directory)}: {spoil_tree(chance, directory, file)}")
            files = [one for one in files if one != file]
            continue
        change = chance.choice(CONTENT)
        file.write_bytes(change(chance, file.read_bytes()))
        done.append(f"{file.relative_to(directory)}: {change.__name__}")
    if chance.random() < 0.5:
        for part in (*directory.iterdir(), directory):
            if stat.S_ISDIR(part.lstat().st_mode) and (part / "run.json").exists():
                try:
                    if (part / "manifest.sha256").is_dir() or (part / "manifest.sha256").is_symlink():
                        continue
                    reseal(part)
                except OSError:
                    pass
        done.append("sealed anew")
    return ", ".join(done)


def commands_over(evidence, page):
    """Every command that reads foreign files, over that evidence: (words) each."""
    parts = [one for one in (evidence, *sorted(evidence.iterdir())) if (one / "run.json").exists() or (one / "capture.pcapng").exists()]
    for part in parts:
        yield "replay", part
        yield "replay", part, "--json"
        yield "verify", part
        yield "report", part, "--html", page, "--junit", page.with_suffix(".xml")
        yield "report", part, "--json"
        yield "analyze", part / "capture.pcapng"
        yield "analyze", part / "capture.pcapng", "--json", "--html", page
        yield "compare", part, part
        yield "learn", part
        yield "learn-dialogues", part
        yield "learn-update", part
        yield "mud", part / "inputs/declaration.xml"
        yield "mud", part / "run.json"
        yield "offers", part / "inputs/scenario.xml"
        yield "check", part / "inputs"
        yield "check", part / "inputs/scenario.xml"


def complaint(program, words, environment):
    """What is wrong with how the command ended; None when nothing is."""
    began = time.monotonic()
    try:
        done = subprocess.run([str(program), *map(str, words)], capture_output=True, timeout=patience, stdin=subprocess.DEVNULL, env=environment,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (longest, longest + 2)))
    except subprocess.TimeoutExpired:
        return f"had not ended after {patience} s"
    said = done.stdout + done.stderr
    if done.returncode == -signal.SIGXCPU:
        return f"had not ended after {longest} s of a processor"
    if done.returncode not in documented:
        return f"ended with {done.returncode} after {time.monotonic() - began:.1f} s: {said[-600:]!r}"
    for sign in (b"json.exception", b"std::", b"terminate called", b"AddressSanitizer", b"runtime error", b"filesystem error"):
        if sign in said:
            return f"said {sign.decode()}: {said[-600:]!r}"
    if any(byte < 32 and byte not in (9, 10, 13) for byte in said):
        return f"let control characters through: {said[-600:]!r}"
    return None
