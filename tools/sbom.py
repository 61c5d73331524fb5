#!/usr/bin/env python3
"""Writes sbom.json (CycloneDX 1.5): what the product is made of, with versions and licences.

Names, purposes and licences come from docs/DEPENDENCIES.md; versions of Debian packages from the machine's own package
database; the pinned library's version and hash from tools/pins. Equal machines give equal files.
Usage: tools/sbom.py [--check] [OUT]    --check compares with OUT instead of writing; exit 1 if they differ in anything
but Debian's own updates, or if a package of tools/setup.sh is not accounted for.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Package of tools/setup.sh: licence (SPDX), what it is to the product. `linked`: its code is in the product or loaded by it.
PACKAGES = {
    "g++": ("GPL-3.0-or-later WITH GCC-exception-3.1", "build"),
    "cmake": ("BSD-3-Clause", "build"),
    "ninja-build": ("Apache-2.0", "build"),
    "ccache": ("GPL-3.0-or-later", "build"),
    "mold": ("AGPL-3.0-or-later", "build"),
    "unzip": ("Info-ZIP", "build"),
    "python3-pip": ("MIT", "build"),
    "libfmt-dev": ("MIT", "linked"),
    "libssl-dev": ("Apache-2.0", "linked"),
    "zlib1g-dev": ("Zlib", "linked"),
    "libsqlite3-dev": ("blessing", "linked"),
    "libsimdjson-dev": ("Apache-2.0", "linked"),
    "nlohmann-json3-dev": ("MIT", "linked"),
    "libcli11-dev": ("BSD-3-Clause", "linked"),
    "libexpected-dev": ("CC0-1.0", "linked"),
    "libtomlplusplus-dev": ("MIT", "linked"),
    "libyaml-cpp-dev": ("MIT", "linked"),
    "libboost1.81-dev": ("BSL-1.0", "linked"),
    "libgomp1": ("GPL-3.0-or-later WITH GCC-exception-3.1", "linked"),
    "libtorch-dev": ("BSD-3-Clause", "training"),
    "libopenblas0-openmp": ("BSD-3-Clause", "training"),
    "libgtest-dev": ("BSD-3-Clause", "test"),
    "libgmock-dev": ("BSD-3-Clause", "test"),
    "python3-torch": ("BSD-3-Clause", "test"),
    "chromium": ("BSD-3-Clause", "test"),
    "nodejs": ("MIT", "test"),
    "npm": ("Artistic-2.0", "test"),
}


def packages_of_setup() -> list[str]:
    text = (ROOT / "tools/setup.sh").read_text()
    found = []
    for body in re.findall(r"^packages_\w+=\((.*?)\)", text, re.S | re.M):
        found += body.split()
    return found


def installed_version(package: str) -> str:
    answer = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True)
    return answer.stdout if answer.returncode == 0 and answer.stdout else "not installed"


def pinned() -> list[dict]:
    out = []
    for pin in sorted((ROOT / "tools/pins").iterdir()):
        for name, version, digest in re.findall(r"^(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})", pin.read_text(), re.M):
            out.append({
                "type": "library", "bom-ref": f"pkg:pypi/{name}@{version}?file={pin.stem}", "name": name, "version": version,
                "scope": "required", "purl": f"pkg:pypi/{name}@{version}", "hashes": [{"alg": "SHA-256", "content": digest}],
                "licenses": [{"license": {"id": "MIT"}}], "properties": [{"name": "voltage:use", "value": "linked"}],
            })
    return out


def licence(spdx: str) -> list[dict]:
    if " WITH " in spdx:
        return [{"expression": spdx}]
    return [{"license": {"id": spdx}}]


def components() -> list[dict]:
    out = pinned()
    for package in sorted(set(packages_of_setup())):
        spdx, use = PACKAGES[package]
        version = installed_version(package)
        out.append({
            "type": "library" if use in ("linked", "training") else "application", "bom-ref": f"pkg:deb/debian/{package}",
            "name": package, "version": version, "scope": "required" if use == "linked" else "optional",
            "purl": f"pkg:deb/debian/{package}@{version}", "licenses": licence(spdx),
            "properties": [{"name": "voltage:use", "value": use}],
        })
    return out


def product_version() -> str:
    return re.search(r'kVersion = "([^"]+)"', (ROOT / "src/app/version.hpp").read_text()).group(1)


def make() -> dict:
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "voltage", "name": "voltage",
                                   "version": product_version(), "licenses": [{"license": {"id": "MIT"}}]}},
        "components": components(),
    }


def without_updates(bom: dict) -> list:
    """What must be equal on every Debian 12: names, licences, uses, hashes, the versions of what is pinned, and the minor
    versions of Debian's packages where they are installed: its security updates bring patch releases (OpenSSL 3.0.19,
    3.0.22) to machines that were set up with an older one."""
    rows = []
    for c in bom["components"]:
        version = c["version"] if "hashes" in c else ".".join(re.sub(r"[-+].*$", "", c["version"]).split(".")[:2])
        rows.append((c["name"], c["licenses"], c["properties"], c.get("hashes"), version))
    return sorted(rows, key=str)


def check(path: Path) -> int:
    kept, now = json.loads(path.read_text()), make()
    wrong = []
    for a, b in zip(without_updates(kept), without_updates(now)):
        if a[:4] != b[:4] or (a[4] != b[4] and "not installed" not in (a[4], b[4])):
            wrong.append(f"{path.name} says {a}, the sources and this machine say {b}")
    if len(kept["components"]) != len(now["components"]):
        wrong.append(f"{path.name} has {len(kept['components'])} components, the sources have {len(now['components'])}")
    for line in wrong:
        print(line + "; run tools/sbom.py", file=sys.stderr)
    return 1 if wrong else 0


def main() -> int:
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    path = Path(arguments[0]) if arguments else ROOT / "sbom.json"
    unknown = [p for p in packages_of_setup() if p not in PACKAGES]
    if unknown:
        print(f"tools/setup.sh installs {unknown}: give their licence and use in tools/sbom.py", file=sys.stderr)
        return 1
    if "--check" in sys.argv:
        return check(path)
    path.write_text(json.dumps(make(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
