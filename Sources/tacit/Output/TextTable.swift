/// Columns for people.
enum TextTable {
    /// Rows of equally many cells, with two blanks between columns.
    static func text(_ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(printable) }
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Names and values, one a line. A value of several lines goes on below itself.
    static func facts(_ facts: [(String, String)]) -> String {
        text(
            facts.flatMap { name, value in
                let lines = value.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                return lines.enumerated().map { index, line in [index == 0 ? name : "", line] }
            }
        )
    }

    /// What somebody else wrote must not move the cursor or colour the screen.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{fffd}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }
}
