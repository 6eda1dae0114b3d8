/// Health reports as JSON text.
enum HealthJSON {
    static func text(_ report: HealthReport, withParts: Bool) -> String {
        guard withParts else { return "{\"status\":\"\(report.status.rawValue)\"}\n" }
        let parts = report.parts.map { part in
            "\(quoted(part.name)):{\"name\":\(quoted(part.name)),\"status\":\"\(part.status.rawValue)\",\"details\":{"
                + part.details.map { "\(quoted($0.name)):\(json($0.value))" }.joined(separator: ",") + "}}"
        }
        return
            "{\"name\":\"tacit\",\"status\":\"\(report.status.rawValue)\",\"details\":{\(parts.joined(separator: ","))}}\n"
    }

    private static func json(_ value: HealthReport.Value) -> String {
        switch value {
        case .text(let text), .name(let text): quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
