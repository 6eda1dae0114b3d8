"""The units of deploy/systemd, read by systemd's own tools in a root folder where they are installed as the documentation says."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import manifests

UNITS = manifests.REPOSITORY / "deploy/systemd"
# Of 100, where 0 is the safest; docs/systemd.md says what is left and why.
EXPOSURE = 15
LEFT = {
    "PrivateNetwork", "RestrictAddressFamilies_AF_INET_INET6", "IPAddressDeny",
    "PrivateUsers",
    "SystemCallFilter_privileged", "SystemCallFilter_resources",
    "RestrictAddressFamilies_AF_UNIX", "SupplementaryGroups",
    "RootDirectoryOrRootImage", "DeviceAllow",
}


class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        # The units that ours name, and the programs that they start.
        shutil.copytree("/usr/lib/systemd/system", self.root / "usr/lib/systemd/system", symlinks=True)
        (self.root / "usr/bin").mkdir()
        (self.root / "bin").symlink_to("usr/bin")
        for program in ("tacit", "sh"):
            shutil.copy(shutil.which("true"), self.root / "usr/bin" / program)
        self.installed = self.root / "etc/systemd/system"
        self.installed.mkdir(parents=True)
        for unit in ("tacit.service", "tacit.socket"):
            shutil.copy(UNITS / unit, self.installed)

    def analyze(self, *arguments):
        answer = subprocess.run(
            ["systemd-analyze", *arguments, "tacit.service"], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
        )
        return answer.returncode, answer.stdout, answer.stderr

    def verify(self):
        return self.analyze("verify", "--man=no", f"--root={self.root}", "tacit.socket")

    def change(self, unit, before, after):
        path = self.installed / unit
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))

    def test_systemd_has_nothing_to_say_about_the_units(self):
        self.assertEqual(self.verify(), (0, "", ""))

    def test_a_misspelt_setting_and_a_missing_program_are_found(self):
        self.change("tacit.socket", "SocketMode", "SocketMod")
        self.assertIn("Unknown key 'SocketMod'", self.verify()[2])
        (self.root / "usr/bin/tacit").unlink()
        self.assertNotEqual(self.verify()[0], 0)

    def test_the_exposure_stays_below_what_is_documented(self):
        rating = ("security", "--offline=true", "--no-pager", f"--root={self.root}", f"--threshold={EXPOSURE}")
        status, report, _ = self.analyze(*rating)
        self.assertEqual(status, 0, report)
        documented = (manifests.REPOSITORY / "docs/systemd.md").read_text()
        self.assertIn(re.search(r"exposure level for tacit.service: (\d+\.\d)", report)[1] + " of 10", documented)
        self.change("tacit.service", "ProtectSystem=strict", "ProtectSystem=no")
        self.assertNotEqual(self.analyze(*rating)[0], 0)

    def test_nothing_is_exposed_but_what_is_documented(self):
        _, report, _ = self.analyze("security", "--offline=true", "--json=short", f"--root={self.root}")
        self.assertEqual({it["json_field"] for it in json.loads(report) if it["exposure"]}, LEFT)

    def test_memory_is_locked_and_never_in_a_core_file(self):
        text = (UNITS / "tacit.service").read_text()
        limit = int(re.search(r"^LimitMEMLOCK=(\d+)M$", text, re.M)[1]) << 20
        configuration = manifests.settings(manifests.base())
        self.assertGreater(limit, manifests.size(configuration["tacit"]["memory"]["maximum"]))
        for line in ("LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "CapabilityBoundingSet="):
            self.assertIn(f"\n{line}\n", text)

    def test_the_socket_belongs_to_the_users_that_are_made_for_it(self):
        subprocess.run(["systemd-sysusers", f"--root={self.root}", UNITS / "tacit.sysusers"], check=True, capture_output=True)
        users = {line.split(":")[0] for line in (self.root / "etc/passwd").read_text().splitlines()}
        groups = {line.split(":")[0]: line for line in (self.root / "etc/group").read_text().splitlines()}
        self.assertTrue(groups["tacit-clients"].endswith(":tacit"), groups)
        socket = dict(re.findall(r"^(\w+)=(.*)$", (UNITS / "tacit.socket").read_text(), re.M))
        self.assertIn(socket["SocketUser"], users)
        self.assertIn(socket["SocketGroup"], groups)
        [(path, mode, user, group)] = re.findall(
            r"^d\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+)", (UNITS / "tacit.tmpfiles").read_text(), re.M
        )
        self.assertEqual((path, mode), (str(Path(socket["ListenStream"]).parent), "0750"))
        self.assertIn(user, users)
        self.assertIn(group, groups)
