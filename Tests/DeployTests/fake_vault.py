"""The fake of Vault that the backends' tests use, in its own Python."""

import json
import subprocess

import manifests


class FakeVault:
    def __enter__(self):
        self.process = subprocess.Popen(
            [manifests.REPOSITORY / ".build/test-python/bin/python3", "-B", manifests.REPOSITORY / "Tests/Fakes/serve.py", "vault"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        )
        announced = json.loads(self.process.stdout.readline())
        self.address = announced["details"]["tls-address"]
        with open(announced["authority"], "rb") as file:
            self.authority = file.read()
        return self

    def do(self, what, **arguments):
        self.process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer.get("ok"), answer
        return answer

    def __exit__(self, *_):
        # It ends when its input does.
        self.process.communicate(timeout=30)
