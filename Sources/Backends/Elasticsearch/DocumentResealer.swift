internal import Cryptography
internal import SecretMemory
internal import Secrets

/// Goes through an index and seals again what stands under previous secrets.
struct DocumentResealer: Sendable {
    /// Names of one page.
    static let pageSize = 64

    private let search: DocumentSearch
    private let reader: DocumentReader
    private let writer: DocumentWriter
    private let previous: Set<KeyIdentifier>
    private let notices: BackendNotices
    private let unopened = UnopenedNames()

    init(
        search: DocumentSearch,
        reader: DocumentReader,
        writer: DocumentWriter,
        notices: @escaping BackendNotices
    ) {
        self.search = search
        self.reader = reader
        self.writer = writer
        self.notices = notices
        previous = Set(writer.keyring.previousIdentifiers)
    }

    /// Once through the index.
    func pass() async throws(BackendError) -> ResealingTally {
        var tally = ResealingTally()
        var last: SecretName?
        while !Task.isCancelled {
            let identifiers = previous.map(\.description).sorted()
            let names = try await search.sealed(under: identifiers, after: last, limit: Self.pageSize)
            for name in names {
                do throws(BackendError) {
                    if try await reseal(name) { tally.resealed += 1 }
                } catch {
                    guard case .malformed = error else { throw error }
                    tally.left += 1
                    if unopened.note(name) { notices(error.words) }
                }
            }
            guard names.count == Self.pageSize else { break }
            last = names.last
        }
        return tally
    }

    /// - Returns: false where it need not be done any more, or somebody else is at it.
    private func reseal(_ name: SecretName) async throws(BackendError) -> Bool {
        guard let current = try await reader.findNow(name), let sealed = current.document.sealed,
            previous.contains(sealed.key)
        else { return false }
        let document = current.document
        let value: SharedSecret
        do throws(EnvelopeError) {
            let context = EnvelopeContext(name, version: document.version)
            value = SharedSecret(try writer.keyring.open(sealed.envelope.span, for: context, account: .store))
        } catch {
            throw writer.place.refusal(error, of: name)
        }
        let again = SealedDocument(
            name: name,
            version: document.version,
            sealed: (try writer.seal(value, name, document.version), writer.keyring.currentIdentifier),
            tags: document.tags,
            description: document.description,
            createdAt: document.createdAt,
            updatedAt: document.updatedAt
        )
        switch try await writer.store(again, replacing: current, isAwaited: false) {
        case .stored: return true
        case .conflict: return false
        case .unknown(let error): throw error
        }
    }
}
