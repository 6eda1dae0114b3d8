#if MariaDB
    internal import CMariaDB
    internal import Databases
    internal import SecretMemory

    extension DatabaseParameters {
        /// Lends the parameters in the shape that the library takes, until the statement has been sent.
        ///
        /// Sound because no pointer outlives `body`, and each lies within the bytes, whose ranges were made when they were
        /// appended. The library only reads them.
        borrowing func withBinds<Success>(
            _ body: (UnsafeMutablePointer<MYSQL_BIND>) -> Success
        ) -> Success {
            let slots = slots
            // One more than there are, so that there is always something to point to.
            let binds = UnsafeMutableBufferPointer<MYSQL_BIND>.allocate(capacity: slots.count + 1)
            unsafe binds.initialize(repeating: MYSQL_BIND())
            let numbers = UnsafeMutableBufferPointer<Int64>.allocate(capacity: slots.count + 1)
            unsafe numbers.initialize(repeating: 0)
            defer {
                unsafe binds.deallocate()
                unsafe numbers.deallocate()
            }
            return bytes.withBytes { bytes in
                unsafe bytes.withUnsafeBufferPointer { buffer in
                    for (index, slot) in slots.enumerated() {
                        guard let range = slot.range else {
                            unsafe binds[index].buffer_type = MYSQL_TYPE_NULL
                            continue
                        }
                        if slot.kind == .number {
                            var number: UInt64 = 0
                            for place in range { number = unsafe number << 8 | UInt64(buffer[place]) }
                            unsafe numbers[index] = Int64(bitPattern: number)
                            unsafe binds[index].buffer_type = MYSQL_TYPE_LONGLONG
                            unsafe binds[index].buffer = numbers.baseAddress.map {
                                unsafe UnsafeMutableRawPointer($0 + index)
                            }
                            continue
                        }
                        unsafe binds[index].buffer_type = slot.kind == .text ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB
                        unsafe binds[index].buffer = buffer.baseAddress.map {
                            unsafe UnsafeMutableRawPointer(mutating: $0 + range.lowerBound)
                        }
                        unsafe binds[index].buffer_length = UInt(range.count)
                        unsafe binds[index].length_value = UInt(range.count)
                    }
                    guard let start = binds.baseAddress else { preconditionFailure("allocated above") }
                    return unsafe body(start)
                }
            }
        }
    }
#endif
