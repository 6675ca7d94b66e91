"""A bill of materials of Debian packages (SPDX 2.3, JSON) on standard output.

usage: sbom.py PACKAGE.deb...

Names the packages, every program and library in them with its SHA-256, and for each the Debian packages whose libraries it
links, with the version that is installed here: run it where the packages were made. What headers put into the files is told by
the packages the build needs (packages.txt, kind `build`), as build dependencies. $SOURCE_DATE_EPOCH dates the document.
"""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PACKAGES = pathlib.Path(__file__).with_name("packages.txt")


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def identifier(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", text)


def is_elf(path):
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


class Debian:
    """What the packages of this machine own."""

    def __init__(self):
        self.libraries = {}
        for line in output("ldconfig", "-p").splitlines():
            if found := re.match(r"\s+(\S+) \(.*\) => (\S+)", line):
                self.libraries.setdefault(found[1], found[2])
        self.owners = {}

    def owner(self, library):
        """The package of a library by the name that programs link."""
        if library not in self.owners:
            path = self.libraries.get(library)
            if path is None:
                sys.exit(f"sbom.py: {library} is linked, but the dynamic linker does not know it here")
            places = [path, str(pathlib.Path(path).resolve())]
            places += [place.removeprefix("/usr") for place in places]  # as packages of before the merge of /usr own it
            for place in places:
                found = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True)
                if found.returncode == 0:
                    self.owners[library] = found.stdout.split(": ")[0].split(",")[0]
                    break
            else:
                sys.exit(f"sbom.py: no Debian package owns {path}")
        return self.owners[library]

    @staticmethod
    def describe(name):
        text = output("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\t${Homepage}", name)
        package, version, architecture, homepage = text.split("\t")
        return {
            "SPDXID": identifier(f"Debian-{package}"), "name": package, "versionInfo": version,
            "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            **({"homepage": homepage} if homepage else {}), "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{package}@{version}?arch={architecture}"}]}


def own(name, version, checksum, purpose, file_name):
    return {"SPDXID": identifier(name), "name": name, "versionInfo": version, "packageFileName": file_name,
            "supplier": "Organization: rvm", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "primaryPackagePurpose": purpose, "checksums": [{"algorithm": "SHA256", "checksumValue": checksum}],
            "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION"}


def main(archives):
    debian, packages, relations = Debian(), {}, []

    def add(package):
        return packages.setdefault(package["SPDXID"], package)["SPDXID"]

    def relate(subject, kind, target):
        relations.append({"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": target})

    needed_to_build = [debian.describe(name) for name in re.findall(r"^build (\S+)$", PACKAGES.read_text(), re.M)]
    for archive in archives:
        name, version = output("dpkg-deb", "-f", archive, "Package", "Version").split("\n")[:2]
        name, version = name.removeprefix("Package: "), version.removeprefix("Version: ")
        package = add(own(name, version, digest(archive), "INSTALL", archive.name))
        relate("SPDXRef-DOCUMENT", "DESCRIBES", package)
        for dependency in needed_to_build:
            relate(add(dependency), "BUILD_DEPENDENCY_OF", package)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
            root = pathlib.Path(folder)
            for file in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and is_elf(path)):
                place = file.relative_to(root)
                purpose = "LIBRARY" if ".so" in file.name else "APPLICATION"
                part = add(own(f"{name}/{place}", version, digest(file), purpose, str(place)))
                relate(package, "CONTAINS", part)
                needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.+)\]", output("readelf", "-d", file))
                for owner in sorted({debian.owner(library) for library in needed}):
                    relate(part, "DYNAMIC_LINK", add(debian.describe(owner)))

    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", datetime.datetime.now().timestamp()))
    fingerprint = hashlib.sha256("".join(digest(archive) for archive in archives).encode()).hexdigest()
    json.dump({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "rvm",
               "documentNamespace": f"urn:rvm:sbom:{fingerprint}",
               "creationInfo": {"created": datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                                "creators": ["Tool: rvm-sbom"]},
               "packages": list(packages.values()), "relationships": relations}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([pathlib.Path(word) for word in sys.argv[1:]])
