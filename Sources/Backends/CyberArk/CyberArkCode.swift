/// Codes of CyberArk's errors, such as `PASWS013E` and `APPAP004E`.
enum CyberArkCode {
    /// Whether a text is one, and so nothing that somebody wrote.
    static func isCode(_ text: String) -> Bool {
        (4...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
