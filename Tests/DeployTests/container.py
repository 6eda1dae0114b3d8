"""Runs the containers of a pod on this machine, as far as a test needs it: root folders instead of images, the volumes where the
manifest mounts them, its users, capabilities and environment. No engine, no cluster.

Needs root (of a user namespace at least) and a mount namespace of its own: scripts/test-deploy.sh gives it both.
"""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import dockerfile
import manifests

# linux/capability.h
CAPABILITIES = {"CHOWN": 0, "FOWNER": 3, "IPC_LOCK": 14}
LAST_CAPABILITY = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
# What the hardest of container runtimes leave: without the capability, no arena fits.
HARDLY_ANY = 64 << 10
# The capability counts for root of the machine only. Root of a user namespace has to do with the limit that it has.
REAL_ROOT = Path("/proc/self/uid_map").read_text().split() == ["0", "0", str(2**32 - 1)]
LOCKED_MEMORY = HARDLY_ANY if REAL_ROOT else resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]


class Image:
    """A root folder and what the image says of itself."""

    def __init__(self, root, settings):
        self.root, self.environment = Path(root), settings["env"]

    @staticmethod
    def put_together(root, programs, environment):
        """Programs of this machine (path in the image to path here) and the libraries that they link."""
        wanted = {}
        for inside, here in programs.items():
            wanted[inside] = here
            listed = subprocess.run(["ldd", here], check=True, capture_output=True, text=True).stdout
            for word in listed.split():
                if word.startswith("/"):
                    wanted[word] = word
        for inside, here in wanted.items():
            target = root / inside.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(here), target)
        users = manifests.REPOSITORY / "deploy/docker"
        (root / "etc").mkdir(exist_ok=True)
        for file in ("passwd", "group"):
            shutil.copy(users / file, root / "etc" / file)
        return Image(root, {"env": environment})


class Node:
    """One machine of the cluster: the directories of hostPath volumes, and what the kubelet writes for the others."""

    def __init__(self, folder, images, name="node-1"):
        self.folder, self.images, self.name = Path(folder), images, name
        self.config_maps, self.secrets, self.tokens = {}, {}, {}

    def apply(self, objects):
        for document in manifests.of_kind(objects, "ConfigMap"):
            self.config_maps[document["metadata"]["name"]] = {
                name: text.encode() for name, text in document["data"].items()
            }

    def volume(self, pod, volume, mounted):
        """The folder behind a volume. Secrets and ConfigMaps are linked twice over, as the kubelet does."""
        if "hostPath" in volume:
            path = self.folder / "host" / volume["hostPath"]["path"].lstrip("/")
            if not path.exists():
                if volume["hostPath"]["type"] != "DirectoryOrCreate":
                    raise AssertionError(f"{path} is not there, and the pod would wait")
                path.mkdir(parents=True, mode=0o755)
            return path
        if "configMap" in volume:
            files, mode = self.config_maps[volume["configMap"]["name"]], volume["configMap"].get("defaultMode", 0o644)
        elif "secret" in volume:
            files, mode = self.secrets[volume["secret"]["secretName"]], volume["secret"].get("defaultMode", 0o644)
        else:
            files, mode = {}, volume["projected"].get("defaultMode", 0o644)
            for source in volume["projected"]["sources"]:
                if "serviceAccountToken" in source:
                    token = source["serviceAccountToken"]
                    files[token["path"]] = self.tokens[token["audience"]]
                    continue
                kind, known = ("secret", self.secrets) if "secret" in source else ("configMap", self.config_maps)
                for item in source[kind]["items"]:
                    files[item["path"]] = known[source[kind]["name"]][item["key"]]
        folder = self.folder / "kubelet" / f"{pod}-{volume['name']}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write(folder, files, mode, mounted["securityContext"].get("fsGroup", 0))
        for name in files:
            (folder / name).symlink_to(f"..data/{name}")
        return folder

    def environment(self, container, image):
        given = dict(image.environment)
        for source in container.get("envFrom", []):
            name = source["secretRef"]["name"]
            if name not in self.secrets and not source["secretRef"].get("optional"):
                raise AssertionError(f"the secret {name} is not there, and the pod would wait")
            given |= {key: value.decode() for key, value in self.secrets.get(name, {}).items()}
        for variable in container.get("env", []):
            if "value" in variable:
                given[variable["name"]] = variable["value"]
            else:
                assert variable["valueFrom"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}
                given[variable["name"]] = self.name
        return given

    def start(self, name, pod, container, arguments=None, locked_memory=LOCKED_MEMORY):
        """The container's process."""
        image = self.images[container["image"].rpartition(":")[0].rpartition("/")[2]]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        security = {**pod["securityContext"], **container["securityContext"]}
        assert security["capabilities"]["drop"] == ["ALL"]
        assert not (security["runAsNonRoot"] and security["runAsUser"] == 0)
        told = {
            "root": str(image.root),
            "read_only": security["readOnlyRootFilesystem"],
            "mounts": [
                (str(self.volume(name, volumes[it["name"]], pod)), it["mountPath"], it.get("readOnly", False))
                for it in container["volumeMounts"]
            ],
            "user": security["runAsUser"],
            "group": security["runAsGroup"],
            "groups": sorted({*security.get("supplementalGroups", []), security.get("fsGroup", security["runAsGroup"])}),
            "capabilities": security["capabilities"].get("add", []),
            "no_new_privileges": not security["allowPrivilegeEscalation"],
            "locked_memory": locked_memory,
            "command": [*container["command"], *(container.get("args", []) if arguments is None else arguments)],
            "environment": self.environment(container, image),
        }
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", __file__, json.dumps(told)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )


