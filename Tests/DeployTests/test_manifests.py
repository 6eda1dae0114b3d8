"""What the manifests of deploy/kubernetes promise, and whether a cluster would take them."""

import functools
import re
import unittest
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

import kustomization
import manifests

MIB = 1 << 20
# What an agent needs beside its arena: its own pages, and what the kernel counts to it.
PROCESS, KERNEL = 16 * MIB, 48 * MIB
# From the oldest that docs/kubernetes.md names to the newest that the schemas have.
VERSIONS = ("1.29", "1.33", "1.37")
CERT_MANAGER = yaml.safe_load((Path(__file__).parent / "cert-manager.yaml").read_text())


class Schemas(unittest.TestCase):
    def test_every_object_fits_its_schema_and_misspells_no_field(self):
        certificates = manifests.REPOSITORY / "certs/cert-manager.yaml"
        others = [(certificates.name, list(yaml.safe_load_all(certificates.read_text())))]
        for name, objects in [*manifests.every_build(), *others]:
            for document in objects:
                with self.subTest(build=name, kind=document["kind"]):
                    if document["apiVersion"].startswith("cert-manager.io/"):
                        jsonschema.validate(document, CERT_MANAGER)
                    else:
                        for version in VERSIONS:
                            kubernetes_validate.validate(document, version, strict=True)

    def test_a_misspelt_field_is_found(self):
        daemon_set = manifests.the(manifests.base(), "DaemonSet")
        daemon_set["spec"]["template"]["spec"]["terminationGracePeriod"] = 1
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(daemon_set, VERSIONS[-1], strict=True)
        certificate = manifests.the(manifests.overlay("cert-manager"), "Certificate")
        certificate["spec"]["secret"] = certificate["spec"].pop("secretName")
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(certificate, CERT_MANAGER)


@unittest.skipUnless(manifests.kustomize_command(), "neither kubectl nor kustomize to compare with")
class Renderer(unittest.TestCase):
    def test_our_renderer_says_what_kubectl_says(self):
        def plain(objects):
            # Each has a hash of its own.
            text = [re.sub(r"\btacit-agent-[0-9a-z]{10}\b", "tacit-agent-HASH", yaml.safe_dump(it)) for it in objects]
            return sorted(text)

        for folder in ["base", *(f"overlays/{name}" for name in manifests.OVERLAYS)]:
            with self.subTest(folder):
                path = manifests.KUBERNETES / folder
                self.assertEqual(plain(kustomization.render(path)), plain(manifests.render(path)))


def of_every_build(test):
    """Runs a test for each build that has agents: with its objects, the DaemonSet, and the pod in it."""

    @functools.wraps(test)
    def over_all(self):
        for name, objects in manifests.every_build():
            if manifests.of_kind(objects, "DaemonSet"):
                daemon_set = manifests.the(objects, "DaemonSet")
                with self.subTest(name):
                    test(self, objects, daemon_set, daemon_set["spec"]["template"]["spec"])

    return over_all


