package import Testing

/// An expectation for closures with typed errors, in which the macro itself cannot stand around a `try`.
package func same<Value: Equatable>(
    _ found: Value,
    _ wanted: Value,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found == wanted, sourceLocation: sourceLocation)
}
