internal import ArgumentParser
internal import MMBundles

extension BundleProfile: ExpressibleByArgument {}
