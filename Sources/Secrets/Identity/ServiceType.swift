/// What a peer is, in the words of the workflow engine.
public enum ServiceType: String, CaseIterable, Sendable {
    case executor = "EXECUTOR"
    case indexer = "INDEXER"
    case scheduler = "SCHEDULER"
    case webserver = "WEBSERVER"
    case worker = "WORKER"
    case controller = "CONTROLLER"

    /// The type with this name, in any case. Only ASCII letters have one here: there are others whose capitals are ASCII.
    public init?(name: some StringProtocol) {
        let upper = name.utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 0x20 : $0 }
        guard let type = ServiceType.allCases.first(where: { $0.rawValue.utf8.elementsEqual(upper) }) else {
            return nil
        }
        self = type
    }
}
