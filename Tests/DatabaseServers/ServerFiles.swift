import Foundation
import Glibc

/// What servers of all kinds need before they start.
enum ServerFiles {
    /// Makes two authorities, `ca` and `other-ca`, and of the first the certificates `server`, for this machine, and
    /// `elsewhere`, for another.
    static func makeCertificates(in folder: String) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for authority in ["ca", "other-ca"] {
            try openssl(
                ["req", "-x509", "-days", "30", "-subj", "/CN=\(authority)", "-keyout", "\(folder)/\(authority).key"]
                    + ["-out", "\(folder)/\(authority).crt", "-addext", "basicConstraints=critical,CA:TRUE"]
                    + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"] + key
            )
        }
        for (name, subjects) in [
            ("server", "DNS:localhost,IP:127.0.0.1"), ("elsewhere", "DNS:elsewhere.example.org"),
        ] {
            let stem = "\(folder)/\(name)"
            let request = ["req", "-subj", "/CN=\(name)", "-keyout", "\(stem).key", "-out", "\(stem).csr"]
            try openssl(request + key)
            try "subjectAltName=\(subjects)\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
                .write(toFile: "\(stem).ext", atomically: false, encoding: .utf8)
            try openssl(
                ["x509", "-req", "-in", "\(stem).csr", "-CA", "\(folder)/ca.crt", "-CAkey", "\(folder)/ca.key"]
                    + ["-CAcreateserial", "-days", "30", "-extfile", "\(stem).ext", "-out", "\(stem).crt"]
            )
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(stem).key")
        }
    }

    private static func openssl(_ arguments: [String]) throws {
        try ServerPrograms.runAny("/usr/bin/openssl", arguments)
    }

    /// Gives what lies in a folder to a server's user.
    static func give(_ path: String, to user: String) throws {
        guard ServerPrograms.isRoot else { return }
        try ServerPrograms.runAny("/bin/chown", ["-R", user, path])
        // The tests themselves may read what is public in it.
        try ServerPrograms.runAny("/bin/chmod", ["0755", path])
    }

    /// The files of a folder in which a text stands.
    static func holding(_ text: String, in folder: String) throws -> [String] {
        // It ends with 1 where there is none, so that the shell turns this into 0.
        let found = try ServerPrograms.runAny(
            "/bin/sh",
            ["-c", "grep -rlaF -e \"$1\" \"$2\" || [ $? = 1 ]", "search", text, folder]
        )
        return found.split(separator: "\n").map(String.init)
    }

    /// Servers cannot choose a port themselves, so one outside the range that the kernel gives away is looked for.
    static func freePort() throws -> Int {
        for _ in 0..<50 {
            let port = Int.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
            }
            if code == 0 { return port }
        }
        throw ServerPrograms.Failed(description: "no free port")
    }
}
