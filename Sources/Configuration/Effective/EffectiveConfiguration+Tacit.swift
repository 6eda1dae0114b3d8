extension EffectiveConfiguration {
    func tacit(_ settings: AgentSettings, _ node: ConfigurationNode?) {
        value("node", settings.node, node)
        sequence("listeners", settings.listeners, node?["listeners"]) { $0.listener($1, $2) }
        mapping("tls", node?["tls"]) { writer, node in
            writer.value("certificate", settings.tls.certificate, node)
            writer.value("private-key", settings.tls.privateKey, node)
            writer.value("client-ca", settings.tls.clientCA, node)
            writer.optional("revocation-list", settings.tls.revocationList, node)
        }
        mapping("policy", node?["policy"]) { writer, node in
            writer.sequence("grants", settings.policy.grants, node?["grants"]) { $0.rule($1, $2) }
            writer.sequence("denials", settings.policy.denials, node?["denials"]) { $0.rule($1, $2) }
        }
        sequence("scopes", settings.scopes, node?["scopes"]) { writer, scope, node in
            writer.value("tenant", scope.tenant, node)
            writer.optional("namespace", scope.namespace, node)
            writer.mapping("secret", node?["secret"]) { $0.secret(scope.secret, $1) }
        }
        mapping("memory", node?["memory"]) { writer, node in
            writer.value("lock", settings.memory.lock.rawValue, node)
            writer.value("initial", ByteSizeText.format(settings.memory.initial), node)
            writer.value("maximum", ByteSizeText.format(settings.memory.maximum), node)
        }
        mapping("audit", node?["audit"]) { writer, node in
            writer.value("file", "\(settings.audit.destination)", node)
            writer.value("required", "\(settings.audit.required)", node)
        }
        mapping("health", node?["health"]) { writer, node in
            writer.value("address", settings.health.address?.description ?? "off", node)
        }
        mapping("registry", node?["registry"]) { $0.registry(settings.registry, $1) }
        mapping("limits", node?["limits"]) { $0.limits(settings.limits, $1) }
        mapping("log", node?["log"]) { writer, node in
            writer.value("format", settings.log.format.rawValue, node)
            writer.value("level", settings.log.level.rawValue, node)
        }
        mapping("shutdown", node?["shutdown"]) { writer, node in
            writer.value("grace", DurationText.format(settings.shutdownGrace), node)
        }
    }

    private func listener(_ listener: ListenerSettings, _ node: ConfigurationNode?) {
        value("address", listener.address.description, node)
        guard case .unix = listener.address else { return }
        let octal = String(listener.mode, radix: 8)
        value("mode", String(repeating: "0", count: max(0, 4 - octal.count)) + octal, node)
        optional("owner", listener.owner, node)
        optional("group", listener.group, node)
    }

    private func registry(_ registry: RegistrySettings, _ node: ConfigurationNode?) {
        value("type", registry.type.rawValue, node)
        optional("path", registry.path, node)
        optional("url", registry.url.map(Self.withoutPassword), node)
        optional("username", registry.username, node)
        value("allow-insecure-transport", "\(registry.allowInsecureTransport)", node)
        guard registry.password != nil else { return }
        if let file = node?["password-file"]?.scalar?.string() {
            value("password-file", file, node)
        } else {
            value("password", Self.mask, node)
        }
    }

    private func rule(_ rule: RuleSettings, _ node: ConfigurationNode?) {
        value("identity", rule.identity, node)
        value("service", rule.service ?? "*", node)
        value("tenant", rule.tenant ?? "*", node)
        list("namespaces", rule.namespaces, node)
        list("keys", rule.keys, node)
        list("operations", rule.operations.map(\.rawValue), node)
        guard rule.uid != nil || rule.gid != nil else { return }
        mapping("require", node?["require"]) { writer, node in
            writer.optional("uid", rule.uid.map(String.init), node)
            writer.optional("gid", rule.gid.map(String.init), node)
        }
    }

    private func limits(_ limits: LimitSettings, _ node: ConfigurationNode?) {
        value("connections", "\(limits.connections)", node)
        value("requests-per-connection", "\(limits.requestsPerConnection)", node)
        value("payload", ByteSizeText.format(limits.payload), node)
        value("handshake-timeout", DurationText.format(limits.handshakeTimeout), node)
        value("handshakes-per-second", "\(limits.handshakesPerSecond)", node)
        value("idle-timeout", limits.idleTimeout.map(DurationText.format) ?? "off", node)
        value("request-timeout", DurationText.format(limits.requestTimeout), node)
        optional("loops", limits.loops.map(String.init), node)
    }
}
