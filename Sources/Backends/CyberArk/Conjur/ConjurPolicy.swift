internal import HTTP
internal import SecretMemory
internal import Secrets

/// Makes and deletes variables by loading pieces of policy. Never by replacing any: that would delete all that a piece
/// leaves out.
struct ConjurPolicy: Sendable {
    /// How often a piece is sent while another one is being loaded.
    private static let attempts = 4
    private static let pause = Duration.milliseconds(200)

    let server: ConjurServer
    let account: String
    /// The branch that pieces are loaded into.
    let branch: String
    let time: TimeSource

    /// Makes a variable, where there is none, and gives it annotations.
    ///
    /// - Parameter name: below the branch.
    func make(_ name: String, annotations: [String: String]) async throws(BackendError) {
        var text = "- !variable\n  id: \(try Self.id(name))\n"
        if !annotations.isEmpty { text += "  annotations:\n" }
        for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
            text += "    \(try Self.quoted(key)): \(try Self.quoted(value))\n"
        }
        try await load(.post, text, "making \(name)")
    }

    func delete(_ name: String) async throws(BackendError) {
        try await load(.patch, "- !delete\n  record: !variable \(try Self.id(name))\n", "deleting \(name)")
    }

    private func load(_ method: HTTPRequest.Method, _ text: String, _ action: String) async throws(BackendError) {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .http))
        }
        let path = "policies/\(PercentEncoding.encode(account))/policy/\(PercentEncoding.encode(branch))"
        for attempt in 1... {
            guard let refusal = try await server.ask(method, path, body: body, type: "text/yaml").refusal else {
                return
            }
            guard refusal.status == 409, attempt < Self.attempts else { throw refusal.failure(doing: action) }
            try? await time.sleep(Self.pause * attempt)
        }
    }

    /// What a variable may be called, so that no name is read as more than a name.
    private static func id(_ name: String) throws(BackendError) -> String {
        guard !name.isEmpty,
            name.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") })
        else {
            throw .unsupported(detail: "variables are made with letters, digits and /-._~ in their names only")
        }
        return "\"\(name)\""
    }

    /// A text as YAML reads it again, which for these is written as in JSON.
    private static func quoted(_ text: String) throws(BackendError) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": quoted += "\\\(character)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}":
                throw .unsupported(detail: "an annotation cannot have control characters")
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }
}
