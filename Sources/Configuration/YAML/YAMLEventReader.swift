internal import CYAML
internal import Glibc
internal import SecretMemory

/// libyaml over bytes in locked memory. Scalars go from libyaml's own buffers into locked memory and never become strings;
/// libyaml wipes nothing, but what it frees is wiped by the process-wide `free`.
///
/// Unsafe because libyaml is C. Sound: the parser reads `bytes` only inside `read`, for as long as they are borrowed; every
/// event is deleted in the turn that made it, and what it pointed at is copied before.
enum YAMLEventReader {
    /// Reads one document.
    static func read(
        _ bytes: Span<UInt8>,
        file: String,
        limits: ConfigurationLimits
    ) throws(ConfigurationError) -> YAMLEvents {
        guard bytes.count <= limits.fileBytes else {
            throw problem(file, 0, 0, "is larger than \(limits.fileBytes) bytes")
        }
        let content = try withoutMark(bytes, file)
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { unsafe parser.deallocate() }
        guard unsafe yaml_parser_initialize(parser) == 1 else { throw problem(file, 0, 0, "no memory to parse it") }
        defer { unsafe yaml_parser_delete(parser) }
        return unsafe try content.withUnsafeBufferPointer { (source) throws(ConfigurationError) -> YAMLEvents in
            unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            unsafe yaml_parser_set_input_string(parser, source.baseAddress, source.count)
            var collector = YAMLEventCollector(file: file, byteCount: source.count, limits: limits)
            while try unsafe step(parser, source, file, &collector) {}
            return try collector.finish()
        }
    }

    /// One event.
    ///
    /// - Returns: false after the last one.
    private static func step(
        _ parser: UnsafeMutablePointer<yaml_parser_t>,
        _ source: UnsafeBufferPointer<UInt8>,
        _ file: String,
        _ collector: inout YAMLEventCollector
    ) throws(ConfigurationError) -> Bool {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            throw unsafe YAMLSyntaxProblem.describe(parser, source, file: file)
        }
        defer { unsafe yaml_event_delete(&event) }
        let line = unsafe Int(event.start_mark.line) + 1
        let column = unsafe Int(event.start_mark.column) + 1
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
            return false
        case YAML_DOCUMENT_START_EVENT:
            try collector.startDocument(line: line)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe checkTag(scalar.tag, file, line, column)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil
            try unsafe collector.scalar(
                UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                isPlain: isPlain,
                anchor: name(scalar.anchor),
                line,
                column
            )
        case YAML_MAPPING_START_EVENT:
            try unsafe checkTag(event.data.mapping_start.tag, file, line, column)
            try unsafe collector.start(.mappingStart, anchor: name(event.data.mapping_start.anchor), line, column)
        case YAML_SEQUENCE_START_EVENT:
            try unsafe checkTag(event.data.sequence_start.tag, file, line, column)
            try unsafe collector.start(.sequenceStart, anchor: name(event.data.sequence_start.anchor), line, column)
        case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
            collector.end(line, column)
        case YAML_ALIAS_EVENT:
            try unsafe collector.alias(name(event.data.alias.anchor), line, column)
        default:
            break
        }
        return true
    }

    private static func name(_ text: UnsafeMutablePointer<UInt8>?) -> UnsafeBufferPointer<UInt8> {
        guard let text = unsafe text else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        let length = unsafe text.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe strlen($0) }
        return unsafe UnsafeBufferPointer(start: text, count: length)
    }

    /// Only the tags that say what a plain node would be anyway.
    private static func checkTag(
        _ tag: UnsafeMutablePointer<UInt8>?,
        _ file: String,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) {
        guard let tag = unsafe tag else { return }
        let known = [
            YAML_NULL_TAG, YAML_BOOL_TAG, YAML_STR_TAG, YAML_INT_TAG, YAML_FLOAT_TAG, YAML_SEQ_TAG, YAML_MAP_TAG, "!",
        ]
        let isKnown = unsafe tag.withMemoryRebound(to: CChar.self, capacity: 1) { text in
            known.contains { unsafe strcmp(text, $0) == 0 }
        }
        if !isKnown { throw problem(file, line, column, "tags other than the standard ones are refused") }
    }

    /// The bytes after a byte order mark; UTF-16 is refused by name, because its errors would be hard to understand.
    @_lifetime(copy bytes)
    private static func withoutMark(_ bytes: Span<UInt8>, _ file: String) throws(ConfigurationError) -> Span<UInt8> {
        if bytes.count >= 2, (bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff) {
            throw problem(file, 1, 1, "is UTF-16; save it as UTF-8")
        }
        guard bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf else { return bytes }
        return bytes.extracting(droppingFirst: 3)
    }

    private static func problem(_ file: String, _ line: Int, _ column: Int, _ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(file: file, line: line, column: column, message: message))
    }
}
