internal import Configuration
internal import SecretMemory
internal import Secrets

/// Finds the secrets of the process's environment and of the configured files, and says which cannot be used.
struct EnvironmentLoader {
    let options: EnvironmentOptions
    let notices: BackendNotices

    func load(_ environment: any ConfigurationEnvironment) throws(EnvironmentRefusal) -> EnvironmentTable {
        var table = EnvironmentTable()
        for path in options.files { try table.add(try readFile(path), from: path) }
        try table.add(try readProcess(environment), from: "environment")
        return table
    }

    // MARK: The process's own variables

    private func readProcess(
        _ environment: any ConfigurationEnvironment
    ) throws(EnvironmentRefusal) -> [EnvironmentTable.Entry] {
        var entries: [EnvironmentTable.Entry] = []
        for variable in environment.names(withPrefixes: [EnvironmentOptions.prefix]) {
            guard isKey(variable, of: "environment") else { continue }
            let text: SharedSecret?
            do throws(MemoryError) { text = try environment.value(variable) } catch { throw .memory(error) }
            guard let text else { continue }
            if let entry = try accept(variable, text) { entries.append(entry) }
        }
        return entries
    }

    // MARK: Files

    private func readFile(_ path: String) throws(EnvironmentRefusal) -> [EnvironmentTable.Entry] {
        let buffer = try EnvironmentFile.read(path)
        var lines = EnvironmentLines(buffer.bytes)
        var entries: [EnvironmentTable.Entry] = []
        var open: OpenValue?
        while let line = lines.next() {
            if EnvironmentAssignment.isEmpty(line) { continue }
            if options.encoding == .base64, open?.isContinued(by: line) == true {
                do throws(MemoryError) { try open?.append(line) } catch { throw .memory(error) }
                continue
            }
            try close(&open, into: &entries)
            guard let assignment = EnvironmentAssignment(line) else {
                notices("\(path): line \(lines.number) has no \"=\"; it is skipped")
                continue
            }
            guard let variable = variable(assignment.name, of: path) else { continue }
            do throws(MemoryError) {
                open = try OpenValue(variable: variable, assignment.value)
            } catch {
                throw .memory(error)
            }
        }
        try close(&open, into: &entries)
        return entries
    }

    /// The name of a variable that holds a secret; nil for any other, which may stand in such files too.
    private func variable(_ name: Span<UInt8>, of path: String) -> String? {
        let prefix = EnvironmentOptions.prefix.utf8
        guard name.count >= prefix.count else { return nil }
        var index = 0
        for byte in prefix {
            if name[index] != byte { return nil }
            index += 1
        }
        guard let text = String(utf8: name), isKey(text, of: path) else { return nil }
        return text
    }

    private func close(
        _ open: inout OpenValue?,
        into entries: inout [EnvironmentTable.Entry]
    ) throws(EnvironmentRefusal) {
        guard let value = open.take() else { return }
        let variable = value.variable
        let text: SharedSecret
        let macro: MacroText
        do throws(MemoryError) {
            macro = try value.macro(isAllowed: options.allowsMacros)
            text = SharedSecret(try value.text())
        } catch {
            throw .memory(error)
        }
        switch macro {
        case .none:
            if let entry = try accept(variable, text) { entries.append(entry) }
        case .malformed:
            notices("secret env \(variable): is a template other than {{ \"text\" | base64encode }}; it is skipped")
        case .text(let text):
            entries.append(EnvironmentTable.Entry(variable: variable, form: .plain, text: text))
        }
    }

    // MARK: Both

    private func isKey(_ variable: String, of source: String) -> Bool {
        if EnvironmentKey(variable: variable) != nil { return true }
        notices("\(source): \(KeySpelling.printable(variable)) is no name of a secret; it is skipped")
        return false
    }

    /// - Returns: nil where the value cannot be decoded, which a notice says by name.
    private func accept(
        _ variable: String,
        _ text: SharedSecret
    ) throws(EnvironmentRefusal) -> EnvironmentTable.Entry? {
        guard options.encoding == .base64 else {
            return EnvironmentTable.Entry(variable: variable, form: .plain, text: text)
        }
        do throws(Base64.Failure) {
            let isText = try text.withBytes { (bytes) throws(Base64.Failure) in
                let value = try Base64.decode(bytes, account: .general)
                return value.bytes.isUTF8
            }
            if !isText {
                notices(
                    "secret env \(variable): is no text once decoded; if its value is not base64, set env.encoding: raw"
                )
            }
            return EnvironmentTable.Entry(variable: variable, form: .encoded, text: text)
        } catch {
            switch error {
            case .memory(let error): throw .memory(error)
            case .malformed(let position):
                notices("secret env \(variable): not base64 at position \(position); it is skipped")
                return nil
            }
        }
    }
}

/// What a value is, as far as templates go.
enum MacroText {
    case none
    case malformed
    case text(SharedSecret)
}

/// A value that may go on in the next line, as encoders that wrap their output write it.
private struct OpenValue: ~Copyable {
    let variable: String
    private var buffer = SecretBuffer(limit: EnvironmentFile.maximumBytes, account: .general)
    private var lastLine: Int

    init(variable: String, _ value: Span<UInt8>) throws(MemoryError) {
        self.variable = variable
        lastLine = value.count
        try buffer.append(value)
    }

    /// Whether a line is nothing but digits of Base64. One that ends with padding looks like an assignment of nothing, so it
    /// counts only after a line of the length that encoders wrap at.
    func isContinued(by line: Span<UInt8>) -> Bool {
        guard !EnvironmentMacro.isMeant(buffer.bytes) else { return false }
        var padding = 0
        for index in line.indices {
            if line[index] == UInt8(ascii: "=") {
                padding += 1
            } else if padding > 0 || !Base64.isDigit(line[index]) {
                return false
            }
        }
        return padding == 0 || (padding <= 2 && padding < line.count && lastLine >= 60 && lastLine % 4 == 0)
    }

    mutating func append(_ line: Span<UInt8>) throws(MemoryError) {
        lastLine = line.count
        try buffer.append(line)
    }

    func text() throws(MemoryError) -> SecretBytes {
        try SecretBytes(copying: buffer.bytes, account: .general)
    }

    func macro(isAllowed: Bool) throws(MemoryError) -> MacroText {
        guard isAllowed, EnvironmentMacro.isMeant(buffer.bytes) else { return .none }
        guard let text = try EnvironmentMacro.text(buffer.bytes) else { return .malformed }
        return .text(SharedSecret(text))
    }
}
