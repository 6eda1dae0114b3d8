internal import HTTP
internal import Secrets

/// Finds items by their titles: one by itself with a filter, and those that are asked for together with one list of the vault.
struct ItemFinder: Sendable {
    /// Most titles that one list is asked for.
    private static let maximumBatch = 256

    private let service: ConnectService
    /// Titles as bytes: texts that look alike would be one question.
    private let gatherer: Gatherer<[UInt8], [ItemSummary]>

    init(_ service: ConnectService, time: TimeSource) {
        self.service = service
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (titles) throws(BackendError) in
            if titles.count == 1, let title = titles.first {
                return [title: try await Self.items(called: String(decoding: title, as: UTF8.self), service)]
            }
            let items = try await Self.items(service, doing: "finding \(titles.count) items")
            return Dictionary(
                uniqueKeysWithValues: titles.map { title in (title, items.filter { $0.title.utf8.elementsEqual(title) })
                }
            )
        }
    }

    /// The one item of a title, whoever else asks for others.
    ///
    /// - Returns: nil where there is none.
    func find(_ title: String) async throws(BackendError) -> ItemSummary? {
        try Self.only(try await gatherer.answer(to: Array(title.utf8)), title)
    }

    /// The same, asked for after the call began.
    func findNow(_ title: String) async throws(BackendError) -> ItemSummary? {
        try Self.only(try await Self.items(called: title, service), title)
    }

    /// All items of a title, asked for after the call began.
    func all(_ title: String) async throws(BackendError) -> [ItemSummary] {
        try await Self.items(called: title, service)
    }

    /// All items of the vault.
    func all(doing action: String) async throws(BackendError) -> [ItemSummary] {
        try await Self.items(service, doing: action)
    }

    private static func only(_ items: [ItemSummary], _ title: String) throws(BackendError) -> ItemSummary? {
        guard items.count > 1 else { return items.first }
        let ids = items.map(\.id).sorted().joined(separator: ", ")
        throw .malformed(
            detail: "\(items.count) items of the vault have the title \(title): \(ids); rename all but one"
        )
    }

    /// Compared here once more: a filter may leave case out of account.
    private static func items(
        called title: String,
        _ service: ConnectService
    ) async throws(BackendError) -> [ItemSummary] {
        let filter = ItemTitle.isFilterable(title) ? PercentEncoding.encode("title eq \"\(title)\"") : nil
        return try await items(service, filter, doing: "finding \(title)").filter { $0.title.hasSameBytes(as: title) }
    }

    private static func items(
        _ service: ConnectService,
        _ filter: String? = nil,
        doing action: String
    ) async throws(BackendError) -> [ItemSummary] {
        let answer = try await service.ask(.get, "/items" + (filter.map { "?filter=\($0)" } ?? ""))
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        guard answer.json.kind(answer.json.root) == .array else {
            throw .malformed(detail: "\(action): the answer is no list of items")
        }
        return answer.json.elements(of: answer.json.root).compactMap { ItemSummary($0, in: answer.json) }
    }
}
