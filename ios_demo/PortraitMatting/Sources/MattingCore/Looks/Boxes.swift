import Foundation

/// The places in a photo where a closer look at people pays; at most so many, the largest win first.
///
/// `alpha`: matte of the whole photo. Places that overlap become one, but for small ones whose common place would be
/// large. What is long and low, such as a row of people, is cut into parts.
func boxesOfPeople(
    _ alpha: Raster<Float>, in size: PixelSize, rule: InputSize, most: Int, turn: Int = 0
) -> [PixelPlace] {
    let found = surePeople(alpha).map { $0.enlarged(from: alpha.size, to: size).widened(in: size) }
    let parts = joined(found, in: size, rule: rule, turn: turn).flatMap(pieces)
        .filter { rule.gain($0, in: size.whole, turn: turn) >= StageConstants.gain }
    let wins = parts.map { win(alpha, $0, in: size, rule: rule, turn: turn) }
    // Of equal wins the earlier one comes first.
    let order = parts.indices.sorted { (-wins[$0], $0) < (-wins[$1], $1) }
    return order.prefix(most).map { parts[$0] }
}

/// The boxes of the regions of a matte that are somebody for sure.
func surePeople(_ alpha: Raster<Float>) -> [PixelPlace] {
    regions(alpha, above: Float(StageConstants.something))
        .filter { $0.pixels >= StageConstants.speck && Double(alpha.largest(in: $0.box)) > StageConstants.sure }
        .map(\.box)
}

/// Start and stop of so many equal parts of a length, each of which overlaps the next one by `partOverlap`.
func overlapping(_ length: Int, _ count: Int) -> [(start: Int, stop: Int)] {
    let part = Double(length) / (Double(count) - Double(count - 1) * StageConstants.partOverlap)
    let step = part * (1 - StageConstants.partOverlap)
    return (0..<count).map { (rounded(Double($0) * step), min(length, rounded(Double($0) * step + part))) }
}

private func joined(_ found: [PixelPlace], in size: PixelSize, rule: InputSize, turn: Int) -> [PixelPlace] {
    var boxes = found
    let gain = { (box: PixelPlace) in rule.gain(box, in: size.whole, turn: turn) }
    let belong = { (one: PixelPlace, other: PixelPlace) in
        one.overlaps(other)
            && (min(gain(one), gain(other)) < StageConstants.gain || gain(one.union(other)) >= StageConstants.gain)
    }
    let firstPair = { () -> (Int, Int)? in
        for i in boxes.indices {
            for j in boxes.indices.dropFirst(i + 1) where belong(boxes[i], boxes[j]) { return (i, j) }
        }
        return nil
    }
    while let (i, j) = firstPair() {
        boxes[i] = boxes[i].union(boxes[j])
        boxes.remove(at: j)
    }
    return boxes
}

/// A place, or the overlapping parts of one that is too long.
private func pieces(_ box: PixelPlace) -> [PixelPlace] {
    let shorter = Double(min(box.width, box.height))
    let longest = StageConstants.longestPart
    if Double(box.longer) <= longest * shorter { return [box] }
    let overlap = StageConstants.partOverlap
    let parts = (Double(box.longer) / shorter / longest - overlap) / (1 - overlap)
    return overlapping(box.longer, Int(parts.rounded(.up))).map { start, stop in
        box.width > box.height
            ? PixelPlace(left: box.left + start, top: box.top, right: box.left + stop, bottom: box.bottom)
            : PixelPlace(left: box.left, top: box.top + start, right: box.right, bottom: box.top + stop)
    }
}

/// What a look wins: pixels of people in its place, times the share of a closer view that the first one lacks.
private func win(_ alpha: Raster<Float>, _ box: PixelPlace, in size: PixelSize, rule: InputSize, turn: Int) -> Double {
    let part = box.enlarged(from: size, to: alpha.size)
    var people = 0
    for y in part.top..<part.bottom {
        for x in part.left..<part.right where alpha.values[y * alpha.width + x] > Float(StageConstants.something) {
            people += 1
        }
    }
    let gain = rule.gain(box, in: size.whole, turn: turn)
    return Double(people) * (1 - pow(gain, -2))
}
