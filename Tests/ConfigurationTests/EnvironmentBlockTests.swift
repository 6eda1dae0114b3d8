import Configuration
import Glibc
import SecretMemory
import Testing

/// Each test runs in a process of its own, because the environment belongs to the whole process.
@Suite("The process's environment")
struct EnvironmentBlockTests {
    @Test func `values are read, and erased where the kernel shows them`() async {
        await #expect(processExitsWith: .success) {
            guard let path = unsafe getenv("PATH"), unsafe strlen(path) > 4 else { exit(1) }
            var seen = false
            EnvironmentBlock.forEach { name, value in if name == "PATH", value.count > 4 { seen = true } }
            guard seen, let copy = try EnvironmentBlock.copy("PATH") else { exit(2) }
            guard copy.count > 4, EnvironmentBlock.erase("PATH") else { exit(3) }
            guard try EnvironmentBlock.copy("PATH") == nil, !EnvironmentBlock.erase("PATH") else { exit(4) }
            let file = unsafe open("/proc/self/environ", O_RDONLY)
            var block = [UInt8](repeating: 0, count: 1 << 20)
            let count = unsafe read(file, &block, block.count)
            guard count > 0 else { exit(5) }
            let entry = block[..<count].split(separator: 0).first { $0.starts(with: Array("PATH=".utf8)) }
            guard let entry else { exit(0) }
            exit(entry.count == "PATH=".utf8.count ? 0 : 6)
        }
    }

    @Test func `what was erased is still found by a reload`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TACIT_NODE", "from-the-process", 1)
            unsafe setenv("KESTRA_ENCRYPTION_SECRET_KEY", "k-value", 1)
            let environment = ProcessEnvironment()
            let first = try Configuration.load(files: [], environment: environment, catalogue: testCatalogue)
            guard first.settings.node == "from-the-process" else { exit(1) }
            guard first.secretVariables == ["KESTRA_ENCRYPTION_SECRET_KEY"] else { exit(2) }
            try environment.erase(first.secretVariables)
            guard unsafe getenv("KESTRA_ENCRYPTION_SECRET_KEY") == nil else { exit(3) }
            let second = try Configuration.load(files: [], environment: environment, catalogue: testCatalogue)
            guard holds(second.settings.kestra.encryptionKey, "k-value") else { exit(4) }
            exit(0)
        }
    }
}
