/// Does the same with many things, some of them at the same time.
enum Crew {
    /// Runs `body` with each element, `breadth` of them at a time, until all are through or one fails. Whatever is under way then
    /// ends first.
    ///
    /// - Returns: what came out, in the order in which it did.
    static func run<Element: Sendable, Result: Sendable>(
        _ elements: [Element],
        breadth: Int,
        _ body: @escaping @Sendable (Element) async throws(MigrationFailure) -> Result,
        each: (Result) -> Void = { _ in }
    ) async throws(MigrationFailure) {
        var failure: MigrationFailure?
        await withTaskGroup(of: Outcome<Result>.self) { group in
            var next = elements.startIndex
            func startOne() {
                guard failure == nil, next < elements.endIndex else { return }
                let element = elements[next]
                next += 1
                group.addTask {
                    do throws(MigrationFailure) { return .success(try await body(element)) } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<max(1, breadth) { startOne() }
            while let outcome = await group.next() {
                switch outcome {
                case .success(let result): each(result)
                // The first tells why; those after it may be its consequences.
                case .failure(let error): failure = failure ?? error
                }
                startOne()
            }
        }
        if let failure { throw failure }
    }

    private typealias Outcome<Result: Sendable> = Swift.Result<Result, MigrationFailure>
}