def write(folder, files, mode, group):
    """What the kubelet does at first and again when a Secret or ConfigMap changes: all files at once, by one new link."""
    generation = f"..{len(list(folder.glob('..[0-9]*')))}"
    (folder / generation).mkdir()
    for name, content in files.items():
        file = folder / generation / name
        file.write_bytes(content)
        os.chown(file, 0, group)
        file.chmod(mode)
    (folder / "..new").symlink_to(generation)
    (folder / "..new").rename(folder / "..data")


def probe(container, kind):
    """The status that a probe of the container sees; 0 where nobody answers."""
    asked = container[f"{kind}Probe"]["httpGet"]
    port = next(it["containerPort"] for it in container["ports"] if it["name"] == asked["port"])
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{port}{asked["path"]}', timeout=3) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def wait_for(container, kind, process):
    """As patient as the probe of this kind."""
    told = container[f"{kind}Probe"]
    deadline = time.monotonic() + told["periodSeconds"] * told["failureThreshold"]
    while probe(container, kind) != 200:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(f"the {kind} probe was not answered: {process.communicate()[0]}")
        time.sleep(0.05)


def become(told):
    """In a mount namespace of its own: makes the container's view, gives up what it has not, and becomes its command."""
    root = told["root"]

    def mount(*words):
        subprocess.run(["mount", *words], check=True)

    # What a step has to mount on must be there before the root is closed.
    for path in ("/proc", "/dev", *(target for _, target, _ in told["mounts"])):
        os.makedirs(root + path, exist_ok=True)
    mount("--bind", root, root)
    if told["read_only"]:
        mount("-o", "remount,bind,ro", root)
    mount("--rbind", "/proc", root + "/proc")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", root + "/dev")
    for device in ("null", "zero", "urandom"):
        Path(f"{root}/dev/{device}").touch()
        mount("--bind", f"/dev/{device}", f"{root}/dev/{device}")
    for source, target, read_only in told["mounts"]:
        mount("--bind", source, root + target)
        if read_only:
            mount("-o", "remount,bind,ro", root + target)
    os.chroot(root)
    os.chdir("/")
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (told["locked_memory"], told["locked_memory"]))
    libc = ctypes.CDLL(None, use_errno=True)

    def prctl(*words):
        if libc.prctl(*words, *[0] * (5 - len(words))) != 0:
            raise OSError(ctypes.get_errno(), f"prctl {words}")

    kept = {CAPABILITIES[name] for name in told["capabilities"]}
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in kept:
            prctl(PR_CAPBSET_DROP, capability)
    os.setgroups(told["groups"])
    os.setresgid(told["group"], told["group"], told["group"])
    os.setresuid(told["user"], told["user"], told["user"])
    if told["no_new_privileges"]:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
    try:
        os.execve(told["command"][0], told["command"], told["environment"])
    except OSError as refusal:
        sys.exit(f"exec of {told['command'][0]}: {refusal.strerror}")


def image_of(folder, name):
    """A stage that carry_out.py left behind."""
    return Image(Path(folder) / name, json.loads((Path(folder) / f"{name}.json").read_text()))


def final_stage():
    """The steps of the Dockerfile's last stage."""
    return dockerfile.stages(manifests.REPOSITORY / "deploy/docker/Dockerfile")[-1].steps


def environment_of_the_image():
    return {k: v for word, rest in final_stage() if word == "ENV" for k, v in dockerfile.assignments(rest).items()}


def health_check_of_the_image():
    rest = dict(final_stage())["HEALTHCHECK"]
    return dockerfile.program(rest[rest.index("[") :])


if __name__ == "__main__":
    become(json.loads(sys.argv[1]))
