/// What to search for: canaries in all their forms, whole and every eight neighbouring bytes of them.
struct Needles: Sendable {
    struct Meaning: Sendable, Hashable {
        let canary: String
        let form: Form
        let isFull: Bool
    }

    private(set) var meanings: [Meaning] = []
    private(set) var lengths: [UInt32] = []
    private(set) var masked: [UInt8] = []

    init(_ canaries: [Canary], forms: [Form] = Form.allCases) {
        for canary in canaries {
            for form in forms {
                for encoded in form.encode(canary.bytes) { add(encoded, canary.name, form) }
            }
        }
    }

    private mutating func add(_ bytes: [UInt8], _ canary: String, _ form: Form) {
        append(bytes[...], Meaning(canary: canary, form: form, isFull: true))
        let window = form.windowBytes
        for start in 0...(bytes.count - window) {
            append(bytes[start..<(start + window)], Meaning(canary: canary, form: form, isFull: false))
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, _ meaning: Meaning) {
        meanings.append(meaning)
        lengths.append(UInt32(bytes.count))
        masked += bytes.map { $0 ^ 0x5a }
    }

    /// As both searchers read them.
    var request: [UInt8] {
        var request: [UInt8] = []
        request.reserveCapacity(4 + 4 * lengths.count + masked.count)
        for number in [UInt32(lengths.count)] + lengths {
            for shift in stride(from: 0, to: 32, by: 8) {
                request.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
            }
        }
        return request + masked
    }
}
