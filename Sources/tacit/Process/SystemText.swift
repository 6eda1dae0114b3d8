internal import Glibc

/// The system's words for an errno.
func systemText(_ code: CInt) -> String {
    guard let text = unsafe strerror(code) else { return "errno \(code)" }
    return unsafe String(cString: text)
}
