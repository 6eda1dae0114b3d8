/// What a journal is about.
package struct JournalHeader: Equatable, Sendable {
    private static let mark = "tacit-migration"
    private static let form = "1"

    /// A digest of both configurations, secrets masked.
    package let pair: String
    /// The files of the configurations, for messages.
    package let source: String
    package let target: String
    /// Whether descriptions and tags are carried over.
    package let carriesMetadata: Bool

    package init(pair: String, source: String, target: String, carriesMetadata: Bool) {
        self.pair = pair
        self.source = source
        self.target = target
        self.carriesMetadata = carriesMetadata
    }

    var line: [UInt8] {
        JournalLine.encode(
            [Self.mark, Self.form, pair, carriesMetadata ? "with-metadata" : "values-only", source, target]
        )
    }

    /// - Parameter fields: of a sound line.
    init?(_ fields: [String]) {
        guard fields.count == 6, fields[0] == Self.mark, fields[1] == Self.form else { return nil }
        self.init(pair: fields[2], source: fields[4], target: fields[5], carriesMetadata: fields[3] == "with-metadata")
    }
}
