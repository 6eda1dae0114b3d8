public import SecretMemory

/// A JSON text in locked memory, checked once as a whole (RFC 8259) and read in place. What is taken out of it as a secret goes
/// straight into locked memory; everything else of it that is read must be nothing secret.
public struct JSONDocument: ~Copyable, Sendable {
    /// It is no JSON, nested deeper than 64 levels, or has more names and values than ``maximumPlaces``.
    public struct Malformed: Error, Equatable, Sendable {}

    /// A value in this document, and in no other.
    public struct Node: Equatable, Sendable {
        fileprivate let place: Int
    }

    public enum Kind: Sendable { case object, array, string, number, boolean, null }

    /// Most names and values together: about 2 MiB of places, beside a text of some megabytes.
    public static let maximumPlaces = 65_536

    private let text: SecretBytes
    private let places: [JSONPlace]

    /// Takes the text over and checks all of it.
    public init(_ bytes: consuming SecretBytes) throws(Malformed) {
        let places: [JSONPlace]
        do throws(JSONScanner.Malformed) {
            places = try bytes.withBytes { (text) throws(JSONScanner.Malformed) in
                var scanner = JSONScanner(text)
                try scanner.index(limit: Self.maximumPlaces)
                return scanner.places
            }
        } catch {
            throw Malformed()
        }
        text = bytes
        self.places = places
    }

    /// The document `null`, in which nothing is found.
    public static func null() throws(MemoryError) -> JSONDocument {
        JSONDocument(
            checked: try SecretBytes(copying: "null".utf8Span.span, account: .http),
            places: [JSONPlace(kind: .null, range: 0..<4, next: 1)]
        )
    }

    private init(checked text: consuming SecretBytes, places: [JSONPlace]) {
        self.text = text
        self.places = places
    }

    /// The whole.
    public var root: Node { Node(place: 0) }

    // MARK: Finding

    /// Goes from object to object by their members' names. Of members of one name the last counts, as in most parsers.
    ///
    /// - Parameter node: where to begin; nil for the root.
    /// - Returns: nil where a name is missing, or what should have it is no object.
    public func node(_ path: String..., in node: Node? = nil) -> Node? {
        var current = node ?? root
        for name in path {
            guard let next = member(name, of: current) else { return nil }
            current = next
        }
        return current
    }

    private func member(_ name: String, of node: Node) -> Node? {
        guard places[node.place].kind == .object else { return nil }
        var found: Node?
        var place = node.place + 1
        while place < places[node.place].next {
            let value = Node(place: place + 1)
            let range = places[place].range
            let matches = text.withBytes { JSONScanner($0).equals(range, name.utf8Span.span) }
            if matches { found = value }
            place = places[value.place].next
        }
        return found
    }

    /// The values of an array, in order; empty for anything else.
    public func elements(of node: Node) -> [Node] {
        guard places[node.place].kind == .array else { return [] }
        var elements: [Node] = []
        var place = node.place + 1
        while place < places[node.place].next {
            elements.append(Node(place: place))
            place = places[place].next
        }
        return elements
    }

    /// The members of an object, in order; empty for anything else. For objects whose names are no secrets.
    public func members(of node: Node) -> [(name: String, value: Node)] {
        guard places[node.place].kind == .object else { return [] }
        var members: [(name: String, value: Node)] = []
        var place = node.place + 1
        while place < places[node.place].next {
            let value = Node(place: place + 1)
            members.append((unescaped(place), value))
            place = places[value.place].next
        }
        return members
    }

    /// The member of an object that has exactly one; nil for anything else.
    public func onlyMember(of node: Node) -> (name: String, value: Node)? {
        let members = members(of: node)
        return members.count == 1 ? members[0] : nil
    }

    // MARK: Reading what is no secret

    public func kind(_ node: Node) -> Kind {
        switch places[node.place].kind {
        case .object: .object
        case .array: .array
        case .string, .name: .string
        case .number: .number
        case .boolean: .boolean
        case .null: .null
        }
    }

    /// The text of a string; nil for anything else. Never for a secret.
    public func string(_ node: Node?) -> String? {
        guard let node, places[node.place].kind == .string else { return nil }
        return unescaped(node.place)
    }

    /// A whole number; nil for anything else, and for what does not fit.
    public func integer(_ node: Node?) -> Int64? {
        guard let node, places[node.place].kind == .number else { return nil }
        return Int64(unescaped(node.place))
    }

    /// A number, in whichever form it is written; nil for anything else.
    public func number(_ node: Node?) -> Double? {
        guard let node, places[node.place].kind == .number else { return nil }
        return Double(unescaped(node.place))
    }

    /// nil for anything but true and false.
    public func boolean(_ node: Node?) -> Bool? {
        guard let node, places[node.place].kind == .boolean else { return nil }
        return places[node.place].range.count == 4
    }

    private func unescaped(_ place: Int) -> String {
        var bytes: [UInt8] = []
        let range = places[place].range
        bytes.reserveCapacity(range.count)
        text.withBytes { text in JSONField.unescape(text, range) { bytes.append($0) } }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Reading secrets

    /// A string's text, any other scalar as it is written, an object or array as compact JSON.
    public func secret(_ node: Node, account: MemoryAccount = .values) throws(MemoryError) -> SecretBytes {
        let (kind, range) = (places[node.place].kind, places[node.place].range)
        // No form of it is longer than the text it is read from.
        return try SecretBytes(capacity: range.count, account: account) { output in
            text.withBytes { text in
                switch kind {
                case .string, .name: JSONField.unescape(text, range) { output.append($0) }
                case .object, .array: JSONField.compact(text, range) { output.append($0) }
                case .number, .boolean, .null: output.append(contentsOf: text.extracting(range))
                }
            }
        }
    }

    /// The bytes that a string holds in Base64 of the standard alphabet.
    public func base64(_ node: Node, account: MemoryAccount = .values) throws(Base64.Failure) -> SecretBytes {
        let written: SecretBytes
        do throws(MemoryError) { written = try secret(node, account: .http) } catch { throw .memory(error) }
        guard places[node.place].kind == .string else { throw .malformed(position: 0) }
        return try Base64.decode(written.bytes, account: account)
    }
}
