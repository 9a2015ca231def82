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
        var limit = rlimit()
        let wanted = rlim_t(clamping: fileCount) + 256
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        // `limit` outlives both calls.
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        _ = unsafe setrlimit(resource, &limit)
    }
}
