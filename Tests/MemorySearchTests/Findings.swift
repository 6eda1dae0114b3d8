/// What a search found, by name and place; never the bytes.
struct Findings: Sendable, CustomStringConvertible {
    struct Hit: Sendable {
        let meaning: Needles.Meaning
        let address: UInt
        let place: String

        var isInRegisters: Bool { place.hasPrefix("[registers]") }
    }

    var hits: [Hit] = []
    /// Mappings, or parts of them, that could not be read.
    var unreadable: [String] = []
    var searchedBytes = 0
    /// Threads whose registers were searched.
    var threads = 0

    var full: Int { hits.count { $0.meaning.isFull } }
    var fragments: Int { hits.count - full }
    var isEmpty: Bool { hits.isEmpty }

    func filter(_ isMeant: (Hit) -> Bool) -> Findings {
        var filtered = self
        filtered.hits = hits.filter(isMeant)
        return filtered
    }

    /// What does not lie in one of these ranges.
    func outside(_ ranges: [Range<UInt>]) -> Findings {
        filter { hit in hit.isInRegisters || !ranges.contains { $0.contains(hit.address) } }
    }

    var description: String {
        var counts: [String: (full: Int, fragments: Int, first: UInt)] = [:]
        for hit in hits {
            let key = "\(hit.meaning.canary) as \(hit.meaning.form.rawValue) in \(hit.place)"
            var count = counts[key] ?? (0, 0, hit.address)
            if hit.meaning.isFull { count.full += 1 } else { count.fragments += 1 }
            counts[key] = count
        }
        let lines = counts.sorted { $0.key < $1.key }.prefix(40).map { key, count in
            "\(key): \(count.full) full, \(count.fragments) fragments, first at 0x\(String(count.first, radix: 16))"
        }
        return (["\(full) full, \(fragments) fragments in \(searchedBytes) bytes"] + lines).joined(separator: "\n")
    }
}
