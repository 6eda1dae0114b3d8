internal import ArgumentParser

/// A command that waits. The parser's own protocol for that would take it off the main thread.
protocol AsyncCommand: ParsableCommand, Sendable {
    func execute() async throws
}
