/// Why a command ends with another status than 0.
struct CommandFailure: Error {
    /// See ``ProcessEnd``.
    let status: Int32
    /// What to say on standard error, a line each; nothing where the answer itself says it.
    let messages: [String]

    init(_ status: Int32, _ messages: String...) { self.init(status, messages) }

    init(_ status: Int32, _ messages: [String]) {
        self.status = status
        self.messages = messages
    }
}
