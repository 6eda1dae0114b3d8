import Foundation
import Glibc
import Liveness
import Registry
import Testing

@Suite("A registry on a full disk")
struct FullDiskTests {
    /// A process of its own, because the limit on file sizes, which stands in for a full disk, is the process's.
    @Test("a file that is there cannot be opened without room for what the library keeps beside it, and says so")
    func beside() async {
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tacit-full-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let first = SQLiteRegistry(path: folder + "/nodes.db")
            _ = try first.list()
            first.close()
            var limit = rlimit(rlim_cur: 8192, rlim_max: 8192)
            signal(SIGXFSZ, SIG_IGN)
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let error = #expect(throws: RegistryError.self) { try SQLiteRegistry(path: folder + "/nodes.db").list() }
            #expect(error?.description.contains("free space on its disk") == true, "\(error?.description ?? "")")
        }
    }
}
