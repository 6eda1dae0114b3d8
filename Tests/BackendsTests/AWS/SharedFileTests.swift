import SecretMemory
import Testing

@testable import Backends

@Suite("AWS's shared files")
struct SharedFileTests {
    private func file(_ text: String) throws -> SharedFile { try SharedFile(try secret(text)) }

    @Test("sections, comments, spaces, case, and what is indented below a key")
    func syntax() throws {
        let file = try file(
            """
            # a comment
            [default]
            region = eu-west-1
            s3 =
              max_concurrent_requests = 20
              aws_access_key_id = not this one
            Output=json\r
            ; another

            [ profile  "two words" ] ; behind it
              aws_access_key_id =  AKIA=with=equals\t
              aws_secret_access_key = sec/ret+
            [default]
            output = text
            empty =
            """
        )
        #expect(file["default"]?.string("region") == "eu-west-1")
        #expect(file["default"]?.string("output") == "text")
        #expect(file["default"]?.string("aws_access_key_id") == nil)
        #expect(file["default"]?.string("empty") == nil)
        #expect(file["profile two words"]?.string("aws_access_key_id") == "AKIA=with=equals")
        let key = try #require(try file["profile two words"]?.secret("aws_secret_access_key"))
        #expect(text(key) == "sec/ret+")
        #expect(file["three"] == nil)
    }

    @Test(
        "what is none is refused with its line",
        arguments: [
            ("key = before any section", 1), ("[a]\n[b\n", 2), ("[a]\nno separator\n", 2), ("[]\n", 1),
            ("[a]\n = x\n", 2),
        ]
    )
    func malformed(text: String, line: Int) throws {
        #expect(throws: SharedFile.Fault.malformed(line: line)) { try file(text) }
    }

    @Test("a file has a bounded number of entries")
    func bounded() throws {
        let lines = (0..<SharedFile.maximumEntries).map { "k\($0) = v\n" }.joined()
        #expect(throws: SharedFile.Fault.tooManyEntries) { try file("[a]\n" + lines) }
        let fewer = (1..<SharedFile.maximumEntries).map { "k\($0) = v\n" }.joined()
        #expect(try file("[a]\n" + fewer)["a"]?.string("k9999") == "v")
    }
}

@Suite("XML answers")
struct XMLAnswerTests {
    private func answer(_ text: String) throws -> XMLAnswer {
        try XMLAnswer(SecretBytes(copying: text.utf8Span.span))
    }

    @Test("texts are found by the names around them, with their entities resolved")
    func texts() throws {
        let answer = try answer(
            """
            <?xml version="1.0"?>
            <R xmlns="https://example/>"><Empty/><A><Key>no</Key></A>
            <Credentials a='>'><Key>x&amp;y&lt;&gt;&quot;&apos;z</Key><Bad>&unknown;</Bad></Credentials></R>
            """
        )
        #expect(answer.string("Credentials", "Key") == "x&y<>\"'z")
        #expect(answer.string("Key") == "no")
        #expect(answer.string("Credentials", "Bad") == nil)
        #expect(answer.string("Other", "Key") == nil)
        #expect(answer.string("Empty") == nil)
    }

    @Test(
        "what is not well formed, or more than elements, is refused",
        arguments: [
            "", "text", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a><b></a></b>", "<!DOCTYPE a><a/>",
            "<a><![CDATA[x]]></a>", "<a><!-- x --></a>", "<a b='></a>", "<?xml",
            "<a>" + String(repeating: "<b>", count: 16),
            "<a>" + String(repeating: "<b/>", count: 512) + "</a>",
        ]
    )
    func malformed(text: String) throws {
        let isRefused: Bool
        do {
            _ = try answer(text)
            isRefused = false
        } catch is XMLAnswer.Malformed {
            isRefused = true
        }
        #expect(isRefused)
    }
}
