import Configuration
import Testing

@Suite("YAML")
struct YAMLTests {
    @Test(
        "what cannot be read is refused with a place",
        arguments: [
            ("tacit:\n\tnode: x\n", "a.yml:2: a tab cannot indent; use spaces"),
            ("tacit: [\n", "a.yml:2: did not find expected node content (while parsing a flow node, line 2)"),
            ("tacit: 'x\n", "a.yml:2: found unexpected end of stream (while scanning a quoted scalar, line 1)"),
            ("- a\n", "a.yml:1: must be a mapping of keys, and is a list"),
            ("just text\n", "a.yml:1: must be a mapping of keys, and is a single value"),
            ("tacit: {}\n---\ntacit: {}\n", "a.yml:2: holds more than one document; use one file for each"),
            ("tacit:\n  node: !custom x\n", "a.yml:2: tags other than the standard ones are refused"),
            ("tacit:\n  node: !!python/object x\n", "a.yml:2: tags other than the standard ones are refused"),
            ("tacit: {}\nlog: 1\ntacit: {}\n", "a.yml:3: tacit: is there twice; first in line 1"),
            ("tacit:\n  node: *nowhere\n", "a.yml:2: tacit.node: an alias names an anchor that is not there above it"),
            ("tacit: &a\n  node: *a\n", "a.yml:2: tacit.node: an alias names an anchor that is not there above it"),
            ("? [a, b]\n: c\n", "a.yml:1: a key must be a single word"),
            ("? \n: c\n", "a.yml:1: a key is empty or not text"),
            ("tacit:\n  <<: text\n", "a.yml:2: tacit.<<: << takes mappings only"),
            ("tacit: {node: \u{1}}\n", "a.yml:1: control characters are not allowed"),
        ]
    )
    func refused(text: String, expected: String) throws {
        let found = try problems(text).map { $0.replacing("(a key that is not shown)", with: "<<") }
        #expect(found == [expected])
    }

    @Test func `bytes that are not UTF-8 are refused with a line`() throws {
        let source = try ConfigurationSource(
            name: "a.yml",
            text: bytes([0x61, 0x3a, 0x0a, 0x62, 0x3a, 0x20, 0xff, 0x0a])
        )
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.parse([source], environment: FixedEnvironment([:]), catalogue: testCatalogue)
        }
        #expect(error?.problems.first?.line == 2)
    }

    @Test func `UTF-16 is refused by name`() throws {
        let source = try ConfigurationSource(name: "a.yml", text: bytes([0xff, 0xfe, 0x61, 0x00]))
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.parse([source], environment: FixedEnvironment([:]), catalogue: testCatalogue)
        }
        #expect(error?.description == "a.yml:1: is UTF-16; save it as UTF-8")
    }

    @Test(
        "a byte order mark, CRLF, comments and markers do not matter",
        arguments: [
            "\u{feff}tacit:\n  node: n\n", "tacit:\r\n  node: n\r\n", "# c\n---\ntacit: {node: n} # c\n...\n",
            "%YAML 1.1\n---\ntacit: {\"node\": 'n'}\n", "tacit:\n  node: !!str n\n", "tacit:\n  node: |-\n    n\n",
        ]
    )
    func harmless(text: String) throws {
        #expect(try load(text).settings.node == "n")
    }

    @Test(
        "an empty file is an empty configuration",
        arguments: ["", "\n", "# nothing\n", "---\n", "null\n", "\u{feff}"]
    )
    func empty(text: String) throws {
        #expect(try load(text).settings.limits == LimitSettings())
    }

    @Test func `a key without a value has its default`() throws {
        let settings = try load("tacit:\n  limits:\n    loops:\n    payload: ~\n  log: null\nkestra:\n").settings
        #expect(settings.limits == LimitSettings())
        #expect(settings.log == LogSettings())
    }

    @Test func `an alias repeats what its anchor named at that place`() throws {
        let text = """
            x-a: &a 11
            x-c: &c {loops: *a, payload: 2KiB}
            x-a2: &a 12
            tacit:
              limits:
                <<: *c
                payload: 4KiB
            """
        let limits = try load(text).settings.limits
        #expect(limits.loops == 11)
        #expect(limits.payload == 4096)
    }

    @Test func `a bomb of aliases is refused in no time`() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let start = ContinuousClock.now
        let found = try problems(text)
        #expect(found.count == 1)
        #expect(found[0].contains("holds more than 100000 nodes once its aliases are written out"))
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("depth is bounded", arguments: ["[", "{a: ", "? "])
    func deep(opener: String) throws {
        let found = try problems("a: " + String(repeating: opener, count: 5000))
        #expect(found.count == 1)
        let nested = try problems("a:\n" + (1...200).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
        #expect(nested == ["a.yml:65: is nested deeper than 64 levels"])
    }

    @Test func `size, nodes, keys and anchors are bounded`() throws {
        var limits = ConfigurationLimits()
        limits.fileBytes = 100
        #expect(
            try problems("# " + String(repeating: "x", count: 200), limits: limits) == [
                "a.yml: is larger than 100 bytes"
            ]
        )
        limits = ConfigurationLimits()
        limits.nodes = 50
        let many = "a: [" + String(repeating: "x,", count: 200) + "]\n"
        #expect(try problems(many, limits: limits).first?.contains("holds more than 50 nodes") == true)
        let long = try problems(String(repeating: "k", count: 300) + ": 1\n")
        #expect(long == ["a.yml:1: a key is longer than 256 bytes"])
        limits = ConfigurationLimits()
        limits.anchors = 2
        #expect(try problems("a: &a 1\nb: &b 1\nc: &c 1\n", limits: limits) == ["a.yml:3: holds more than 2 anchors"])
    }

    @Test func `a file of the largest size loads or fails quickly`() throws {
        for line in ["k%: v\n", "tacit%: {a: b}\n", "\"\\L\\L\\L\\L%\": \"\\L\\L\\L\\L\"\n", "# %\n", "${a}%: ${b}\n"] {
            var text = ""
            var count = 0
            while text.utf8.count < (1 << 20) - 100 {
                text += line.replacing("%", with: "\(count)")
                count += 1
            }
            let start = ContinuousClock.now
            _ = try problems(text)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }
}
