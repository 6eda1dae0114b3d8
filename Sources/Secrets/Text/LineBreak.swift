/// The line breaks that text may hold: LF, VT, FF, CR, CR LF, NEL, LS and PS, in UTF-8.
enum LineBreak {
    /// Bytes of the line break that begins at `index`; 0 where none does.
    static func length(at index: Int, in text: Span<UInt8>) -> Int {
        switch text[index] {
        case 0x0a...0x0d: return 1
        case 0xc2: return index + 1 < text.count && text[index + 1] == 0x85 ? 2 : 0
        case 0xe2:
            guard index + 2 < text.count, text[index + 1] == 0x80 else { return 0 }
            return text[index + 2] == 0xa8 || text[index + 2] == 0xa9 ? 3 : 0
        default: return 0
        }
    }
}
