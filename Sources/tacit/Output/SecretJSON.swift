internal import SecretMemory
internal import Secrets

/// A secret as a JSON object on standard output, encoded piece by piece in locked memory.
enum SecretJSON {
    /// Bytes that are encoded at a time: a multiple of 3, so that Base64 pads the last piece only.
    private static let pieceBytes = 3072

    /// Writes the members, and then the value: as `value` where it is UTF-8 text, else as `value_base64`.
    static func write(_ value: Span<UInt8>, after members: [(String, JSONValue)]) throws(CommandFailure) {
        let isText = value.isUTF8
        try StandardOutput.write("{\(JSONValue.encoded(members)),\"\(isText ? "value" : "value_base64")\":\"")
        var piece = SecretBuffer(limit: 6 * pieceBytes, account: .general)
        var rest = value
        while !rest.isEmpty {
            let next = rest.extracting(first: min(pieceBytes, rest.count))
            rest = rest.extracting(droppingFirst: next.count)
            do throws(MemoryError) {
                try piece.append(reserving: 6 * pieceBytes) { output in
                    if isText { escape(next, into: &output) } else { Base64.encode(next, into: &output) }
                }
            } catch {
                throw CommandFailure(ProcessEnd.usage, "there is no locked memory for the value")
            }
            try StandardOutput.write(piece.bytes)
            piece.consume(piece.count)
        }
        try StandardOutput.write("\"}\n")
    }

    /// At most six bytes for one.
    private static func escape(_ text: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        for index in text.indices {
            let byte = text[index]
            if let short = JSONEscape.short(byte) {
                output.append(UInt8(ascii: "\\"))
                output.append(short)
            } else if JSONEscape.isNeeded(byte) {
                for character in "\\u00".utf8 { output.append(character) }
                output.append(JSONEscape.digit(byte >> 4))
                output.append(JSONEscape.digit(byte & 15))
            } else {
                output.append(byte)
            }
        }
    }
}
