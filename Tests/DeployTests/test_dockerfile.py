"""The reader of Dockerfiles, and what can be told of ours without building it: make image-check carries it out."""

import tempfile
import unittest
from pathlib import Path

import dockerfile
import manifests

DOCKER = manifests.REPOSITORY / "deploy/docker"


class Reader(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "Dockerfile"
            path.write_text(text)
            return dockerfile.stages(path)

    def test_continued_lines_are_joined_and_comments_between_them_left_out(self):
        [stage] = self.read("FROM debian AS one\nRUN a \\\n  # why\n  && b\n")
        self.assertEqual((stage.base, stage.name), ("debian", "one"))
        self.assertEqual([(word, rest.split()) for word, rest in stage.steps], [("RUN", ["a", "&&", "b"])])

    def test_what_it_would_carry_out_wrongly_is_refused(self):
        for text in ("RUN a\n", "FROM a\nADD b c\n", "FROM --platform=x a\n", "FROM a\nRUN b \\\n", "FROM a\nVOLUME /v\n"):
            with self.subTest(text), self.assertRaises(dockerfile.NotUnderstood):
                self.read(text)
        for text in ("--chown=1 a b", "a"):
            with self.subTest(text), self.assertRaises(dockerfile.NotUnderstood):
                dockerfile.copy_arguments(text)
        with self.assertRaises(dockerfile.NotUnderstood):
            dockerfile.program("/bin/sh -c true")


class Ours(unittest.TestCase):
    def test_the_last_stage_begins_with_nothing_and_runs_as_the_pods_user(self):
        last = dockerfile.stages(DOCKER / "Dockerfile")[-1]
        self.assertEqual(last.base, "scratch")
        self.assertEqual([word for word, _ in last.steps], ["COPY", "ENV", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"])
        pod = manifests.the(manifests.base(), "DaemonSet")["spec"]["template"]["spec"]
        user = f'{pod["securityContext"]["runAsUser"]}:{pod["securityContext"]["runAsGroup"]}'
        self.assertEqual(dict(last.steps)["USER"], user)
        [tacit] = [line for line in (DOCKER / "passwd").read_text().splitlines() if line.startswith("tacit:")]
        self.assertEqual(":".join(tacit.split(":")[2:4]), user)
        [clients] = [line for line in (DOCKER / "group").read_text().splitlines() if line.startswith("tacit-clients:")]
        self.assertEqual([int(clients.split(":")[2])], pod["securityContext"]["supplementalGroups"])

    def test_everything_that_is_copied_from_the_repository_is_let_in(self):
        allowed = dockerfile.ignored(DOCKER / "Dockerfile.dockerignore")
        for stage in dockerfile.stages(DOCKER / "Dockerfile"):
            for word, rest in stage.steps:
                if word == "COPY" and dockerfile.copy_arguments(rest)[0] is None:
                    for source in dockerfile.copy_arguments(rest)[1]:
                        self.assertTrue((manifests.REPOSITORY / source).exists(), source)
                        self.assertTrue(any(source == it or source.startswith(f"{it}/") for it in allowed), source)
