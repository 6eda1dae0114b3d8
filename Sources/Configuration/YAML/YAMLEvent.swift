internal import SecretMemory

/// One step through a document.
struct YAMLEvent: Sendable {
    enum Kind: Sendable {
        /// A part of the document's text. `isPlain`: written without quotes and not as a block.
        case scalar(Range<Int>, isPlain: Bool)
        case mappingStart
        case sequenceStart
        /// The end of the innermost mapping or sequence.
        case end
        /// A name, as a part of the document's text.
        case alias(Range<Int>)
    }

    let kind: Kind
    /// The name under which the node that begins here can be repeated, as a part of the document's text.
    let anchor: Range<Int>?
    /// From 1.
    let line: Int
    /// From 1.
    let column: Int
}

/// A whole document: the steps, and the text of its scalars in locked memory.
struct YAMLEvents: Sendable {
    let events: [YAMLEvent]
    let text: SharedSecret
}
