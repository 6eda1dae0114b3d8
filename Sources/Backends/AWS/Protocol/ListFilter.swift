/// Narrows a listing down. AWS compares beginnings only, and labels' names and values each for itself, so that what comes back has
/// to be looked at again.
struct ListFilter: Sendable {
    let key: String
    /// At most ``maximumValues``, of which one must fit.
    let values: [String]

    static let maximumValues = 10
}
