internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension TokenMap {
    /// What learned queries take from the tokens.
    func after(_ pool: AttentionPool, _ team: ThreadTeam) throws -> TokenMap {
        guard leadCount == 0, blockSide == 1 else { throw impossible("attention pooling") }
        var queries = row(pool.queries, count: pool.configuration.queryCount, width: width)
        for layer in pool.layers {
            queries = try layer.applied(to: queries, seeing: self, headCount: pool.configuration.headCount, team)
        }
        return queries
    }

    /// Tokens in one row.
    func row(_ values: FloatBuffer, count: Int, width: Int) -> TokenMap {
        TokenMap(
            values: values,
            tokenCount: count,
            width: width,
            rows: 1,
            columns: count,
            leadCount: 0,
            blockSide: 1
        )
    }

    /// The norm of every token.
    fileprivate func normed(_ norm: NormWeights, _ team: ThreadTeam) throws(ReferenceError) -> TokenMap {
        let output = with(try FloatBuffer(count: tokenCount * width), width: width)
        return unsafe output.changed(team) { token, row in
            // Rows of both [token, width].
            unsafe norm.apply(values.pointer + token * width, to: row)
        }
    }

    /// These tokens, then the others, which are as wide.
    fileprivate func followed(by other: TokenMap) throws(ReferenceError) -> TokenMap {
        let count = tokenCount + other.tokenCount
        let output = try FloatBuffer(count: count * width)
        // tokenCount rows, then those of the other.
        unsafe output.pointer.update(from: values.pointer, count: tokenCount * width)
        unsafe (output.pointer + tokenCount * width).update(
            from: other.values.pointer,
            count: other.tokenCount * width
        )
        return row(output, count: count, width: width)
    }

    /// Adds the tokens of `other` in place.
    fileprivate func adding(_ other: TokenMap, _ team: ThreadTeam) -> TokenMap {
        unsafe changed(team) { token, row in
            // Both are [token, width].
            unsafe mmk_add(row, other.values.pointer + token * width, width)
        }
    }
}

extension AttentionPool.Layer {
    fileprivate func applied(
        to queries: TokenMap,
        seeing tokens: TokenMap,
        headCount: Int,
        _ team: ThreadTeam
    ) throws -> TokenMap {
        let normed = try queries.normed(queryNorm, team)
        let seen = try normed.followed(by: tokens.normed(tokenNorm, team))
        let attended = try Self.attention(
            query: normed.multiplied(by: query, team),
            key: seen.multiplied(by: key, team),
            value: seen.multiplied(by: value, team),
            headCount: headCount,
            team
        )
        let stream = try attended.multiplied(by: output, team).adding(normed, team)
        let inner = try stream.normed(innerNorm, team)
        let gated = try inner.multiplied(by: gate, team)
        let raised = try inner.multiplied(by: up, team)
        _ = unsafe gated.changed(team) { token, row in
            // Both are [token, innerWidth].
            unsafe mmk_silu_mul(row, raised.values.pointer + token * gated.width, gated.width, row)
            unsafe gatedNorm.apply(row, to: row)
        }
        return try gated.multiplied(by: down, team).adding(stream, team)
    }

    /// softmax(q k^T / sqrt(head width)) v, head by head.
    private static func attention(
        query: TokenMap,
        key: TokenMap,
        value: TokenMap,
        headCount: Int,
        _ team: ThreadTeam
    ) throws -> TokenMap {
        let (width, headWidth) = (query.width, query.width / headCount)
        let (queryCount, keyCount) = (query.tokenCount, key.tokenCount)
        let output = try FloatBuffer(count: queryCount * width)
        let columns = try FloatBuffer(count: width * keyCount)
        let scores = try FloatBuffer(count: headCount * queryCount * keyCount)
        let scale = 1 / Float(headWidth).squareRoot()
        team.run(parts: headCount) { head in
            let first = head * headWidth
            // Columns first ..< first + headWidth of the tokens, as rows of [width, key].
            for element in first..<first + headWidth {
                for token in 0..<keyCount {
                    unsafe columns.pointer[element * keyCount + token] = value.values.pointer[token * width + element]
                }
            }
            // The scores of this head, [query, key].
            let own = unsafe scores.pointer + head * queryCount * keyCount
            let stride = MemoryLayout<Float>.stride
            // Rows of [key, width] and [query, width] from column `first` on.
            unsafe mmk_matmul(
                0,
                key.values.pointer + first,
                width * stride,
                keyCount,
                headWidth,
                query.values.pointer + first,
                width,
                queryCount,
                own,
                keyCount
            )
            for index in 0..<queryCount {
                unsafe mmk_scale(own + index * keyCount, scale, keyCount)
                unsafe mmk_softmax(own + index * keyCount, keyCount)
            }
            // Rows first ... of [width, key] with the scores, into columns of [query, width].
            unsafe mmk_matmul(
                0,
                columns.pointer + first * keyCount,
                keyCount * stride,
                headWidth,
                keyCount,
                own,
                keyCount,
                queryCount,
                output.pointer + first,
                width
            )
        }
        return query.row(output, count: queryCount, width: width)
    }
}
