import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Notes with tags")
struct SecretNoteTests {
    /// What is read of a field that holds this text.
    private func read(_ text: borrowing SecretBytes) throws -> SecretNote? {
        var writer = JSONWriter()
        try writer.string(text.bytes)
        let document = try JSONDocument(writer.finish())
        return try SecretNote.read(document.root, in: document)
    }

    @Test("what is written is read again", arguments: ["plain", "quote\" and \\ and line\nbreak", "\u{1f511}", ""])
    func roundTrip(text: String) throws {
        let note = SecretNote(description: text, tags: ["a": text, text: "b"])
        #expect(try read(note.text()) == note)
    }

    @Test("an empty field has neither a description nor tags")
    func empty() throws {
        #expect(try read(SecretBytes(copying: "".utf8Span.span)) == SecretNote())
    }

    @Test(
        "the text of somebody else is none",
        arguments: [
            "call Ann", "{}", "[1]", "{\"kestra\":2}", "{\"kestra\":\"1\"}", "{\"tags\":{}}", "{\"kestra\":1", " ",
        ]
    )
    func foreign(text: String) throws {
        #expect(try read(SecretBytes(copying: text.utf8Span.span)) == nil)
    }
}
