/// Everything that an agent is told: the root `tacit`, and what it takes from the root `kestra`.
package struct AgentSettings: Sendable {
    /// This node's name in the audit and the registry.
    package var node = "localhost"
    /// At least one.
    package var listeners = [ListenerSettings()]
    package var tls = TLSSettings()
    package var policy = PolicySettings()
    /// Managers of their own for tenants and namespaces, in the order written.
    package var scopes: [ScopeSettings] = []
    package var memory = MemorySettings()
    package var audit = AuditSettings()
    package var health = HealthSettings()
    package var registry = RegistrySettings()
    package var limits = LimitSettings()
    package var log = LogSettings()
    /// How long requests in flight may take once the agent was asked to stop: `tacit.shutdown.grace`.
    package var shutdownGrace = Duration.seconds(10)
    package var kestra = KestraSettings()

    package init() {}
}

/// `tacit.tls`: paths of PEM files.
package struct TLSSettings: Sendable, Equatable {
    package var certificate = "/etc/tacit/tls/tls.crt"
    package var privateKey = "/etc/tacit/tls/tls.key"
    package var clientCA = "/etc/tacit/tls/ca.crt"
    package var revocationList: String?

    package init() {}
}

/// `tacit.memory`: the arena.
package struct MemorySettings: Sendable, Equatable {
    /// Whether to run where the kernel refuses to lock memory.
    package enum Lock: String, ConfigurationChoice {
        case required
        case preferred
    }

    package var lock = Lock.required
    /// Bytes.
    package var initial = 4 << 20
    /// Bytes; at least `initial`.
    package var maximum = 64 << 20

    package init() {}
}

/// `tacit.audit`.
package struct AuditSettings: Sendable, Equatable {
    /// Where records go.
    package enum Destination: Sendable, Equatable, CustomStringConvertible {
        /// Nowhere: `off`.
        case off
        /// `-`
        case standardOutput
        case file(String)

        init(_ text: String) {
            self =
                switch text {
                case "-": .standardOutput
                case _ where text.lowercased() == "off": .off
                default: .file(text)
                }
        }

        package var description: String {
            switch self {
            case .off: "off"
            case .standardOutput: "-"
            case .file(let path): path
            }
        }
    }

    package var destination = Destination.standardOutput
    /// Whether a request whose record cannot be written is refused.
    package var required = true

    package init() {}
}

/// `tacit.health`.
package struct HealthSettings: Sendable, Equatable {
    /// Where the health endpoint listens; nil for nowhere (`off`).
    package var address: HostAndPort? = HostAndPort(host: "127.0.0.1", port: 8081)

    package init() {}
}

/// `tacit.limits`.
package struct LimitSettings: Sendable, Equatable {
    /// Open connections.
    package var connections = 10_000
    /// Requests of one connection that are being answered.
    package var requestsPerConnection = 256
    /// Bytes of a frame's body.
    package var payload = 1 << 20
    package var handshakeTimeout = Duration.seconds(5)
    /// TLS handshakes that are begun in a second.
    package var handshakesPerSecond = 2000
    /// Silence after which a connection is closed; nil for never (`off`).
    package var idleTimeout: Duration? = .seconds(600)
    /// How long one request may take.
    package var requestTimeout = Duration.seconds(10)
    /// Threads that serve connections; nil for as many as cores, at most 4.
    package var loops: Int?

    package init() {}
}

/// `tacit.log`.
package struct LogSettings: Sendable, Equatable {
    package enum Format: String, ConfigurationChoice {
        case plain
        case json
    }

    package enum Level: String, ConfigurationChoice {
        case trace, debug, info, notice, warning, error, critical
    }

    package var format = Format.plain
    package var level = Level.info

    package init() {}
}

/// A manager of its own for a tenant, or a namespace and all below it.
package struct ScopeSettings: Sendable {
    package var tenant: String
    /// Nil for the whole tenant.
    package var namespace: String?
    package var secret: SecretSettings
    package var origin: ConfigurationOrigin

    package init(tenant: String, namespace: String?, secret: SecretSettings, origin: ConfigurationOrigin) {
        self.tenant = tenant
        self.namespace = namespace
        self.secret = secret
        self.origin = origin
    }
}
