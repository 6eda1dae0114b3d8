internal import CYAML

/// Turns what libyaml says of a broken document into one line with a place. Its texts are constants and hold nothing of
/// the document.
enum YAMLSyntaxProblem {
    /// - Safety: `parser` must have failed just now, over `source`.
    @unsafe
    static func describe(
        _ parser: UnsafeMutablePointer<yaml_parser_t>,
        _ source: UnsafeBufferPointer<UInt8>,
        file: String
    ) -> ConfigurationError {
        var line = unsafe Int(parser.pointee.problem_mark.line) + 1
        var column = unsafe Int(parser.pointee.problem_mark.column) + 1
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            // The reader fails ahead of the scanner and knows an offset only.
            (line, column) = unsafe place(of: Int(parser.pointee.problem_offset), in: source)
        }
        if unsafe indentsWithTab(line, source) {
            return error(file, line, column, "a tab cannot indent; use spaces")
        }
        var message = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "is not YAML"
        if unsafe parser.pointee.error == YAML_MEMORY_ERROR { message = "no memory to parse it" }
        if let context = unsafe parser.pointee.context {
            message += unsafe " (\(String(cString: context)), line \(parser.pointee.context_mark.line + 1))"
        }
        return error(file, line, column, message)
    }

    private static func error(_ file: String, _ line: Int, _ column: Int, _ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(file: file, line: line, column: column, message: message))
    }

    private static func place(of offset: Int, in source: UnsafeBufferPointer<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<max(0, min(offset, source.count)) {
            if unsafe source[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }

    private static func indentsWithTab(_ line: Int, _ source: UnsafeBufferPointer<UInt8>) -> Bool {
        var current = 1
        var isIndent = true
        for index in source.indices {
            let byte = unsafe source[index]
            if byte == UInt8(ascii: "\n") {
                current += 1
                isIndent = true
                if current > line { return false }
            } else if current == line, isIndent {
                if byte == UInt8(ascii: "\t") { return true }
                if byte != UInt8(ascii: " ") { return false }
            }
        }
        return false
    }
}
