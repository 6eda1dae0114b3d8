#if PostgreSQL
    internal import Databases
    internal import SecretMemory

    extension DatabaseParameters {
        /// Lends the parameters in the shape that the library takes; it copies them before it returns.
        ///
        /// Sound because no pointer outlives `body`, and each lies within the bytes, whose ranges were made when they were
        /// appended.
        borrowing func withArrays(
            _ body: (
                _ count: CInt,
                _ types: UnsafePointer<UInt32>,
                _ values: UnsafePointer<UnsafePointer<CChar>?>,
                _ lengths: UnsafePointer<CInt>,
                _ formats: UnsafePointer<CInt>
            ) -> CInt
        ) -> CInt {
            let slots = slots
            let lengths = slots.map { CInt($0.range?.count ?? 0) }
            let formats = slots.map { _ in CInt(1) }
            let types = slots.map(\.kind.type)
            return bytes.withBytes { bytes in
                unsafe bytes.withUnsafeBufferPointer { buffer in
                    // NULL is a missing pointer, so an empty value needs one that is never read.
                    var empty: CChar = 0
                    return unsafe withUnsafePointer(to: &empty) { empty in
                        let start = unsafe UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
                        let values = unsafe slots.map { slot -> UnsafePointer<CChar>? in
                            guard let range = slot.range else { return nil }
                            return unsafe range.isEmpty ? empty : start.map { unsafe $0 + range.lowerBound }
                        }
                        return unsafe body(CInt(slots.count), types, values, lengths, formats)
                    }
                }
            }
        }
    }
#endif
