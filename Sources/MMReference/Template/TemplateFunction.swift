/// The functions that every template can call.
enum TemplateFunction: String, Sendable, CaseIterable {
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
    case range
    case namespace
    case dict
}
