"""The manifests of deploy/kubernetes as a cluster would get them."""

import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import yaml

import kustomization

REPOSITORY = Path(__file__).resolve().parents[2]
KUBERNETES = REPOSITORY / "deploy/kubernetes"
OVERLAYS = sorted(path.parent.name for path in KUBERNETES.glob("overlays/*/kustomization.yaml"))
COMPONENTS = sorted(path.parent.name for path in KUBERNETES.glob("components/*/kustomization.yaml"))
EXAMPLES = sorted(path.name for path in KUBERNETES.glob("examples/*.yaml"))


@lru_cache
def kustomize_command():
    """kubectl or kustomize, where one is there that knows components and labels; else None."""
    for command, version in (
        (["kubectl", "kustomize"], ["kubectl", "version", "--client", "--output=json"]),
        (["kustomize", "build"], ["kustomize", "version", "--output=json"]),
    ):
        if not shutil.which(command[0]):
            continue
        answer = subprocess.run(version, capture_output=True, text=True)
        found = re.search(r'"(?:kustomizeVersion|version)":\s*"v?(\d+)\.', answer.stdout, re.I)
        if answer.returncode == 0 and found and int(found[1]) >= 5:
            return command
    return None


@lru_cache
def render_text(folder):
    """The YAML of a kustomization: of kubectl or kustomize, or else of the little renderer beside this file."""
    if command := kustomize_command():
        return subprocess.run([*command, str(folder)], check=True, capture_output=True, text=True).stdout
    return yaml.safe_dump_all(kustomization.render(folder), sort_keys=False)


def render(folder):
    return [document for document in yaml.safe_load_all(render_text(folder)) if document]


def base():
    return render(KUBERNETES / "base")


def overlay(name):
    return render(KUBERNETES / "overlays" / name)


def composed(*components):
    """The base with any components, as a user's own overlay would have them."""
    with tempfile.TemporaryDirectory() as folder:
        parts = os.path.relpath(KUBERNETES, Path(folder).resolve())
        (Path(folder) / "kustomization.yaml").write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "kustomize.config.k8s.io/v1beta1",
                    "kind": "Kustomization",
                    "resources": [f"{parts}/base"],
                    "components": [f"{parts}/components/{name}" for name in components],
                }
            )
        )
        return render(Path(folder))


def example(name):
    return [document for document in yaml.safe_load_all((KUBERNETES / "examples" / name).read_text()) if document]


def every_build():
    """(name, objects) of the base, every overlay, all components at once, and every example."""
    yield "base", base()
    for name in OVERLAYS:
        yield f"overlays/{name}", overlay(name)
    yield "all components", composed(*COMPONENTS)
    for name in EXAMPLES:
        yield f"examples/{name}", example(name)


def of_kind(objects, kind):
    return [document for document in objects if document["kind"] == kind]


def the(objects, kind, name=None):
    """The one object of a kind (and name)."""
    found = [document for document in of_kind(objects, kind) if name in (None, document["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} objects {kind} {name or ''}"
    return found[0]


def pod_specs(objects):
    """(description, labels, spec) of every pod that the objects make."""
    for document in objects:
        if document["kind"] == "Pod":
            yield document["metadata"]["name"], document["metadata"]["labels"], document["spec"]
        elif document["kind"] == "DaemonSet":
            template = document["spec"]["template"]
            yield document["metadata"]["name"], template["metadata"]["labels"], template["spec"]


def size(text):
    """Bytes, of Kubernetes' 128Mi or the configuration's 64MiB."""
    number, unit = re.fullmatch(r"(\d+)\s*([KMG]i)B?", text).groups()
    return int(number) * {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}[unit]


def settings(objects):
    """The agent's configuration, merged from the files that its arguments name, as the agent does it."""

    def merge(below, above):
        if not isinstance(below, dict) or not isinstance(above, dict):
            return above
        return {key: merge(below.get(key), above[key]) if key in above else below[key] for key in {**below, **above}}

    merged = {}
    for text in configuration_files(objects).values():
        merged = merge(merged, yaml.safe_load(text))
    return merged


def configuration_files(objects):
    """Name to text, in the order of the agent's arguments."""
    arguments = the(objects, "DaemonSet")["spec"]["template"]["spec"]["containers"][0]["args"]
    names = [Path(after).name for before, after in zip(arguments, arguments[1:]) if before == "-c"]
    data = the(objects, "ConfigMap")["data"]
    assert sorted(names) == sorted(data), f"the arguments name {names}, the ConfigMap holds {sorted(data)}"
    return {name: data[name] for name in names}

