"""A security linter reads the manifests and the Dockerfile; what it finds is either put right or explained beside them."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

import manifests

DEPLOY = manifests.REPOSITORY / "deploy"


def checkov(framework, *arguments):
    """Each finding as (check, resource, what it says, file). Rules come with the package; nothing is asked of any network."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    answer = subprocess.run(
        [sys.executable, "-B", Path(sys.executable).parent / "checkov", "--framework", framework, "--output", "json",
         "--quiet", "--compact", "--skip-download", *arguments],
        capture_output=True, text=True, env=environment,
    )
    if answer.returncode not in (0, 1):
        raise AssertionError(answer.stderr)
    report = json.loads(answer.stdout)
    assert report["summary"]["passed"] > 50, "the linter read nothing"
    return [
        (it["check_id"], it["resource"], it["check_name"], Path(it["file_path"]).name)
        for it in report["results"]["failed_checks"]
    ]


class Findings(unittest.TestCase):
    def judge(self, found, explanations):
        """Each explanation names the check, the resources it holds for, and why: all of them in use, and no finding without."""
        told = yaml.safe_load(explanations.read_text())
        for check, explanation in told.items():
            self.assertEqual(set(explanation), {"says", "resources", "because"}, check)
            self.assertGreater(len(explanation["because"]), 40, f"{check}: that is no reason")
        explained = {(check, resource) for check, it in told.items() for resource in it["resources"]}
        present = {(check, resource) for check, resource, _, _ in found}
        names = {check: name for check, _, name, _ in found}
        new = [f"{check} ({names[check]}) at {resource}" for check, resource in sorted(present - explained)]
        self.assertEqual(new, [], f"put right, or explained in {explanations}")
        gone = [f"{check} at {resource}" for check, resource in sorted(explained - present)]
        self.assertEqual(gone, [], f"no longer found: to be taken out of {explanations}")
        self.assertEqual({check: it["says"] for check, it in told.items()}, names)

    def test_findings_in_the_manifests_are_explained_and_explanations_are_in_use(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, objects in manifests.every_build():
                file = Path(folder) / f"{name.replace('/', '-').removesuffix('.yaml')}.yaml"
                file.write_text(yaml.safe_dump_all(objects))
            found = checkov("kubernetes", "--directory", folder)
        self.judge(found, DEPLOY / "kubernetes/findings.yaml")
        # Where an explanation says that a component does without, it does.
        for build, check in (("raised-memlock", "CKV_K8S_20"), ("vault", "CKV_K8S_35")):
            self.assertNotIn(check, {it[0] for it in found if it[3] == f"overlays-{build}.yaml"})

    def test_the_linter_finds_nothing_in_the_dockerfile(self):
        found = checkov("dockerfile", "--file", str(DEPLOY / "docker/Dockerfile"))
        self.assertEqual(found, [])

    def test_a_pod_that_gives_itself_away_is_found(self):
        pod = manifests.the(manifests.example("worker-pod.yaml"), "Pod")
        pod["spec"]["hostPID"] = True
        pod["spec"]["containers"][0]["securityContext"]["privileged"] = True
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "pod.yaml").write_text(yaml.safe_dump(pod))
            found = {it[0] for it in checkov("kubernetes", "--directory", folder)}
        self.assertLessEqual({"CKV_K8S_16", "CKV_K8S_17"}, found)
