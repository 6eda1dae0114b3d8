/// What the section of 1Password says, its token aside.
struct OnePasswordOptions: Sendable {
    /// Scheme, host, port and any path before `/v1`, without a slash at its end.
    let server: String
    let vaultID: String
    let layout: NameLayout
    let isReadOnly: Bool
    /// Added to whatever is written.
    let tags: [String: String]
    /// Tags that an item must have to be seen; empty for all.
    let filter: [String: String]
}
