internal import MMBytes
internal import MMTensors
internal import MMToolchain

/// plan for people.
enum PlanText {
    static func render(_ report: PlanReport) -> String {
        var text = "\(ByteString(report.subject).description)\(report.title.map { ": \($0)" } ?? "")\n"
        text += report.architecture.map { "architecture \($0)\n" } ?? ""
        for note in report.notes { text += "\(note)\n" }
        if !report.assumed.isEmpty { text += "assumed: \(assumed(report.assumed))\n" }
        text += "\n" + weights(report)
        if let active = report.activeParameterCount {
            text += "active for a token: \(count(active)) of the decoder's weights\n"
        }
        text += "\n" + stores(report)
        if !report.pictures.isEmpty { text += "\n" + pictures(report) }
        if let memory = report.memory { text += "\n" + self.memory(memory) }
        return text + "\n" + devices(report)
    }

    /// Paths with what they share said once: "text_config: hidden_size, head_dim; connector_config: depth".
    private static func assumed(_ paths: [String]) -> String {
        var groups: [(name: String, members: [String])] = []
        for path in paths {
            let parts = path.split(separator: ".", maxSplits: 1)
            let name = parts.count > 1 ? String(parts[0]) : ""
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].members.append(String(parts.last ?? ""))
            } else {
                groups.append((name, [String(parts.last ?? "")]))
            }
        }
        return groups.map { ($0.name.isEmpty ? "" : "\($0.name): ") + $0.members.joined(separator: ", ") }
            .joined(separator: "; ")
    }

    private static func weights(_ report: PlanReport) -> String {
        var table = Table(
            [("component", .left), ("parameters", .right)] + report.recipes.map { ($0.name, .right) }
        )
        for part in report.parts {
            table.add(
                [part.part.rawValue, count(part.parameterCount)]
                    + report.recipes.map { ByteSize.text($0.byteCounts[part.part] ?? 0) }
            )
        }
        table.add(["all", count(report.parameterCount)] + report.recipes.map { ByteSize.text($0.byteCount) })
        table.add(
            ["bits a weight", ""] + report.recipes.map { Decimal.text($0.bitsPerWeight, significantDigits: 3) }
        )
        return table.text
    }

    private static func stores(_ report: PlanReport) -> String {
        var columns: [(title: String, alignment: Table.Alignment)] = [
            ("recipe", .left), ("profile", .left), ("weights", .right),
        ]
        columns += StoreLimit.allCases.map { ("files, \($0.rawValue)", .right) }
        var table = Table(columns)
        var large: [String] = []
        for recipe in report.recipes {
            for profile in recipe.profiles {
                let about = profile.isEstimated ? "~" : ""
                table.add(
                    [recipe.name, profile.name, about + ByteSize.text(profile.byteCount)]
                        + profile.stores.map { $0.partCount.map { about + "\($0)" } ?? "none" }
                )
                for store in profile.stores where !profile.isEstimated {
                    guard let tensor = store.tooLarge else { continue }
                    large.append(
                        "\(recipe.name), \(store.limit.rawValue): tensor \(tensor.name) alone has "
                            + "\(ByteSize.text(tensor.byteCount)); a file holds \(ByteSize.text(store.limit.byteCount))\n"
                    )
                }
            }
        }
        return table.text + large.joined()
    }

    private static func pictures(_ report: PlanReport) -> String {
        var table = Table([
            ("pictures", .left), ("pixels", .right), ("tiles", .right), ("patches", .right), ("tokens", .right),
        ])
        for picture in report.pictures {
            table.add([
                picture.policy, "\(picture.side)", "\(picture.tileCount)",
                "\(picture.tileCount == 1 ? "" : "\(picture.tileCount) x ")\(picture.gridSide) x \(picture.gridSide)",
                "\(picture.tokenCount)",
            ])
        }
        return table.text
    }

    private static func memory(_ memory: PlanMemory) -> String {
        var table = Table([("memory beside the weights", .left), ("", .right)])
        table.add([
            "cache of \(memory.contextLength) positions, f16, \(ByteSize.text(memory.cacheByteCountPerToken)) each",
            ByteSize.text(memory.cacheByteCount),
        ])
        if memory.imageCount > 0 {
            let pictures = "\(memory.imageCount) picture\(memory.imageCount == 1 ? "" : "s")"
            table.add([
                "of it \(pictures), \(memory.imageTokenCount) tokens", ByteSize.text(memory.imageCacheByteCount),
            ])
            table.add(["features of \(pictures), f32", ByteSize.text(memory.imageFeatureByteCount)])
        }
        return table.text
    }

    private static func devices(_ report: PlanReport) -> String {
        var table = Table(
            [("device", .left), ("an app has", .right)] + report.recipes.map { ($0.name, .right) }
        )
        for device in report.devices {
            let cells = report.recipes.map { recipe in
                let needed = report.neededByteCount(recipe)
                return needed <= device.appByteCount ? "fits" : "no: \(ByteSize.text(needed))"
            }
            table.add([device.id, ByteSize.text(device.appByteCount) + (device.isAssumed ? "?" : "")] + cells)
        }
        return table.text + (report.devices.contains { $0.isAssumed } ? "? assumed\n" : "")
    }

    /// "631.4M", "2.901B": four significant digits.
    private static func count(_ value: Int) -> String {
        var number = Double(value)
        var units = ["", "k", "M", "B", "T"][...]
        while number >= 999.95, units.count > 1 {
            number /= 1000
            units.removeFirst()
        }
        return value < 1000 ? "\(value)" : Decimal.text(number, significantDigits: 4) + (units.first ?? "")
    }
}
