/// What the page for people shows beside the parts. Shown to whoever asks, so nothing in it names a secret, a namespace or an
/// identity.
struct StatusOverview: Sendable {
    /// One figure, large.
    struct Figure: Sendable {
        let label: String
        let value: String
        /// What belongs to it, small.
        let note: String
    }

    struct Column: Sendable {
        enum Kind: Sendable {
            case text
            case number
            /// `UP`, `DOWN` or `UNKNOWN`, shown as the state of a part is; any other word is text.
            case state
        }

        let title: String
        var kind = Kind.text
    }

    /// A table with a heading of its own. The first cell of a row is the row's heading.
    struct Table: Sendable {
        /// Of the section; letters and hyphens, one a page.
        let id: String
        let title: String
        /// What it shows, in a sentence; "" where the title says all.
        var note = ""
        let columns: [Column]
        let rows: [[String]]
        /// What is said in place of a table without rows.
        let empty: String
    }

    let node: String
    let version: String
    let uptime: String
    let isReady: Bool
    let figures: [Figure]
    let tables: [Table]
}
