internal import TacitClient

/// Which secret goes into which variable: `NAME=KEY[#SUBKEY][@NAMESPACE]`.
struct EnvironmentSpec: Equatable {
    /// The variable.
    let name: String
    let key: String
    let subkey: String?
    /// Nil for that of the command line; empty for the root.
    let namespace: String?

    /// Why a text is none.
    struct Malformed: Error, Equatable {
        let message: String
    }

    /// The namespace follows the last `@`, because namespaces have none; the subkey follows the first `#`.
    init(parsing text: String) throws(Malformed) {
        guard let separator = text.firstIndex(of: "=") else { throw Self.wrong(text, "it has no =") }
        name = String(text[..<separator])
        guard Self.isVariable(name) else {
            throw Self.wrong(text, "a variable's name has letters, digits and _, and does not begin with a digit")
        }
        var rest = text[text.index(after: separator)...]
        if let place = rest.lastIndex(of: "@") {
            namespace = String(rest[rest.index(after: place)...])
            rest = rest[..<place]
        } else {
            namespace = nil
        }
        if let place = rest.firstIndex(of: "#") {
            subkey = String(rest[rest.index(after: place)...])
            rest = rest[..<place]
        } else {
            subkey = nil
        }
        key = String(rest)
        guard !key.isEmpty else { throw Self.wrong(text, "it names no secret") }
        guard subkey != "" else { throw Self.wrong(text, "nothing follows the #") }
    }

    /// What to ask the agent for.
    func reference(in standard: String, tenant: String?) -> Reference {
        Reference(key, in: namespace ?? standard, subkey: subkey, tenant: tenant)
    }

    /// The secret, for messages.
    func place(in standard: String) -> String {
        let namespace = namespace ?? standard
        return key + (subkey.map { "#\($0)" } ?? "") + " in " + (namespace.isEmpty ? "the root namespace" : namespace)
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private static func wrong(_ text: String, _ why: String) -> Malformed {
        Malformed(message: "\(text) is not of the form NAME=KEY[#SUBKEY][@NAMESPACE]: \(why)")
    }
}
