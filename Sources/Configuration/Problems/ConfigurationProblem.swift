/// One thing that is wrong with a configuration, in words that say where it is and what to write instead.
///
/// It never carries the value of a key that holds a secret.
package struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as it was named, `standard input`, or `environment variable NAME`.
    package let file: String
    /// The line, from 1; 0 where the source has no lines.
    package let line: Int
    /// The column, from 1; 0 where it is not known.
    package let column: Int
    /// The key, with dots and indexes: `tacit.listeners[0].address`; empty for the file as a whole.
    package let keyPath: String
    /// What is wrong.
    package let message: String
    /// What was probably meant; nil where nothing is near.
    package let suggestion: String?

    package init(
        file: String,
        line: Int = 0,
        column: Int = 0,
        keyPath: String = "",
        message: String,
        suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.message = message
        self.suggestion = suggestion
    }

    /// `FILE:LINE: KEY: MESSAGE; did you mean "SUGGESTION"?`
    package var description: String {
        var text = line > 0 ? "\(file):\(line): " : "\(file): "
        if !keyPath.isEmpty { text += "\(keyPath): " }
        text += message
        if let suggestion { text += "; did you mean \"\(suggestion)\"?" }
        return text
    }
}
