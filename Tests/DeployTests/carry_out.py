"""Carries the steps of deploy/docker/Dockerfile out in root folders, on a machine without a container engine.

    carry_out.py FOLDER [--bind PATH]... [--cache FOLDER]

Base images cannot be fetched, so debootstrap makes Debian 12 in their place. The toolchain's image is that plus the packages
that its toolchain needs and this machine's toolchain, mounted read-only. --bind mounts more of this machine there, such as
mirrors of packages; --cache is mounted where the build puts its objects. Needs root, and leaves FOLDER/STAGE behind for each
stage, the last one as FOLDER/final, with FOLDER/final.json beside it: what the image says about its environment, user and program.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import dockerfile

REPOSITORY = Path(__file__).resolve().parents[2]
DEBIAN = "bookworm"
# What the toolchain's makers name for Debian 12.
TOOLCHAIN_PACKAGES = (
    "binutils git gnupg2 libc6-dev libcurl4-openssl-dev libedit2 libgcc-12-dev libncurses-dev libpython3-dev "
    "libsqlite3-0 libstdc++-12-dev libxml2-dev libz3-dev pkg-config tzdata zlib1g-dev"
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def say(text):
    print(text, flush=True)


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, **options)


def toolchain():
    """The folder above the bin that swift is in."""
    swift = shutil.which("swift")
    if not swift:
        sys.exit("no Swift toolchain on this machine's PATH, to take the place of the one in its image")
    return Path(swift).resolve().parent.parent


class Mounts:
    """What is mounted into a root while a step runs, and gone after it."""

    def __init__(self, root, binds, cache=None):
        self.root, self.binds, self.cache = Path(root), binds, cache
        self.mounted = []
        # What had to be made to mount on, the innermost first: no part of the image.
        self.made = []

    def mount(self, source, target, *options):
        inside = self.root / str(target).lstrip("/")
        if not inside.exists():
            self.made = [path for path in [inside, *inside.parents] if not path.exists()] + self.made
            if Path(source).is_dir():
                inside.mkdir(parents=True)
            else:
                inside.parent.mkdir(parents=True, exist_ok=True)
                inside.touch()
        run("mount", *options, source, inside)
        self.mounted.append(inside)

    def __enter__(self):
        self.mount("proc", "/proc", "-t", "proc")
        self.mount("/dev", "/dev", "--bind")
        self.mount("/etc/resolv.conf", "/etc/resolv.conf", "--bind")
        for path in self.binds:
            self.mount(path, path, "--bind", "-o", "ro")
        if self.cache:
            self.mount(self.cache[0], self.cache[1], "--bind")
        return self

    def __exit__(self, *_):
        for path in reversed(self.mounted):
            run("umount", path)
        for path in self.made:
            path.rmdir() if path.is_dir() else path.unlink()


def base_debian(folder):
    """A plain Debian with the sources of security fixes, as its image has."""
    root = folder / "debian"
    if not (root / "etc/ready").exists():
        say(f"debootstrap {DEBIAN}")
        shutil.rmtree(root, ignore_errors=True)
        run("debootstrap", "--variant=minbase", DEBIAN, root, stdout=subprocess.DEVNULL)
        (root / "etc/apt/sources.list").write_text(
            f"deb http://deb.debian.org/debian {DEBIAN} main\n"
            f"deb http://deb.debian.org/debian {DEBIAN}-updates main\n"
            f"deb http://deb.debian.org/debian-security {DEBIAN}-security main\n"
        )
        (root / "etc/ready").touch()
    return root


def base_swift(folder):
    root = folder / "swift"
    stamp = root / "etc/ready-for-swift"
    # Made anew when other packages are wanted.
    if not stamp.exists() or stamp.read_text() != TOOLCHAIN_PACKAGES:
        shutil.rmtree(root, ignore_errors=True)
        run("cp", "-a", base_debian(folder), root)
        say("packages of the toolchain's image")
        with Mounts(root, []):
            run("chroot", root, "/bin/sh", "-c",
                "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "
                f"ca-certificates {TOOLCHAIN_PACKAGES}", stdout=subprocess.DEVNULL)
        stamp.write_text(TOOLCHAIN_PACKAGES)
    return root


class Builder:
    def __init__(self, folder, binds, cache):
        self.folder, self.binds, self.cache = folder, binds, cache
        self.built = {}  # stage name to (root, settings)
        self.allowed = dockerfile.ignored(REPOSITORY / "deploy/docker/Dockerfile.dockerignore")

    def start(self, stage, root):
        shutil.rmtree(root, ignore_errors=True)
        settings = {"env": {"PATH": PATH}, "user": "0:0", "workdir": "/", "entrypoint": [], "cmd": []}
        if stage.base == "scratch":
            root.mkdir()
        elif stage.base in self.built:
            source, inherited = self.built[stage.base]
            run("cp", "-a", source, root)
            settings = json.loads(json.dumps(inherited))
        elif stage.base == f"debian:{DEBIAN}-slim":
            run("cp", "-a", base_debian(self.folder), root)
        elif stage.base.startswith("swift:") and stage.base.endswith(f"-{DEBIAN}"):
            run("cp", "-a", base_swift(self.folder), root)
        else:
            raise dockerfile.NotUnderstood(f"nothing takes the place of the image {stage.base}")
        return settings

    def copy(self, root, settings, rest):
        stage, sources, destination = dockerfile.copy_arguments(rest)
        if stage is not None and stage not in self.built:
            raise dockerfile.NotUnderstood(f"COPY from {stage}, which is no stage before this one")
        if not destination.startswith("/"):
            destination = os.path.join(settings["workdir"], destination)
        target = root / destination.lstrip("/")
        for source in sources:
            if stage is None:
                if not any(source == path or source.startswith(path + "/") for path in self.allowed):
                    raise dockerfile.NotUnderstood(f"COPY {source}, which .dockerignore keeps out")
                origin = REPOSITORY / source
            else:
                origin = self.built[stage][0] / source.lstrip("/")
            if origin.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", f"{origin}/.", target)
            elif len(sources) > 1 or destination.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", origin, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", origin, target)
            if stage is None:
                run("chown", "-R", "0:0", target)

    def step(self, stage, root, settings, word, rest):
        if word == "RUN":
            if settings["user"] != "0:0" or rest.startswith(("--", "[")):
                raise dockerfile.NotUnderstood(f"RUN {rest}")
            swift = stage.base.startswith("swift:")
            environment = dict(settings["env"], HOME="/root")
            binds, cache = [], None
            if swift:
                binds = [toolchain(), *self.binds]
                environment["PATH"] = f"{toolchain()}/bin:{environment['PATH']}"
                cache = self.cache and (self.cache, os.path.join(settings["workdir"], ".build"))
            with Mounts(root, binds, cache):
                run("chroot", root, "/bin/sh", "-c", f"cd {settings['workdir']} && {rest}", env=environment)
        elif word == "COPY":
            self.copy(root, settings, rest)
        elif word == "ENV":
            settings["env"].update(dockerfile.assignments(rest))
        elif word == "WORKDIR":
            settings["workdir"] = os.path.join(settings["workdir"], rest)
            (root / settings["workdir"].lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            settings["user"] = rest
        elif word in ("ENTRYPOINT", "CMD"):
            settings[word.lower()] = dockerfile.program(rest)
        elif word == "HEALTHCHECK":
            settings["healthcheck"] = dockerfile.program(rest[rest.index("["):])
        else:
            raise dockerfile.NotUnderstood(f"{word} {rest}")

    def build(self, stages):
        for stage in stages:
            name = stage.name if stage is not stages[-1] else "final"
            root = self.folder / name
            say(f"FROM {stage.base} AS {name}")
            settings = self.start(stage, root)
            for word, rest in stage.steps:
                say(f"  {word} {' '.join(rest.split())}")
                self.step(stage, root, settings, word, rest)
            self.built[stage.name] = (root, settings)
            (self.folder / f"{name}.json").write_text(json.dumps(settings, indent=2))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--bind", action="append", default=[])
    arguments.add_argument("--cache", type=Path)
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.cache:
        given.cache.mkdir(parents=True, exist_ok=True)
    # Mounts end with this process, however it ends.
    if os.environ.get("CARRY_OUT_IN_NAMESPACE") != "1":
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv],
                   dict(os.environ, CARRY_OUT_IN_NAMESPACE="1"))
    builder = Builder(given.folder.resolve(), given.bind, given.cache and given.cache.resolve())
    builder.build(dockerfile.stages(REPOSITORY / "deploy/docker/Dockerfile"))


if __name__ == "__main__":
    main()
