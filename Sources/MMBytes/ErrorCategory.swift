/// What kind of trouble an error is: the one thing that a build step needs to know, as its exit code.
public enum ErrorCategory: Sendable, Hashable {
    /// The command line asks for something that does not exist or does not fit together.
    case usage
    /// The input is damaged, hostile or outside what mmpack handles.
    case badData
    /// An input file or folder is not there.
    case missingInput
    /// mmpack contradicts itself: a defect in the program.
    case internalFault
    /// The output cannot be created, or exists and may not be replaced.
    case cannotCreate
    /// Reading or writing failed half-way.
    case inputOutput
    /// A passing condition: the same command may succeed later.
    case tryAgain
}
