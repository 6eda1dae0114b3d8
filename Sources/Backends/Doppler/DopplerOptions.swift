/// What the section of Doppler says, its token aside.
struct DopplerOptions: Sendable {
    /// Scheme, host and port.
    let origin: String
    let project: String
    let config: String
    let names: DopplerNames
    let isReadOnly: Bool
    /// Added to the note of whatever is written.
    let tags: [String: String]
}
