extension AgentSettings {
    /// Reads the root `tacit`.
    mutating func read(_ reader: ConfigurationReader, catalogue: SectionCatalogue, notes: ConfigurationNotes) {
        node = reader.string("node", default: node)
        if node.isEmpty { reader.report("node", "must not be empty") }
        if reader.has("listeners") {
            listeners = reader.list("listeners").map(ListenerSettings.init)
            if listeners.isEmpty { reader.report("listeners", "must name at least one listener") }
        }
        tls = TLSSettings(reader.nested("tls"))
        policy = PolicySettings(reader.nested("policy"))
        scopes = reader.list("scopes").map { ScopeSettings($0, catalogue: catalogue, notes: notes) }
        reportRepeatedScopes(reader)
        memory = MemorySettings(reader.nested("memory"))
        audit = AuditSettings(reader.nested("audit"))
        health = HealthSettings(reader.nested("health"))
        registry = RegistrySettings(reader.nested("registry"))
        limits = LimitSettings(reader.nested("limits"))
        log = LogSettings(reader.nested("log"))
        let shutdown = reader.nested("shutdown")
        shutdownGrace = shutdown.duration("grace", default: shutdownGrace, in: .zero ... .seconds(3600))
        shutdown.finish()
        reader.finish()
    }

    /// Hands out the settings of each manager.
    mutating func forEachSecret(_ body: (inout SecretSettings) -> Void) {
        for index in scopes.indices { body(&scopes[index].secret) }
        body(&kestra.secret)
    }

    private func reportRepeatedScopes(_ reader: ConfigurationReader) {
        var seen: Set<String> = []
        for (index, scope) in scopes.enumerated() where !scope.tenant.isEmpty {
            guard !seen.insert("\(scope.tenant)/\(scope.namespace ?? "")").inserted else { continue }
            reader.problems.add(
                "is the second scope of the same tenant and namespace",
                at: scope.origin,
                path: reader.path.key("scopes").index(index)
            )
        }
    }
}

extension ScopeSettings {
    init(_ reader: ConfigurationReader, catalogue: SectionCatalogue, notes: ConfigurationNotes) {
        let tenant = reader.string("tenant")
        let namespace = reader.optionalString("namespace")
        if let namespace, namespace.contains("*") {
            reader.report("namespace", "must be one namespace; a scope holds for all below it too")
        }
        if !reader.has("secret") { reader.report("secret", "is missing") }
        let secret = SecretSettings(reader.nested("secret"), catalogue: catalogue, notes: notes)
        self.init(tenant: tenant, namespace: namespace, secret: secret, origin: reader.origin)
        reader.finish()
    }
}

extension TLSSettings {
    init(_ reader: ConfigurationReader) {
        certificate = reader.path("certificate", default: certificate)
        privateKey = reader.path("private-key", default: privateKey)
        clientCA = reader.path("client-ca", default: clientCA)
        revocationList = reader.has("revocation-list") ? reader.string("revocation-list") : nil
        reader.finish()
    }
}

extension MemorySettings {
    init(_ reader: ConfigurationReader) {
        lock = reader.choice("lock", default: lock)
        initial = reader.byteSize("initial", default: initial, in: (64 << 10)...(64 << 30))
        maximum = reader.byteSize("maximum", default: max(maximum, initial), in: (1 << 20)...(64 << 30))
        if maximum < initial { reader.report("maximum", "must not be less than initial") }
        reader.finish()
    }
}

extension AuditSettings {
    init(_ reader: ConfigurationReader) {
        destination = Destination(reader.path("file", default: "\(destination)"))
        required = reader.bool("required", default: required)
        reader.finish()
    }
}

extension HealthSettings {
    init(_ reader: ConfigurationReader) {
        if let text = reader.optionalString("address") {
            address = text.lowercased() == "off" ? nil : HostAndPort(text)
            if address == nil, text.lowercased() != "off" {
                reader.report("address", "must be HOST:PORT, [IPV6]:PORT or off")
            }
        }
        reader.finish()
    }
}

extension LimitSettings {
    init(_ reader: ConfigurationReader) {
        connections = reader.int("connections", default: connections, in: 1...1_000_000)
        requestsPerConnection = reader.int("requests-per-connection", default: requestsPerConnection, in: 1...65_536)
        payload = reader.byteSize("payload", default: payload, in: 1024...(64 << 20))
        let short = Duration.milliseconds(10)...Duration.seconds(3600)
        handshakeTimeout = reader.duration("handshake-timeout", default: handshakeTimeout, in: short)
        handshakesPerSecond = reader.int("handshakes-per-second", default: handshakesPerSecond, in: 1...1_000_000)
        idleTimeout = reader.duration(
            "idle-timeout",
            defaultOrOff: idleTimeout,
            in: .milliseconds(10)...DurationText.longest
        )
        requestTimeout = reader.duration("request-timeout", default: requestTimeout, in: short)
        loops = reader.optionalInt("loops", in: 1...256)
        reader.finish()
    }
}

extension LogSettings {
    init(_ reader: ConfigurationReader) {
        format = reader.choice("format", default: format)
        level = reader.choice("level", default: level)
        reader.finish()
    }
}

extension ConfigurationReader {
    /// A path that must not be empty, with a default.
    fileprivate func path(_ key: String, default value: String) -> String { has(key) ? string(key) : value }
}
