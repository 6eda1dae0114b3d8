internal import HTTP
internal import Secrets

/// Why the authority gave no token. Its own texts are not repeated: they hold identifiers, and line breaks.
enum EntraRefusal {
    static func error(_ response: consuming HTTPResponse, from origin: String) -> BackendError {
        let status = response.status
        let retryAfter = WebService.retryAfter(response)
        if status == 408 || status == 429 || status >= 500 {
            return WebService.failure(status, retryAfter: retryAfter, doing: "asking \(origin) for a token")
        }
        guard let document = try? JSONDocument(response.takeBody()), let word = document.string(document.node("error"))
        else {
            return WebService.failure(status, retryAfter: retryAfter, doing: "asking \(origin) for a token")
        }
        if word == "temporarily_unavailable" {
            return .unavailable(detail: "\(origin) is temporarily unavailable", retryAfter: retryAfter)
        }
        guard let node = document.node("error_codes"), let code = document.integer(document.elements(of: node).first)
        else {
            return .denied(detail: "\(origin) refused to give a token (status \(status))")
        }
        return .denied(
            detail: "\(origin) refused to give a token: AADSTS\(code)" + (meaning(code).map { ", \($0)" } ?? "")
        )
    }

    private static func meaning(_ code: Int64) -> String? {
        switch code {
        case 7_000_215: "the client secret is wrong (its value is wanted, not its identifier)"
        case 7_000_222: "the client secret has expired"
        case 700_016: "the tenant has no application with this client-id"
        case 90_002, 900_021, 900_023: "there is no such tenant"
        case 700_024: "the federated token has expired"
        case 70_021, 700_211, 700_212, 700_213: "no federated credential of the application matches the token"
        case 500_011: "the tenant does not know the vault service"
        default: nil
        }
    }
}
