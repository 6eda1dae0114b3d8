/// Which keys a rule is about: `*` stands for any run of characters, all else for itself.
struct KeyPattern: Sendable, Equatable {
    let text: String
    private let bytes: [UInt8]
    /// Whether it is about every key.
    let matchesAll: Bool

    /// Every key.
    static let every = KeyPattern(checked: "*")

    init(_ text: String) throws(PolicyFault) {
        guard !text.isEmpty else { throw PolicyFault("a key pattern is empty: write \"*\" for every key") }
        self.init(checked: text)
    }

    private init(checked text: String) {
        self.text = text
        bytes = Array(text.utf8)
        matchesAll = bytes.allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Linear in the key's length for each star: on a mismatch only the last star is tried again.
    func matches(_ key: Span<UInt8>) -> Bool {
        if matchesAll { return true }
        var position = 0
        var pattern = 0
        var star = -1
        var retry = 0
        while position < key.count {
            if pattern < bytes.count, bytes[pattern] == UInt8(ascii: "*") {
                star = pattern
                retry = position
                pattern += 1
            } else if pattern < bytes.count, bytes[pattern] == key[position] {
                pattern += 1
                position += 1
            } else if star >= 0 {
                retry += 1
                position = retry
                pattern = star + 1
            } else {
                return false
            }
        }
        while pattern < bytes.count, bytes[pattern] == UInt8(ascii: "*") { pattern += 1 }
        return pattern == bytes.count
    }
}
