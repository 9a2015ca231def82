internal import ArgumentParser

/// The option of the commands that load tensors; the others read every tensor once, and map nothing.
struct ReadArguments: ParsableArguments {
    @Flag(help: "Read tensors instead of mapping them: faster on network disks.")
    var noMmap = false
}
