import Backends
import Configuration
import Cryptography
import Glibc
import SecretMemory
import Secrets

/// Writes to a store as many values as its second argument says, and prints the number of each on a line of its own once
/// the write has been acknowledged. Its first argument is a store's file, or a configuration's whose name ends in ".yml".
///
/// To a file it writes until it is killed, or ends with status 4 and the error's text. A configured store may go away and come
/// back: what could not be written is passed over. Every second write there makes a row named after the third argument and
/// the number, the others change one row.
///
/// For a file, a third argument gives root's rights up first, so that the modes of files count.
@main
enum StoreWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let count = Int(arguments[2]) else { exit(2) }
        if arguments[1].hasSuffix(".yml") {
            let backend = try configured(arguments[1])
            let prefix = arguments.count > 3 ? arguments[3] : "KEY"
            for number in 0..<count {
                // The error says nothing that the reader of the acknowledgements does not see.
                do throws(BackendError) { try await write(number, prefix, Self.lengthy(number), to: backend) } catch {
                    usleep(20_000)
                }
            }
            return
        }
        if arguments.count > 3, geteuid() == 0 {
            guard setgid(nobody) == 0, setuid(nobody) == 0 else { exit(2) }
        }
        let secret = SharedSecret(try SecretBytes(copying: Array("kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe".utf8).span))
        let keyring = try EnvelopeKeyring(current: secret)
        do throws(BackendError) {
            let backend = try SQLiteBackend(options: SQLiteOptions(path: arguments[1]), keyring: keyring)
            for number in 0..<count { try await write(number, "KEY", "value \(number)", to: backend) }
            await backend.close()
        } catch {
            let line = Array("\(error)\n".utf8)
            _ = unsafe Glibc.write(STDERR_FILENO, line, line.count)
            exit(4)
        }
    }

    private static let nobody: UInt32 = 65534

    private static func configured(_ file: String) throws -> any SecretBackend {
        let environment: FixedEnvironment = [:]
        let loaded = try Configuration.load(files: [file], environment: environment, catalogue: Catalogue.managers)
        return try Catalogue.read(loaded.settings.kestra.secret).make(ManagerSurroundings(environment: environment))
    }

    /// A value that would show if it were cut off, and that is found wherever it is not sealed.
    private static func lengthy(_ number: Int) -> String {
        String(repeating: "plaintext-for-nobody \(number);", count: 30)
    }

    /// Half of the writes make a row, the others change one.
    private static func write(
        _ number: Int,
        _ prefix: String,
        _ text: String,
        to backend: any SecretBackend
    ) async throws(BackendError) {
        let key = number % 2 == 0 ? "\(prefix)-\(number)" : "\(prefix)-SHARED"
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(copying: Array(text.utf8).span)
        } catch {
            throw .memory(error)
        }
        let name = SecretName(tenant: "main", namespace: "company", key: key)
        _ = try await backend.put(SecretWrite(name: name), value: value)
        let line = Array("\(number)\n".utf8)
        guard unsafe Glibc.write(STDOUT_FILENO, line, line.count) == line.count else { exit(3) }
    }
}
