/// Whether bytes are text, without making a string of them.
public enum UTF8Text {
    public static func isValid(_ bytes: Span<UInt8>) -> Bool { (try? UTF8Span(validating: bytes)) != nil }
}
