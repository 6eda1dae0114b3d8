import Foundation
import Testing

@testable import Wire

@Suite("Protocol page")
struct ProtocolPageTests {
    /// The blocks of the page that begin with ```` ```text NAME ````: bytes in hexadecimal, and after two spaces what
    /// they are.
    private func blocks() throws -> [(name: String, bytes: [UInt8])] {
        let page = RepositoryFiles.root.appending(path: "docs/protocol.md")
        var blocks: [(name: String, bytes: [UInt8])] = []
        var isInside = false
        for line in try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ) {
            if line.hasPrefix("```text ") {
                blocks.append((String(line.dropFirst(8)), []))
                isInside = true
            } else if line.hasPrefix("```") {
                isInside = false
            } else if isInside {
                let digits = line.range(of: "  ").map { line[..<$0.lowerBound] } ?? line
                blocks[blocks.count - 1].bytes += bytes(hex: digits)
            }
        }
        return blocks
    }

    @Test func `every example on the page is what this package writes, and every frame is there`() throws {
        let expected = try ProtocolExamples.all()
        let blocks = try blocks()
        for block in blocks { #expect(hex(block.bytes) == expected[block.name].map(hex), "\(block.name)") }
        #expect(Set(blocks.map(\.name)) == Set(expected.keys))
        #expect(blocks.count == expected.count)
    }

    @Test func `every example on the page is a whole frame for the side that receives it`() throws {
        for block in try blocks() {
            let isAnswer = block.name.hasSuffix("response") || block.name == "goaway" || block.name == "pong"
            var reader = FrameReader(side: isAnswer ? .client : .agent)
            guard case .frame(_, let payload) = reader.next(in: block.bytes.span) else {
                Issue.record("\(block.name) is no frame")
                continue
            }
            #expect(payload.upperBound == block.bytes.count, "\(block.name)")
        }
    }

    @Test func `the page names every method, status and reason`() throws {
        let page = try String(
            contentsOf: RepositoryFiles.root.appending(path: "docs/protocol.md"),
            encoding: .utf8
        )
        for number in UInt16(1)...40 {
            let method = Method(rawValue: number)
            if !method.description.hasPrefix("method ") { #expect(page.contains("| \(number) | \(method) |")) }
        }
        for number in UInt32(0)...16 {
            let status = Status(rawValue: number)
            if !status.description.hasPrefix("STATUS_") { #expect(page.contains("| \(number) | \(status) |")) }
        }
        let source = try String(
            contentsOf: RepositoryFiles.root.appending(path: "Sources/Wire/Reason.swift"),
            encoding: .utf8
        )
        let reasons = source.matches(of: /Reason\(rawValue: "([A-Z_]+)"\)/).map(\.output.1)
        #expect(reasons.count > 18)
        for reason in reasons { #expect(page.contains("`\(reason)`"), "\(reason)") }
    }
}
