internal import SecretMemory
internal import Secrets

/// A value as AWS gave it.
struct AWSValue: ~Copyable, Sendable {
    let arn: String
    let name: String
    let version: String
    let value: SecretBytes

    /// Reads the answer to one read, or an element of the answer to several.
    init(
        _ node: JSONDocument.Node,
        of document: borrowing JSONDocument,
        account: MemoryAccount,
        doing action: String
    ) throws(BackendError) {
        guard let arn = document.string(document.node("ARN", in: node)),
            let name = document.string(document.node("Name", in: node)),
            let version = document.string(document.node("VersionId", in: node))
        else { throw .malformed(detail: "\(action) was answered without a name or a version") }
        if let text = document.node("SecretString", in: node), document.kind(text) == .string {
            do throws(MemoryError) { value = try document.secret(text, account: account) } catch {
                throw .memory(error)
            }
        } else if let bytes = document.node("SecretBinary", in: node), document.kind(bytes) == .string {
            do throws(Base64.Failure) { value = try document.base64(bytes, account: account) } catch {
                switch error {
                case .memory(let error): throw .memory(error)
                case .malformed: throw .malformed(detail: "\(action) was answered with a value that is not Base64")
                }
            }
        } else {
            throw .malformed(detail: "\(action) was answered without a value")
        }
        self.arn = arn
        self.name = name
        self.version = version
    }
}
