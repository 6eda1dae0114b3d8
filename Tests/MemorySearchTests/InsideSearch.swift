import Glibc

/// A search of an agent's arena from inside, through the probe of a debug build.
struct InsideSearch {
    /// Where the arena lies.
    private(set) var segments: [Range<UInt>] = []
    /// How often each needle was found.
    private(set) var counts: [Needles.Meaning: Int] = [:]

    init(socket path: String, _ needles: Needles) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() { unsafe target[index] = byte }
        }
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected else { throw Programs.Failure("the agent has no probe: it must be a debug build") }
        var rest = needles.request[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { throw Programs.Failure("the probe hung up") }
            rest = rest.dropFirst(sent)
        }
        for _ in 0..<(try Self.number(descriptor, 4)) {
            let start = UInt(try Self.number(descriptor, 8))
            segments.append(start..<(start + UInt(try Self.number(descriptor, 8))))
        }
        for meaning in needles.meanings { counts[meaning, default: 0] += Int(try Self.number(descriptor, 4)) }
    }

    private static func number(_ descriptor: Int32, _ byteCount: Int) throws -> UInt64 {
        var number: UInt64 = 0
        var filled = 0
        while filled < byteCount {
            let count = unsafe withUnsafeMutableBytes(of: &number) { bytes in
                unsafe read(descriptor, bytes.baseAddress.map { unsafe $0 + filled }, byteCount - filled)
            }
            guard count > 0 else { throw Programs.Failure("the probe hung up") }
            filled += count
        }
        return UInt64(littleEndian: number)
    }

    /// What was found of some forms.
    func found(_ forms: [Form] = Form.allCases, of isMeant: (String) -> Bool = { _ in true }) -> [String] {
        counts.filter { $0.value > 0 && forms.contains($0.key.form) && isMeant($0.key.canary) }.map { meaning, count in
            "\(meaning.canary) as \(meaning.form.rawValue): \(count) \(meaning.isFull ? "full" : "fragments")"
        }.sorted()
    }

    /// How often a canary, or eight neighbouring bytes of it, stand there as they are.
    func count(_ canary: Canary, isFull: Bool) -> Int {
        counts[.init(canary: canary.name, form: .raw, isFull: isFull), default: 0]
    }
}

extension InsideSearch: CustomStringConvertible {
    var description: String { found().prefix(40).joined(separator: "\n") }
}
