internal import MMBytes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension AnchoredDirectory {
    /// Raises the process's soft limit of open descriptors, as far as the hard one lets it, so that `fileCount` files
    /// can be open beside what else is; what is too much still fails with `.tooManyOpenFiles` at the file.
    public static func prepareToOpen(fileCount: Int) {
        DescriptorLimit.raise(to: fileCount.adding(256) ?? .max)
    }
}

/// The process's soft limit of open descriptors.
enum DescriptorLimit {
    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif

    static var current: Int {
        var limit = rlimit()
        // `limit` outlives the call.
        return unsafe getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : .max
    }

    /// As far as the hard limit lets it.
    static func raise(to count: Int) {
        var limit = rlimit()
        // `limit` outlives both calls.
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(clamping: count) else { return }
        limit.rlim_cur = min(rlim_t(clamping: count), limit.rlim_max)
        _ = unsafe setrlimit(resource, &limit)
    }
}
