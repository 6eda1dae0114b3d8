import CCurl
import HTTP
import SecretMemory
import Testing

@Suite("libcurl's memory")
struct CurlMemoryTests {
    @Test("what libcurl allocates comes from the arena's share for requests, and goes back there")
    func account() async {
        // A process of its own, where no other test uses the share.
        await #expect(processExitsWith: .success) {
            try CurlMemory.install()
            let before = Arena.usage.bytes[.http] ?? 0
            let plain = [CChar](repeating: 37, count: 1 << 20)
            // Each of these signs becomes three.
            let escaped = try unsafe #require(curl_easy_escape(nil, plain, CInt(plain.count)))
            try #require((Arena.usage.bytes[.http] ?? 0) - before >= 3 << 20)
            unsafe curl_free(escaped)
            try #require((Arena.usage.bytes[.http] ?? 0) - before < 1 << 20)
        }
    }
}
