import Glibc

/// The agent's own figures at one moment.
struct MetricsPage {
    /// A sample's name with its labels, and its value; in the page's order.
    private let samples: [(name: Substring, value: Double)]

    init(port: UInt16) throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let request = "GET /prometheus HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"
        guard connected == 0, unsafe write(descriptor, request, request.utf8.count) == request.utf8.count else {
            throw Failure.system("ask for the agent's metrics")
        }
        let page = String(decoding: TextFile.readAll(descriptor), as: UTF8.self)
        guard page.hasPrefix("HTTP/1.1 200") else { throw Failure("the agent gave no metrics") }
        samples = page.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix("tacit_"), let space = line.lastIndex(of: " ") else { return nil }
            return Double(line[line.index(after: space)...]).map { (line[..<space], $0) }
        }
    }

    /// The sum of all samples whose names begin so.
    func sum(_ prefix: String) -> Int { Int(samples.reduce(0) { $0 + ($1.name.hasPrefix(prefix) ? $1.value : 0) }) }

    /// The bound, in seconds, that this part of the reads of one secret since `earlier` stayed within, by the agent's own clock.
    func timeWithinAgent(_ part: Double, since earlier: MetricsPage) -> Double {
        let prefix = "tacit_request_duration_seconds_bucket{method=\"get\""
        let before = earlier.samples.filter { $0.name.hasPrefix(prefix) }
        let after = samples.filter { $0.name.hasPrefix(prefix) }
        let counts = zip(after, before).map { $0.value - $1.value }
        let all = counts.last ?? 0
        guard all > 0, let index = counts.firstIndex(where: { $0 >= all * part }) else { return 0 }
        let quoted = after[index].name.split(separator: "\"")
        return quoted.count > 3 ? Double(quoted[3]) ?? .infinity : .infinity
    }
}
