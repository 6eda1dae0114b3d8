internal import Databases

/// What the library says where it could not connect. It has no code to ask for then, so its text is all there is; the
/// server's own code is in it, because connections are opened with verbose errors.
enum ConnectionRefusal {
    static func error(_ words: String) -> DatabaseError {
        // Of several lines the last that says something counts: the earlier ones are of attempts before it.
        let lines = words.split(separator: "\n").map(String.init)
        if let (state, sentence) = lines.lazy.compactMap(serverError).first {
            let message = ServerMessage.text(state: state, primary: sentence, table: nil, constraint: nil)
            return DatabaseError(DatabaseError.Kind(state: state), message, state: state)
        }
        let text = ServerText.printable(withoutPlace(lines.first ?? "the connection could not be opened"))
        let lowered = words.lowercased()
        if lowered.contains("read-only") || lowered.contains("read-write") || lowered.contains("hot standby") {
            return DatabaseError(.readOnly, text)
        }
        if lowered.contains("no password supplied") { return DatabaseError(.refusedLogin, text) }
        if ["certificate file", "private key file"].contains(where: { lowered.contains($0) }) {
            return DatabaseError(.settings, text)
        }
        let isOfTLS = ["ssl", "certificate", "tls", "channel binding"].contains { lowered.contains($0) }
        return DatabaseError(isOfTLS ? .untrusted : .unreachable, text)
    }

    /// The code and the sentence in `FATAL:  28P01: password authentication failed for user "a"`, whatever the severity's
    /// word is in the server's language.
    private static func serverError(_ line: String) -> (state: String, sentence: String)? {
        var rest = Substring(line)
        while let colon = rest.firstRange(of: ":  ") {
            rest = rest[colon.upperBound...]
            let state = rest.prefix(5)
            let isState =
                state.utf8.count == 5 && state.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if isState, rest.dropFirst(5).hasPrefix(": ") { return (String(state), String(rest.dropFirst(7))) }
        }
        return nil
    }

    /// Which host it was is said by whoever tried it.
    private static func withoutPlace(_ line: String) -> String {
        guard line.hasPrefix("connection to server"), let end = line.firstRange(of: " failed: ") else { return line }
        return String(line[end.upperBound...])
    }
}
