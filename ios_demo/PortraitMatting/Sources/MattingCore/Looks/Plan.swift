/// A second look before it is run: size of the view, the part that the network sees, and what it decides of each pixel.
struct Plan {
    let size: PixelSize
    let seen: PixelPlace
    let share: Raster<Float>
}

/// What a second look at a place shows the network, given the settled matte of the first one; nil where it is vain.
func plan(_ alpha: Raster<Float>, place: PixelPlace, rule: InputSize, nearness: Nearness) -> Plan? {
    let share = shareOfSecondLook(alpha, reach: StageConstants.secondReach)
    let isFixed = !(rule.sizes ?? []).isEmpty || rule.multiple == rule.longest
    guard let around = share.placeAboveZero(margin: StageConstants.secondMargin) else { return nil }
    let least = StageConstants.secondLeast
    let longest = isFixed ? alpha.size : PixelSize(width: rule.longest, height: rule.longest)
    let runs = isFixed ? Double.infinity : nearness.runs
    let pixels = (runs * Double(alpha.values.count) / (least * least)).rounded(.toNearestOrEven)
    let longestPart = PixelSize(width: Int(Double(longest.width) / least), height: Int(Double(longest.height) / least))
    let part = softestPart(alpha, around: around, pixels: pixels, longest: longestPart)
    let scale = min(
        nearness.scale,
        largestScale(longest: longest, pixels: Double(alpha.values.count), place: place, part: part, runs: runs))
    if scale < least { return nil }
    let view =
        isFixed
        ? largerViewOfFixedSize(alpha.size, part: part, scale: scale)
        : largerView(rule, alpha.size, place: place, part: part, scale: scale)
    return Plan(size: view.size, seen: view.seen, share: within(share, part))
}

/// Trim a part to so many pixels, and its sides to the longest, where its outer strips are the least soft.
private func softestPart(_ alpha: Raster<Float>, around: PixelPlace, pixels: Double, longest: PixelSize) -> PixelPlace {
    var part = around
    let strip = StageConstants.secondStrip
    while true {
        let (isWide, isTall) = (part.width > longest.width, part.height > longest.height)
        let across = part.width > 2 * strip && (isWide || !isTall)
        let down = part.height > 2 * strip && (isTall || !isWide)
        let isSmallEnough = !(isWide || isTall) && part.area <= pixels
        if isSmallEnough || !(across || down) { return part }
        var strips: [(softness: Double, rest: PixelPlace)] = []
        let (l, t, r, b) = (part.left, part.top, part.right, part.bottom)
        let add = { (outer: PixelPlace, rest: PixelPlace) in
            strips.append((alpha.mean(in: outer) { min($0, 1 - $0) }, rest))
        }
        let place = { (left: Int, top: Int, right: Int, bottom: Int) in
            PixelPlace(left: left, top: top, right: right, bottom: bottom)
        }
        if across { add(place(l, t, l + strip, b), place(l + strip, t, r, b)) }
        if down { add(place(l, t, r, t + strip), place(l, t + strip, r, b)) }
        if across { add(place(r - strip, t, r, b), place(l, t, r - strip, b)) }
        if down { add(place(l, b - strip, r, b), place(l, t, r, b - strip)) }
        part = strips.dropFirst().reduce(strips[0]) { $1.softness < $0.softness ? $1 : $0 }.rest
    }
}

/// A share as far as it is in a part: it rises within the part's border, where the network lacks context.
private func within(_ share: Raster<Float>, _ part: PixelPlace) -> Raster<Float> {
    let border = Float(StageConstants.secondMargin) / 2
    let axis = { (length: Int, start: Int, stop: Int) in
        (0..<length).map { i in
            let rise = start == 0 ? 1 : (Float(i) + 0.5 - Float(start)) / border - 1
            let fall = stop == length ? 1 : (Float(stop) - Float(i) - 0.5) / border - 1
            return min(max(min(rise, fall), 0), 1)
        }
    }
    let across = axis(share.width, part.left, part.right)
    let down = axis(share.height, part.top, part.bottom)
    return share.mapped { $0 * (down[$1 / share.width] * across[$1 % share.width]) }
}

/// How many times as long as those of the first view, of so many pixels, the sides of another one may become.
private func largestScale(longest: PixelSize, pixels: Double, place: PixelPlace, part: PixelPlace, runs: Double)
    -> Double
{
    min(
        (runs * pixels / part.area).squareRoot(),
        Double(StageConstants.mostEnlarged) * (place.area / pixels).squareRoot(),
        min(Double(longest.width) / Double(part.width), Double(longest.height) / Double(part.height)))
}

/// PixelSize of a larger view of a place, and the part of it that the network sees, whose sides are multiples as in the rule.
private func largerView(
    _ rule: InputSize, _ first: PixelSize, place: PixelPlace, part: PixelPlace, scale: Double
) -> (size: PixelSize, seen: PixelPlace) {
    var side = first.area.squareRoot() * scale
    while true {
        let larger = InputSize(side: rounded(side), multiple: rule.multiple, longest: Int(Int32.max))
        let size = larger.fit(PixelSize(width: place.width, height: place.height))
        let ends = { (start: Int, stop: Int, length: Int, before: Int) in
            let ratio = Double(length) / Double(before) / Double(rule.multiple)
            return (
                Int((Double(start) * ratio).rounded(.down)) * rule.multiple,
                min(Int((Double(stop) * ratio).rounded(.up)) * rule.multiple, length)
            )
        }
        let (left, right) = ends(part.left, part.right, size.width, first.width)
        let (top, bottom) = ends(part.top, part.bottom, size.height, first.height)
        let seen = PixelPlace(left: left, top: top, right: right, bottom: bottom)
        if seen.longer <= rule.longest { return (size, seen) }
        side -= Double(rule.multiple)
    }
}

/// The same for a network of fixed sizes, which sees the part's middle in the size of the first view.
private func largerViewOfFixedSize(_ first: PixelSize, part: PixelPlace, scale: Double) -> (
    size: PixelSize, seen: PixelPlace
) {
    let size = PixelSize(
        width: rounded(Double(first.width) * scale), height: rounded(Double(first.height) * scale))
    let start = { (from: Int, to: Int, length: Int, before: Int) in
        let middle = Double(from + to) / 2 * Double(length) / Double(before)
        return min(max(0, rounded(middle - Double(before) / 2)), length - before)
    }
    let left = start(part.left, part.right, size.width, first.width)
    let top = start(part.top, part.bottom, size.height, first.height)
    return (size, PixelPlace(left: left, top: top, right: left + first.width, bottom: top + first.height))
}
