/// One answer to a GET, ready to be sent.
package struct Page: Sendable {
    /// Sent with 200 where true, else with 503.
    package let isGood: Bool
    package let contentType: String
    package let text: String
    /// More fields of its head.
    package let fields: [(name: String, value: String)]

    package init(isGood: Bool, contentType: String, text: String, fields: [(name: String, value: String)] = []) {
        self.isGood = isGood
        self.contentType = contentType
        self.text = text
        self.fields = fields
    }
}

/// Builds the page under a path without its query; nil where nothing lives there. Called on the server's thread, one at a
/// time, so it must not block.
package typealias PageSource = @Sendable (_ path: Substring) -> Page?
