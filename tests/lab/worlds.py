"""The sample product as shipped, or the same under other names: what its tests say holds for any camera or for none."""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

top = pathlib.Path(__file__).resolve().parents[2]
SLOT_A = 512 * 200704  # of the flash, fixtures/camera/image/build-image
SYLLABLES = ["ka", "ro", "lin", "mu", "tes", "vo", "ar", "shi", "den", "pel", "gu", "nor", "bi", "zan"]


class Shipped:
    """Personas, declaration and scenarios by their names, as a user calls them."""

    def __init__(self, build):
        self.cambench = build / "bin/cambench"
        self.image = pathlib.Path(os.environ.get("CAMBENCH_CAMERA_IMAGE", build / "fixtures/camera/image"))
        self.declaration = "haneul-hv-2100"
        self.environment = dict(os.environ)
        self.allowed = []  # options for files beside others than the documents

    def persona(self, name):
        return name

    def persona_file(self, name):
        return top / f"fixtures/camera/personas/{name}.xml"

    def scenario(self, name):
        return name

    def told(self, text):
        return text

    def remove(self):
        pass


class Seeded(Shipped):
    """Another maker, model, chip, address range; other names, ports, versions, paths and rhythms: made of a seed, in a folder of its own."""

    def __init__(self, build, seed, folder=None):
        super().__init__(build)
        self.place = pathlib.Path(folder or tempfile.mkdtemp(prefix=f"cambench-world-{seed}-"))
        self.random = random.Random(seed)
        words = self.vocabulary = self.words()
        for part in ("fixtures/camera/personas", "fixtures/camera/updates", "scenarios/declarations", "scenarios/library"):
            (self.place / part).mkdir(parents=True)
            for file in sorted((top / part).glob("*.xml")):
                (self.place / part / file.name).write_text(self.rewritten(file, words))
        (self.place / "fixtures/camera/pki").symlink_to(top / "fixtures/camera/pki")
        self.declaration = self.place / "scenarios/declarations/haneul-hv-2100.xml"
        self.allowed = ["--allow", self.place, "--allow", top / "fixtures/camera/pki"]
        self.new_flash(build)
        self.environment["CAMBENCH_CAMERA_IMAGE"] = str(self.image)

    def persona(self, name):
        return str(self.persona_file(name))

    def persona_file(self, name):
        return self.place / f"fixtures/camera/personas/{name}.xml"

    def scenario(self, name):
        return str(self.place / f"scenarios/library/{name}.xml")

    def remove(self):
        shutil.rmtree(self.place)

    def name(self, syllables=3):
        return "".join(self.random.choice(SYLLABLES) for _ in range(syllables))

    def words(self):
        """What is called how: each word of the shipped files and its replacement; longer ones first."""
        pick = self.random
        self.domain = f"{self.name()}-{self.name(2)}.example"
        self.update_server = f"{self.name(1)}-fw.{self.domain}"
        major, minor, patch = pick.randint(2, 9), pick.choice([3, 9, 9, 99, 12]), pick.randint(4, 30)
        vendor, model = self.name().capitalize(), f"{self.name(1).upper()}{pick.randint(2, 99)}-{pick.randint(100, 999)}"
        unit = model.replace("-", "")
        self.list_path, self.update_port = f"/{self.name(1)}/check", pick.choice([443, 4433, 8443, 10443])
        return {
            "Haneul Vision": f"{vendor} Imaging", "haneul.example": self.domain,
            "HV-2100": model, "HV2100": unit, "HVS-2": f"{self.name(1).upper()}{pick.randint(10, 99)}", "02:4b:52": "02:" + ":".join(f"{pick.randint(0, 255):02x}" for _ in range(2)),
            "device.cloud.": f"{self.name(2)}.cloud.", "report.cloud.": f"{self.name(2)}.cloud.", "upload.cloud.": f"{self.name(2)}.cloud.",
            "update.haneul.example": self.update_server, "time.haneul.example": f"{self.name(1)}.ntp.{self.domain}", "/v1/firmware": self.list_path, "/v1/packages": f"/{self.name(2)}/images",
            "1.4.0": f"{major}.{minor}.0", "1.4.1": f"{major}.{minor}.{patch - pick.randint(1, 3)}", "1.4.2": f"{major}.{minor}.{patch}",
            # The next number may have more digits: 9.9.4 to 9.10.0.
            "1.5.0": f"{major}.{minor + 1}.{pick.randint(0, 3)}", '"9979"': f'"{pick.randint(2000, 60000)}"',
            **self.others(),
        }

    def others(self):
        """Whom the personas call besides the vendor; what the bench and the camera's program name themselves stays."""
        said = "".join(file.read_text() for file in sorted((top / "fixtures/camera/personas").glob("*.xml")))
        domains = sorted(set(re.findall(r"[a-z0-9-]+\.example", said)) - {"haneul.example", "plates-cloud.example", "elsewhere.example"})
        addresses = sorted(set(re.findall(r"(?:198\.51\.100|203\.0\.113)\.\d+", said)), key=len, reverse=True)
        return {**{domain: f"{self.name(4)}.example" for domain in domains},
                **{address: f"{address.rpartition('.')[0]}.{number}" for address, number in zip(addresses, self.random.sample(range(100, 250), len(addresses)))},
                "2001:db8:53:a::77": f"2001:db8:{self.random.randint(1, 0xfff):x}::{self.random.randint(1, 0xffff):x}"}

    def told(self, text):
        """A text of a test with the words of this world."""
        return self.replaced(text, self.vocabulary)

    def replaced(self, text, words):
        """All at once, the longest first: what was put in is not read again."""
        pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        return re.sub(pattern, lambda found: words[found[0]], text)

    def rewritten(self, file, words):
        text = file.read_text()
        names = {file.stem for file in (top / "fixtures/camera/updates").glob("*.xml")}
        kept = {f"{name}.xml": f"\0{number}\0" for number, name in enumerate(sorted(names))}  # files keep their names
        for name, mark in kept.items():
            text = text.replace(name, mark)
        text = self.replaced(text, words)
        for name, mark in kept.items():
            text = text.replace(mark, name)
        if file.parent.name == "personas":
            text = re.sub(r'(every|after)="(\d+)s"', lambda found: f'{found[1]}="{self.other_time(found[1], int(found[2]))}ms"', text)
        text = text.replace(f'<updates server="{self.update_server}"', f'<updates server="{self.update_server}" port="{self.update_port}" path="{self.list_path}"')
        return text.replace(f'name="{self.update_server}" port="443"', f'name="{self.update_server}" port="{self.update_port}"')

    def other_time(self, which, seconds):
        """In ms; no declared period gets shorter."""
        return round(1000 * seconds * (self.random.uniform(0.5, 1.5) if which == "after" else self.random.uniform(1.0, 1.4)))

    def new_flash(self, build):
        """The unit leaves this factory with the other version in its slot."""
        given = json.loads((self.image / "image.json").read_text())
        image = self.place / "fixtures/camera/image"
        image.mkdir()
        for kind in ("bootloader", "environment"):
            given[kind] = str((self.image / given[kind]).resolve())
        flash, package = image / "flash.img", self.place / "slot-a.hvf"
        subprocess.run(["cp", "--sparse=always", self.image / given["flash"], flash], check=True)
        given["flash"] = str(flash)
        description = self.place / "fixtures/camera/updates/haneul-1.4.2.xml"
        subprocess.run([build / "bin/build-firmware", description, package], check=True)
        with flash.open("r+b") as file:
            file.seek(SLOT_A)
            file.write(package.read_bytes())
        (image / "image.json").write_text(json.dumps(given))
        self.image = image
