/// Measured values, and where their ranks lie.
struct Samples: Sendable {
    private(set) var values: [Int64]

    init(_ values: [Int64]) { self.values = values.sorted() }

    /// The value that this part of all does not exceed.
    func quantile(_ part: Double) -> Int64 {
        guard let last = values.last else { return 0 }
        let rank = (Double(values.count) * part).rounded(.up)
        return rank < 1 ? values[0] : rank > Double(values.count) ? last : values[Int(rank) - 1]
    }

    var median: Int64 { quantile(0.5) }
    var maximum: Int64 { values.last ?? 0 }
}

extension [Double] {
    /// The value in the middle; 0 where there is none.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
