import Backends
import Cryptography
import Glibc
import SecretMemory
import Secrets

/// Writes as many values as its second argument says to the store in the file that its first argument names, and prints the
/// number of each on a line of its own once the write has been acknowledged.
///
/// It writes until it is killed, or ends with status 4 and the error's text. A third argument gives root's rights up first, so
/// that the modes of files count.
@main
enum StoreWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let count = Int(arguments[2]) else { exit(2) }
        if arguments.count > 3, geteuid() == 0 {
            guard setgid(nobody) == 0, setuid(nobody) == 0 else { exit(2) }
        }
        let secret = SharedSecret(try SecretBytes(copying: Array("kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe".utf8).span))
        let keyring = try EnvelopeKeyring(current: secret)
        do throws(BackendError) {
            let backend = try SQLiteBackend(options: SQLiteOptions(path: arguments[1]), keyring: keyring)
            for number in 0..<count { try await write(number, to: backend) }
            await backend.close()
        } catch {
            let line = Array("\(error)\n".utf8)
            _ = unsafe Glibc.write(STDERR_FILENO, line, line.count)
            exit(4)
        }
    }

    private static let nobody: UInt32 = 65534

    /// Half of the writes make a row, the others change one.
    private static func write(_ number: Int, to backend: SQLiteBackend) async throws(BackendError) {
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(copying: Array("value \(number)".utf8).span)
        } catch {
            throw .memory(error)
        }
        let key = number % 2 == 0 ? "KEY-\(number)" : "KEY-SHARED"
        let name = SecretName(tenant: "main", namespace: "company", key: key)
        _ = try await backend.put(SecretWrite(name: name), value: value)
        let line = Array("\(number)\n".utf8)
        guard unsafe Glibc.write(STDOUT_FILENO, line, line.count) == line.count else { exit(3) }
    }
}