class Agents(unittest.TestCase):
    @of_every_build
    def test_the_memory_limit_holds_the_arena_and_the_process_and_is_never_swapped(self, objects, daemon_set, pod):
        arena = manifests.size(manifests.settings(objects)["tacit"]["memory"]["maximum"])
        resources = pod["containers"][0]["resources"]
        self.assertEqual(arena + PROCESS + KERNEL, manifests.size(resources["limits"]["memory"]))
        self.assertEqual(resources["requests"]["memory"], resources["limits"]["memory"])
        self.assertNotIn("cpu", resources["limits"])

    @of_every_build
    def test_kubernetes_waits_longer_for_the_end_than_the_agent_takes(self, objects, daemon_set, pod):
        grace = manifests.settings(objects)["tacit"].get("shutdown", {}).get("grace", "10s")
        self.assertGreater(pod["terminationGracePeriodSeconds"], int(re.fullmatch(r"(\d+)s", grace)[1]) + 10)

    @of_every_build
    def test_probes_ask_the_agent_itself_and_only_liveness_restarts_it(self, objects, daemon_set, pod):
        agent = pod["containers"][0]
        port = manifests.settings(objects)["tacit"]["health"]["address"].rpartition(":")[2]
        self.assertIn({"name": "health", "containerPort": int(port)}, agent["ports"])
        paths = {name: agent[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
        self.assertEqual(
            paths,
            {"startup": "/health/liveness", "liveness": "/health/liveness", "readiness": "/health/readiness"},
        )

    @of_every_build
    def test_the_pods_priority_is_allowed_in_their_namespace(self, objects, daemon_set, pod):
        [scope] = manifests.the(objects, "ResourceQuota")["spec"]["scopeSelector"]["matchExpressions"]
        self.assertEqual(scope["values"], [pod["priorityClassName"]])

    @of_every_build
    def test_the_socket_is_shared_by_its_directory(self, objects, daemon_set, pod):
        volume = next(it for it in pod["volumes"] if it["name"] == "socket")
        mount = next(it for it in pod["containers"][0]["volumeMounts"] if it["name"] == "socket")
        self.assertEqual(volume["hostPath"]["type"], "DirectoryOrCreate")
        for listener in manifests.settings(objects)["tacit"]["listeners"]:
            scheme, _, path = listener["address"].partition("://")
            if scheme == "unix":
                self.assertEqual(str(Path(path).parent), mount["mountPath"])
                self.assertEqual(volume["hostPath"]["path"], mount["mountPath"])

    @of_every_build
    def test_an_update_takes_a_bounded_number_of_nodes_and_never_runs_two_agents_on_one(self, objects, daemon_set, pod):
        rolling = daemon_set["spec"]["updateStrategy"]["rollingUpdate"]
        self.assertEqual(rolling, {"maxUnavailable": "10%", "maxSurge": 0})

    @of_every_build
    def test_the_agent_has_at_most_one_capability(self, objects, daemon_set, pod):
        security = pod["containers"][0]["securityContext"]
        self.assertEqual(security["capabilities"]["drop"], ["ALL"])
        added = security["capabilities"].get("add", [])
        self.assertIn(added, ([], ["IPC_LOCK"]))
        # The file capability counts only where privileges may be gained; without it there is nothing to gain.
        self.assertEqual(security["allowPrivilegeEscalation"], bool(added))
        self.assertEqual(pod["containers"][0]["command"], ["/usr/bin/tacit-agent" if added else "/usr/bin/tacit"])

    @of_every_build
    def test_no_service_account_token_but_the_one_for_vault(self, objects, daemon_set, pod):
        self.assertIs(pod["automountServiceAccountToken"], False)
        self.assertIs(manifests.the(objects, "ServiceAccount")["automountServiceAccountToken"], False)
        tokens = [
            source["serviceAccountToken"]
            for volume in pod["volumes"]
            for source in volume.get("projected", {}).get("sources", [])
            if "serviceAccountToken" in source
        ]
        if manifests.settings(objects)["kestra"]["secret"]["type"] == "vault":
            self.assertEqual(tokens, [{"path": "token", "audience": "vault", "expirationSeconds": 600}])
        else:
            self.assertEqual(tokens, [])

    @of_every_build
    def test_everything_is_in_the_agents_namespace(self, objects, daemon_set, pod):
        for document in objects:
            if document["kind"] != "Namespace":
                self.assertEqual(document["metadata"].get("namespace"), "tacit", document["kind"])

    @of_every_build
    def test_policies_close_both_directions_and_open_what_is_needed(self, objects, daemon_set, pod):
        labels = daemon_set["spec"]["template"]["metadata"]["labels"]
        open_to = set()
        directions = set()
        for policy in manifests.of_kind(objects, "NetworkPolicy"):
            selector = policy["spec"]["podSelector"]["matchLabels"]
            self.assertEqual(selector, {name: labels.get(name) for name in selector})
            directions.update(policy["spec"]["policyTypes"])
            for rule in policy["spec"].get("egress", []):
                self.assertTrue(rule["to"], "a way out to everywhere")
                open_to.update(port["port"] for port in rule["ports"])
        self.assertEqual(directions, {"Ingress", "Egress"})
        settings = manifests.settings(objects)
        secret = settings["kestra"]["secret"]
        needed = set()
        if secret["type"] == "vault":
            needed |= {53, int(secret["vault"]["address"].rpartition(":")[2])}
        if "registry" in settings["tacit"]:
            needed |= {53, int(settings["tacit"]["registry"]["url"].split("/")[2].rpartition(":")[2])}
        self.assertEqual(open_to, needed)

    def test_clients_over_tcp_find_their_own_nodes_agent_under_a_name_in_its_certificate(self):
        objects = manifests.overlay("tcp")
        service = manifests.the(objects, "Service")
        self.assertEqual(service["spec"]["internalTrafficPolicy"], "Local")
        name = f'{service["metadata"]["name"]}.{service["metadata"]["namespace"]}.svc'
        self.assertIn(name, manifests.the(objects, "Certificate")["spec"]["dnsNames"])
        [pod] = manifests.example("tcp-worker-pod.yaml")
        address = next(it["value"] for it in pod["spec"]["containers"][0]["env"] if it["name"] == "TACIT_SOCKET")
        self.assertEqual(address, f'tcp://{name}:{service["spec"]["ports"][0]["port"]}')
        policy = manifests.the(objects, "NetworkPolicy", "tacit-agent-tcp")
        [let_in] = policy["spec"]["ingress"][0]["from"]
        for label in let_in["podSelector"]["matchLabels"].items():
            self.assertIn(label, pod["metadata"]["labels"].items())


class Pods(unittest.TestCase):
    def test_every_pod_is_closed_but_for_what_it_needs(self):
        for build, objects in manifests.every_build():
            for name, _, pod in manifests.pod_specs(objects):
                with self.subTest(build, pod=name):
                    self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
                    self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertIs(pod["automountServiceAccountToken"], False)
                    self.assertIs(pod["enableServiceLinks"], False)
                    # Hidden users would break what the agent knows of the peer at the other end of its socket.
                    self.assertNotIn("hostUsers", pod)
                    self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(pod))
                    for container in [*pod.get("initContainers", []), *pod["containers"]]:
                        self.assertIs(container["securityContext"]["readOnlyRootFilesystem"], True)
                        self.assertEqual(container["securityContext"]["capabilities"]["drop"], ["ALL"])
                        self.assertNotIn("privileged", container["securityContext"])

    def test_a_worker_over_tcp_fits_the_pod_security_level_restricted(self):
        [document] = manifests.example("tcp-worker-pod.yaml")
        pod = document["spec"]
        for volume in pod["volumes"]:
            self.assertLessEqual(set(volume) - {"name"}, {"configMap", "downwardAPI", "emptyDir", "projected", "secret"})
        for container in pod["containers"]:
            security = {**pod["securityContext"], **container["securityContext"]}
            self.assertIs(security["allowPrivilegeEscalation"], False)
            self.assertIs(security["runAsNonRoot"], True)
            self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
            self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertFalse(any("hostPort" in port for port in container.get("ports", [])))

    def test_certificates_name_their_use_and_the_secrets_that_pods_mount(self):
        certificates = [
            certificate
            for _, objects in manifests.every_build()
            for certificate in manifests.of_kind(objects, "Certificate")
            if not certificate["spec"].get("isCA")
        ]
        for certificate in certificates:
            agent = "agent" in certificate["metadata"]["name"]
            self.assertIn("server auth" if agent else "client auth", certificate["spec"]["usages"])
            self.assertNotIn("client auth" if agent else "server auth", certificate["spec"]["usages"])
            self.assertEqual(len(certificate["spec"]["uris"]), 1)
        issued = {it["spec"]["secretName"] for it in certificates}
        for _, objects in manifests.every_build():
            for _, _, pod in manifests.pod_specs(objects):
                tls = next(it for it in pod["volumes"] if it["name"] == "tls")
                self.assertIn(tls["secret"]["secretName"], issued)
