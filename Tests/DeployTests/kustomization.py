"""Renders kustomizations where neither kubectl nor kustomize is installed: no distribution that the tests run on has one that
knows components. It knows what deploy/kubernetes uses and refuses the rest; a test compares it with kubectl where that is.
"""

import copy
import hashlib
import json
from pathlib import Path

import yaml

CLUSTER_WIDE = {"Namespace", "ClusterIssuer", "PriorityClass", "ClusterRole", "ClusterRoleBinding"}
KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "components", "configMapGenerator", "images", "patches"}


class NotUnderstood(Exception):
    pass


def render(folder):
    return _accumulate(Path(folder), [], final=True)


def _accumulate(folder, objects, final=False):
    """What a kustomization adds to, and changes in, the objects so far."""
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(told) - KNOWN:
        raise NotUnderstood(f"{folder}: {sorted(unknown)}")
    component = told["kind"] == "Component"
    own = objects if component else []
    for name in told.get("resources", []):
        path = folder / name
        if path.is_dir():
            own += _accumulate(path, [])
        else:
            own += [document for document in yaml.safe_load_all(path.read_text()) if document]
    for generator in told.get("configMapGenerator", []):
        _generate(folder, generator, own)
    for name in told.get("components", []):
        _accumulate(folder / name, own)
    for patch in told.get("patches", []):
        _patch(patch, own)
    for document in own:
        if "namespace" in told:
            _into_namespace(document, told["namespace"])
        for labels in told.get("labels", []):
            document["metadata"].setdefault("labels", {}).update(labels["pairs"])
        for _, container in _containers(document):
            for image in told.get("images", []):
                if container["image"] == image["name"]:
                    container["image"] = f'{image["newName"]}:{image["newTag"]}'
    if final:
        _name_by_content(own)
    return own


def _generate(folder, generator, objects):
    data = {Path(name).name: (folder / name).read_text() for name in generator["files"]}
    if generator.get("behavior") == "merge":
        found = [it for it in objects if it["kind"] == "ConfigMap" and it["metadata"]["name"] == generator["name"]]
        found[0]["data"].update(data)
    else:
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data,
                        "generated": True})


def _name_by_content(objects):
    """A generated ConfigMap carries a hash of its content in its name, wherever it is named."""
    for document in objects:
        if not document.pop("generated", False):
            continue
        name = document["metadata"]["name"]
        digest = hashlib.sha256(json.dumps(document["data"], sort_keys=True).encode()).hexdigest()[:10]
        document["metadata"]["name"] = f"{name}-{digest}"
        for user in objects:
            for spec, _ in _containers(user):
                for volume in spec.get("volumes", []):
                    if volume.get("configMap", {}).get("name") == name:
                        volume["configMap"]["name"] = f"{name}-{digest}"


def _into_namespace(document, namespace):
    if document["kind"] == "Namespace":
        document["metadata"]["name"] = namespace
    elif document["kind"] not in CLUSTER_WIDE:
        document["metadata"]["namespace"] = namespace


def _containers(document):
    spec = document.get("spec", {}).get("template", {}).get("spec") or document.get("spec", {})
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        yield spec, container


def _patch(patch, objects):
    target = patch["target"]
    found = [it for it in objects if it["kind"] == target["kind"] and it["metadata"]["name"] == target["name"]]
    if len(found) != 1:
        raise NotUnderstood(f"{len(found)} objects for the patch of {target}")
    for operation in yaml.safe_load(patch["patch"]):
        *steps, last = operation["path"].strip("/").split("/")
        place = found[0]
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        value = copy.deepcopy(operation.get("value"))
        if operation["op"] == "remove":
            del place[last]
        elif operation["op"] == "add" and last == "-":
            place.append(value)
        elif operation["op"] in ("add", "replace"):
            place[last] = value
        else:
            raise NotUnderstood(operation["op"])
