extension Viewer {
    /// Show the network the soft part of a look from nearer: a look at the same place with a larger view.
    ///
    /// Returns the look itself where nothing is soft, and where the view could be hardly larger.
    func secondLook(_ look: Look, _ nearness: Nearness) async throws -> Look {
        let alpha = settle(look.alpha)
        guard let plan = plan(alpha, place: look.place, rule: rule, nearness: nearness) else { return look }
        let view = networkView(of: photo, size: plan.size, place: look.place)
        var second = alpha.resized(to: plan.size, .bilinear)
        let shown = view.cropped(to: plan.seen).turned(look.turn)
        let answer = try await answer(shown, isMirrored: nearness.isMirrored).turned(-look.turn)
        second.paste(answer, left: plan.seen.left, top: plan.seen.top)
        return Look(place: look.place, alpha: blend(alpha, second, share: plan.share), view: view, turn: look.turn)
    }

    private func answer(_ view: Raster<UInt8>, isMirrored: Bool) async throws -> Raster<Float> {
        let alpha = try await alpha(of: view)
        if !isMirrored { return alpha }
        let other = try await mirroredAlpha(of: view)
        return alpha.mapped { ($0 + other.values[$1]) / 2 }
    }
}

/// The look with a small view, whose soft part is decided by one with a larger view of the same place.
func withDetail(_ small: Look, _ larger: Look) -> Look {
    let alpha = settle(small.alpha)
    var look = larger
    let share = shareOfSecondLook(alpha, reach: StageConstants.secondReach)
    look.alpha = blend(alpha, settle(larger.alpha), share: share)
    return look
}

/// How much a second look decides of each pixel of a settled matte.
///
/// Above 0 only within `reach` of soft pixels, across and down, and fading out towards the border of these parts.
func shareOfSecondLook(_ alpha: Raster<Float>, reach: Int) -> Raster<Float> {
    let (width, height) = (alpha.width, alpha.height)
    let codes = to8Bit(alpha).values
    let soft = codes.indices.map { i in
        (codes[i] > 0 && codes[i] < 255) || (i % width > 0 && codes[i] != codes[i - 1])
            || (i >= width && codes[i] != codes[i - width])
    }
    let wide = dilated(soft, length: width, count: height, next: width, step: 1, reach: reach)
    let near = dilated(wide, length: height, count: width, next: 1, step: width, reach: reach)
    let means = boxMean(
        near.map { $0 ? Float(1) : 0 }, width: width, height: height, radius: StageConstants.secondRamp)
    return Raster(width: width, height: height, values: means.map { max(0, 2 * $0 - 1) })
}

/// Every pixel within `reach` of another one, along `count` lines of a length, whose starts are `next` apart.
private func dilated(_ mask: [Bool], length: Int, count: Int, next: Int, step: Int, reach: Int) -> [Bool] {
    var result = [Bool](repeating: false, count: mask.count)
    for line in 0..<count {
        var last = -length - 2 * reach
        for i in 0..<length + reach {
            if i < length && mask[line * next + i * step] { last = i }
            if i >= reach && i - last <= 2 * reach { result[line * next + (i - reach) * step] = true }
        }
    }
    return result
}

/// The second look's matte by its share, without what it moves too far; elsewhere the first one's, which is settled.
func blend(_ first: Raster<Float>, _ second: Raster<Float>, share: Raster<Float>) -> Raster<Float> {
    var blended = first.resized(to: second.size, .bilinear)
    guard let around = share.placeAboveZero(margin: 1) else { return blended }
    let excess = excess(first, second.resized(to: first.size, .bilinear), share: share)
    // A pixel more to each side: bilinear enlarging reaches so far.
    let part = around.enlarged(from: first.size, to: second.size)
    let shape = PixelSize(width: part.width, height: part.height)
    let tooFar = excess.part(part, of: second.size, resizedTo: shape)
    let decides = share.part(part, of: second.size, resizedTo: shape)
    for y in 0..<part.height {
        for x in 0..<part.width {
            let here = (part.top + y) * second.width + part.left + x
            let there = y * part.width + x
            let far = second.values[here] - blended.values[here] - tooFar.values[there]
            blended.values[here] = min(max(blended.values[here] + far * decides.values[there], 0), 1)
        }
    }
    return blended
}

/// By how much the second matte moves the mean around each pixel too far, signed.
private func excess(_ first: Raster<Float>, _ second: Raster<Float>, share: Raster<Float>) -> Raster<Float> {
    let mean = { (values: [Float]) in
        boxMean(values, width: share.width, height: share.height, radius: StageConstants.secondAround)
    }
    let weight = mean(share.values)
    let moved = mean(share.values.indices.map { share.values[$0] * (second.values[$0] - first.values[$0]) })
    let most = StageConstants.secondMostMoved
    return share.mapped { _, i in
        let far = moved[i] / max(weight[i], 1e-3)
        return far - min(max(far, -most), most)
    }
}

extension Raster where Value == Float {
    /// The place around all values above 0, with a margin in pixels; nil if there are none.
    func placeAboveZero(margin: Int) -> PixelPlace? {
        var (left, top, right, bottom) = (width, height, 0, 0)
        for y in 0..<height {
            for x in 0..<width where values[y * width + x] > 0 {
                (left, right) = (min(left, x), max(right, x + 1))
                (top, bottom) = (min(top, y), y + 1)
            }
        }
        if right == 0 { return nil }
        return PixelPlace(
            left: max(left - margin, 0), top: max(top - margin, 0), right: min(right + margin, width),
            bottom: min(bottom + margin, height))
    }
}
