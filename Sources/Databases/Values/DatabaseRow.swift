/// A row of an answer, for the length of the call that it is lent to. Columns are counted from 0, and NULL is nil.
///
/// What a method throws is of kind `malformed` where the column is of another type than was asked for.
package protocol DatabaseRow: ~Copyable {
    associatedtype Failure: DatabaseFailure

    borrowing func number(at column: Int) throws(Failure) -> Int64?

    /// Milliseconds since 1970.
    borrowing func time(at column: Int) throws(Failure) -> Int64?

    /// Not for secrets: the text leaves the memory that is wiped.
    borrowing func text(at column: Int) throws(Failure) -> String?

    /// Lends bytes for the length of the call; they are wiped after it.
    borrowing func withBytes<Success: ~Copyable>(
        at column: Int,
        _ body: (Span<UInt8>?) throws(Failure) -> Success
    ) throws(Failure) -> Success
}

/// What is made of a row, whichever kind of server it comes from.
package protocol FetchableRecord {
    init<Row: DatabaseRow & ~Copyable>(_ row: borrowing Row) throws(Row.Failure)
}
