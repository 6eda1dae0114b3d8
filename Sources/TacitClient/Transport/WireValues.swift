/// Values as the wire has them.
extension Duration {
    /// A time of the wire; more than 292 million years are cut to that.
    init(milliseconds: UInt64) { self = .milliseconds(Int64(clamping: milliseconds)) }

    /// Whole milliseconds, rounded up, so that what is not zero does not become zero; 0 where it is negative.
    var wholeMilliseconds: UInt64 {
        if self <= .zero { return 0 }
        let (seconds, attoseconds) = components
        let rounded = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product.addingReportingOverflow(UInt64(rounded)).partialValue
    }
}

extension String {
    /// A copy of bytes that were checked to be UTF-8 when they were read.
    init(checked bytes: Span<UInt8>) {
        if let text = try? UTF8Span(validating: bytes) { self.init(copying: text) } else { self = "" }
    }
}
