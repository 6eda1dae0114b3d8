extension EffectiveConfiguration {
    func kestra(_ settings: KestraSettings, _ node: ConfigurationNode?) {
        mapping("secret", node?["secret"]) { $0.secret(settings.secret, $1) }
        mapping("server", node?["server"]) { writer, node in
            let grace = DurationText.format(settings.terminationGracePeriod)
            writer.value("termination-grace-period", grace, node)
            writer.value("worker-task-restart-strategy", settings.restartStrategy.rawValue, node)
            writer.mapping("liveness", node?["liveness"]) { $0.liveness(settings.liveness, $1) }
            writer.mapping("service", node?["service"]) { writer, node in
                writer.mapping("purge", node?["purge"]) { writer, node in
                    writer.value("retention", DurationText.format(settings.purge.retention), node)
                    writer.value("initial-delay", DurationText.format(settings.purge.initialDelay), node)
                    writer.value("fixed-delay", DurationText.format(settings.purge.fixedDelay), node)
                }
            }
        }
        if settings.encryptionKey != nil {
            mapping("encryption", node?["encryption"]) { writer, node in
                if let file = node?["secret-key-file"]?.scalar?.string() {
                    writer.value("secret-key-file", file, node)
                } else {
                    writer.value("secret-key", Self.mask, node)
                }
            }
        }
        mapping("configurations", node?["configurations"]) { writer, node in
            writer.value("delete-files-on-start", "\(settings.deleteFilesOnStart)", node)
        }
        mapping("retries", node?["retries"]) { writer, node in
            writer.value("attempts", "\(settings.retries.attempts)", node)
            writer.value("delay", DurationText.format(settings.retries.delay), node)
            writer.value("multiplier", "\(settings.retries.multiplier)", node)
            writer.optional("max-delay", settings.retries.maximumDelay.map(DurationText.format), node)
        }
    }

    func secret(_ settings: SecretSettings, _ node: ConfigurationNode?) {
        value("type", settings.type, node)
        value("read-only", "\(settings.readOnly)", node)
        value("encoding", settings.encoding.rawValue, node)
        if let section = settings.section {
            let schema = catalogue.schema(of: settings.type) ?? [:]
            mapping(settings.type, section) { writer, _ in writer.section(section, schema) }
        }
        mapping("cache", node?["cache"]) { writer, node in
            let cache = settings.cache
            writer.value("enabled", "\(cache.enabled)", node)
            writer.value("maximum-size", "\(cache.maximumSize)", node)
            writer.value("maximum-bytes", ByteSizeText.format(cache.maximumBytes), node)
            writer.value("expire-after-write", DurationText.format(cache.expireAfterWrite), node)
            writer.value("refresh-after-write", cache.refreshAfterWrite.map(DurationText.format) ?? "off", node)
            writer.value("serve-stale-for", DurationText.format(cache.serveStaleFor), node)
            writer.value("expire-not-found", DurationText.format(cache.expireNotFound), node)
        }
        mapping("isolation", node?["isolation"]) { writer, node in
            writer.value("enabled", "\(settings.isolation.enabled)", node)
            writer.list("denied-services", settings.isolation.deniedServices.map(\.rawValue).sorted(), node)
        }
        mapping("budget", node?["budget"]) { $0.budget(settings.budget, $1) }
    }

    private func budget(_ budget: BudgetSettings, _ node: ConfigurationNode?) {
        value("concurrency", "\(budget.concurrency)", node)
        value("queue-limit", "\(budget.queueLimit)", node)
        optional("calls-per-second", budget.callsPerSecond.map { "\($0)" }, node)
        value("burst", "\(budget.burst)", node)
        mapping("breaker", node?["breaker"]) { writer, node in
            writer.value("failures", "\(budget.breakerFailures)", node)
            writer.value("open-for", DurationText.format(budget.breakerOpenFor), node)
            writer.value("longest-open", DurationText.format(budget.breakerLongestOpen), node)
        }
    }

    private func liveness(_ liveness: LivenessSettings, _ node: ConfigurationNode?) {
        value("enabled", "\(liveness.enabled)", node)
        value("interval", DurationText.format(liveness.interval), node)
        value("timeout", DurationText.format(liveness.timeout), node)
        value("initial-delay", DurationText.format(liveness.initialDelay), node)
        value("heartbeat-interval", DurationText.format(liveness.heartbeatInterval), node)
    }

    /// A manager's section as it was written; what its schema does not call harmless is masked.
    func section(_ node: ConfigurationNode, _ schema: SectionSchema) {
        for entry in node.entries {
            let name = KeySpelling.kebab(entry.key)
            let kind = schema.kind(of: name) ?? .secret
            let comment = comment(entry.value)
            switch (entry.value.content, kind) {
            case (.null, _):
                continue
            case (.mapping(let entries), .nested) where entries.isEmpty,
                (.mapping(let entries), .map) where entries.isEmpty:
                yaml.empty(name, comment: comment)
            case (.mapping, .nested(let inner)):
                mapping(name, entry.value) { writer, _ in writer.section(entry.value, inner) }
            case (.mapping(let entries), .map):
                mapping(name, entry.value) { writer, _ in
                    for entry in entries {
                        writer.yaml.value(
                            entry.key,
                            entry.value.scalar?.string() ?? "",
                            comment: writer.comment(entry.value)
                        )
                    }
                }
            case (.sequence(let elements), .list):
                yaml.list(name, elements.map { $0.scalar?.string() ?? Self.mask }, comment: comment)
            case (.sequence(let elements), .sequence(let inner)):
                sequence(name, elements, entry.value) { writer, element, _ in writer.section(element, inner) }
            case (.scalar(let text), .text), (.scalar(let text), .integer), (.scalar(let text), .number),
                (.scalar(let text), .bool), (.scalar(let text), .duration), (.scalar(let text), .byteSize),
                (.scalar(let text), .list):
                yaml.value(name, text.string().map(Self.withoutPassword) ?? Self.mask, comment: comment)
            default:
                yaml.value(name, Self.mask, comment: comment)
            }
        }
    }

    /// An address without the user and password that may stand in it.
    static func withoutPassword(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let mark = Array("://".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }),
            let end = bytes[start...].lastIndex(of: UInt8(ascii: "@"))
        else { return text }
        return String(decoding: bytes[..<(start + mark.count)], as: UTF8.self) + mask
            + String(decoding: bytes[end...], as: UTF8.self)
    }
}
