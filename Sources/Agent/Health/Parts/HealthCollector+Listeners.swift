internal import Glibc

/// Whether those who come find the agent.
extension HealthCollector {
    /// Addresses whose socket file is gone, or is another's file by now: the socket listens on, and nobody can reach it.
    private var lostAddresses: [String] {
        listening.filter { address in
            let prefix = "unix://"
            guard address.hasPrefix(prefix) else { return false }
            var status = stat()
            if unsafe stat(String(address.dropFirst(prefix.count)), &status) == 0 {
                return status.st_mode & S_IFMT != S_IFSOCK
            }
            // Who may not look does not know.
            return errno == ENOENT || errno == ENOTDIR
        }
    }

    /// Whether each address can be reached, as far as this machine shows.
    var isReachable: Bool { lostAddresses.isEmpty }

    func listenersPart() -> HealthReport.Part {
        let lost = lostAddresses
        var details: [(name: String, value: HealthReport.Value)] = [
            ("listening", .text(listening.joined(separator: " "))), ("lost", .number(Int64(lost.count))),
        ]
        if !lost.isEmpty { details.append(("lostAddresses", .text(lost.joined(separator: " ")))) }
        let words =
            lost.isEmpty
            ? "\(listening.count) \(listening.count == 1 ? "address is" : "addresses are") listened on"
            : "a socket file is gone: nobody new can connect there, and a restart is needed"
        return HealthReport.Part(name: "listeners", status: lost.isEmpty ? .up : .down, words: words, details: details)
    }
}
