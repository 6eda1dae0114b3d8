"""The pods of deploy/kubernetes, run with their own commands, users, volumes and configuration: an agent on a node, a worker that
gets its secret, an executor that does not.

TACIT names the program. TACIT_IMAGES names a folder of stages that carry_out.py left behind, to run in instead of root folders put
together from this machine's files.
"""

import base64
import fcntl
import json
import os
import resource
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import container
import fake_vault
import manifests

SECRET = "correct horse battery staple"


def loopback_up():
    """A network namespace begins with its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP | IFF_RUNNING))


def setUpModule():
    loopback_up()


class Pods(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        # Of its own, because the file system below may not keep file capabilities.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", cls.folder], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "--lazy", cls.folder], check=True)
        tacit = os.environ["TACIT"]
        if stages := os.environ.get("TACIT_IMAGES"):
            cls.images = {
                "tacit": container.image_of(stages, "final"),
                "tacit-worker": container.image_of(stages, "worker"),
            }
        else:
            environment = container.environment_of_the_image()
            agent = {"/usr/bin/tacit": tacit, "/usr/bin/tacit-agent": tacit}
            worker = {"/usr/bin/tacit": tacit, "/bin/sh": "/bin/sh"}
            cls.images = {
                name: container.Image.put_together(cls.folder / "images" / name, programs, environment)
                for name, programs in (("tacit", agent), ("tacit-worker", worker))
            }
            setcap = ["setcap", "cap_ipc_lock+ep", cls.folder / "images/tacit/usr/bin/tacit-agent"]
            subprocess.run(setcap, check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        programs = {f"/bin/{name}": f"/bin/{name}" for name in ("sh", "chmod", "chown")}
        cls.images["busybox"] = container.Image.put_together(
            cls.folder / "images/busybox", programs, {"PATH": "/bin"}
        )
        # The name of the Service, which in a cluster its DNS would know.
        (cls.images["tacit-worker"].root / "etc/hosts").write_text("127.0.0.1 localhost tacit-agent.tacit.svc\n")
        cls.certs("init", "--trust-domain", "example.org")
        cls.certificates = cls.issue()

    @classmethod
    def certs(cls, *words):
        command = [os.environ["TACIT"], "certs", *words, "--directory", cls.folder / "certs"]
        subprocess.run(command, check=True, capture_output=True)

    @classmethod
    def issue(cls, name="{}"):
        """What cert-manager would: the Certificates' identities and names, by one authority."""
        folder, secrets = cls.folder / "certs", {}
        for objects in (manifests.overlay("cert-manager"), manifests.example("certificates.yaml")):
            for certificate in manifests.of_kind(objects, "Certificate"):
                spec = certificate["spec"]
                names = [word for host in spec.get("dnsNames", []) for word in ("--dns", host)]
                file = name.format(spec["commonName"])
                cls.certs("issue", file, "--identity", spec["uris"][0], *names)
                secrets[spec["secretName"]] = {
                    "tls.crt": (folder / f"{file}.crt").read_bytes(),
                    "tls.key": (folder / f"{file}.key").read_bytes(),
                    "ca.crt": (folder / "ca.crt").read_bytes(),
                }
        return secrets

    def setUp(self):
        self.node = container.Node(self.enterContext(tempfile.TemporaryDirectory(dir=self.folder)), self.images)
        os.chmod(self.node.folder, 0o755)
        self.node.secrets = {
            **self.certificates,
            "tacit-secrets": {"SECRET_DB_PASSWORD": base64.b64encode(SECRET.encode())},
        }

    def start_agent(self, objects, **options):
        self.node.apply(objects)
        self.pod = manifests.the(objects, "DaemonSet")["spec"]["template"]["spec"]
        for first in self.pod["initContainers"]:
            self.run_to_its_end("agent", self.pod, first, status=0)
        agent = self.pod["containers"][0]
        process = self.node.start("agent", self.pod, agent, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for kind in ("startup", "readiness", "liveness"):
            container.wait_for(agent, kind, process)
        return process

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=self.pod["terminationGracePeriodSeconds"])
        self.assertEqual(process.returncode, 0, output)
        self.assertNotIn(SECRET, output)

    def run_to_its_end(self, name, pod, one, status, **options):
        process = self.node.start(name, pod, one, **options)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, output)
        self.assertNotIn(SECRET, output)
        return output

    def run_example(self, file, status):
        [document] = manifests.example(file)
        [only] = document["spec"]["containers"]
        return self.run_to_its_end(document["metadata"]["name"], document["spec"], only, status)

    def test_a_worker_gets_its_secret_and_an_executor_is_denied(self):
        agent = self.start_agent(manifests.overlay("cert-manager"))
        self.assertEqual(self.run_example("worker-pod.yaml", status=0), "the task has its secret\n")
        denied = self.run_example("executor-pod.yaml", status=1)
        self.assertIn("SERVICE_DENIED", denied)
        self.stop(agent)

        audit = self.node.folder / "host/var/log/tacit/audit.jsonl"
        records = [json.loads(line) for line in audit.read_text().splitlines()]
        self.assertEqual(
            [(it["service"], it["decision"], it["key"], it["node"]) for it in records],
            [("WORKER", "allow", "DB_PASSWORD", "node-1"), ("EXECUTOR", "deny", "DB_PASSWORD", "node-1")],
        )
        self.assertEqual([path.name for path in (self.node.folder / "host/run/tacit").iterdir()], [])

    def test_a_worker_that_may_not_mount_the_nodes_directory_asks_over_tcp(self):
        agent = self.start_agent(manifests.overlay("tcp"))
        self.assertEqual(self.run_example("tcp-worker-pod.yaml", status=0), "the task has its secret\n")
        self.assertEqual(self.run_example("worker-pod.yaml", status=0), "the task has its secret\n")
        self.stop(agent)

    def test_a_renewed_certificate_is_in_use_without_a_restart(self):
        agent = self.start_agent(manifests.overlay("tcp"))
        before = self.certificate_of_the_agent()
        renewed = self.issue("renewed-{}")["tacit-agent-tls"]
        container.write(self.node.folder / "kubelet/agent-tls", renewed, 0o440, self.pod["securityContext"]["fsGroup"])
        deadline = time.monotonic() + 30
        while self.certificate_of_the_agent() == before:
            self.assertLess(time.monotonic(), deadline, "the agent shows its old certificate")
            time.sleep(0.1)
        self.assertEqual(self.run_example("tcp-worker-pod.yaml", status=0), "the task has its secret\n")
        self.stop(agent)

    def certificate_of_the_agent(self):
        """Which one it shows to a worker who connects."""
        folder = self.folder / "certs"
        context = ssl.create_default_context(cafile=folder / "ca.crt")
        context.set_alpn_protocols(["tacit/1"])
        context.load_cert_chain(folder / "worker.crt", folder / "worker.key")
        name = "tacit-agent.tacit.svc"
        with socket.create_connection(("127.0.0.1", 7443)) as connection:
            with context.wrap_socket(connection, server_hostname=name) as secured:
                return secured.getpeercert()["serialNumber"]

    def test_a_pod_without_the_sockets_group_does_not_reach_the_agent(self):
        agent = self.start_agent(manifests.overlay("cert-manager"))
        [document] = manifests.example("worker-pod.yaml")
        document["spec"]["securityContext"]["supplementalGroups"] = []
        self.run_to_its_end("stranger", document["spec"], document["spec"]["containers"][0], status=3)
        self.stop(agent)

    def test_the_next_agent_takes_the_nodes_directory_over(self):
        objects = manifests.overlay("cert-manager")
        first = self.start_agent(objects)
        first.kill()
        first.communicate()
        second = self.start_agent(objects)
        self.assertEqual(self.run_example("worker-pod.yaml", status=0), "the task has its secret\n")
        self.stop(second)

    def test_the_arena_is_locked_by_the_capability_alone(self):
        objects = manifests.overlay("cert-manager")
        agent = self.start_agent(objects)
        status = Path(f"/proc/{agent.pid}/status").read_text()
        held = {line.split()[0]: line.split()[1:] for line in status.splitlines() if len(line.split()) > 1}
        self.assertEqual(held["CapBnd:"], [f"{1 << container.CAPABILITIES['IPC_LOCK']:016x}"])
        self.assertEqual(held["NoNewPrivs:"], ["1"])
        self.assertEqual(held["Uid:"], ["65532"] * 4)
        limit = manifests.size(self.pod["containers"][0]["resources"]["limits"]["memory"])
        self.assertLess(int(held["VmHWM:"][0]) << 10, limit)
        self.stop(agent)

        # Without it the program that carries it is not started at all.
        alone = self.pod["containers"][0]
        alone["securityContext"]["capabilities"].pop("add")
        self.assertIn("Operation not permitted", self.run_to_its_end("agent", self.pod, alone, status=1))
        # And the one without it says what it is short of.
        alone["command"] = ["/usr/bin/tacit"]
        refused = self.run_to_its_end("agent", self.pod, alone, status=2, locked_memory=container.HARDLY_ANY)
        self.assertIn("refused to lock", refused)

    def test_the_image_has_its_version_and_its_own_check_of_health(self):
        agent = self.start_agent(manifests.overlay("cert-manager"))
        one = self.pod["containers"][0]
        one["command"] = container.health_check_of_the_image()
        self.run_to_its_end("agent", self.pod, one, status=0, arguments=[])
        self.stop(agent)
        self.run_to_its_end("agent", self.pod, one, status=3, arguments=[])
        one["command"] = ["/usr/bin/tacit"]
        self.assertRegex(self.run_to_its_end("agent", self.pod, one, status=0, arguments=["--version"]), r"^\d+\.\d+")

    def test_without_any_capability_a_raised_limit_is_enough(self):
        # 96 MiB, or what this machine allows: the arena begins with 4 MiB.
        allowed = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
        raised = 96 << 20 if allowed == resource.RLIM_INFINITY else min(96 << 20, allowed)
        agent = self.start_agent(manifests.overlay("raised-memlock"), locked_memory=raised)
        self.assertEqual(self.run_example("worker-pod.yaml", status=0), "the task has its secret\n")
        status = Path(f"/proc/{agent.pid}/status").read_text()
        self.assertIn(f"CapBnd:\t{0:016x}", status)
        self.stop(agent)

    def test_secrets_come_from_vault_by_a_log_in_with_the_pods_own_token(self):
        objects = manifests.overlay("vault")
        self.node.tokens["vault"] = b"a token of the service account"
        with fake_vault.FakeVault() as vault:
            # The fake stands at an address of its own; all else is the manifest's.
            data = manifests.the(objects, "ConfigMap")["data"]
            address = manifests.settings(objects)["kestra"]["secret"]["vault"]["address"]
            data["vault.yaml"] = data["vault.yaml"].replace(address, vault.address)
            self.node.config_maps["tacit-vault-ca"] = {"ca.crt": vault.authority}
            del self.node.secrets["tacit-secrets"]
            vault.do("put", path="main/company/team/DB_PASSWORD", data={"value": SECRET})
            paths = {"secret/data/main/*": ["read"], "secret/metadata/main/*": ["read", "list"]}
            vault.do("kubernetes-role", name="tacit", jwts=[self.node.tokens["vault"].decode()], paths=paths)

            agent = self.start_agent(objects)
            self.assertEqual(self.run_example("worker-pod.yaml", status=0), "the task has its secret\n")
            self.assertIn("SERVICE_DENIED", self.run_example("executor-pod.yaml", status=1))
            asked = [it["path"] for it in vault.do("requests")["requests"]]
            self.assertEqual(asked[0], "/v1/auth/kubernetes/login")
            self.stop(agent)

    def test_the_agent_takes_the_configuration_of_every_overlay(self):
        for name in manifests.OVERLAYS:
            with self.subTest(name):
                objects = manifests.overlay(name)
                self.node.apply(objects)
                self.node.config_maps["tacit-vault-ca"] = {"ca.crt": self.certificates["tacit-agent-tls"]["ca.crt"]}
                self.node.tokens["vault"] = b"a token of the service account"
                self.node.config_maps["tacit-registry-ca"] = self.node.config_maps["tacit-vault-ca"]
                self.node.secrets["tacit-registry"] = {"password": b"of the registry"}
                pod = manifests.the(objects, "DaemonSet")["spec"]["template"]["spec"]
                for first in pod["initContainers"]:
                    self.run_to_its_end("agent", pod, first, status=0)
                agent = pod["containers"][0]
                arguments = ["check", *agent["args"][1:]]
                printed = self.run_to_its_end("agent", pod, agent, status=0, arguments=arguments)
                self.assertIn("type: vault" if name == "vault" else "type: env", printed)
