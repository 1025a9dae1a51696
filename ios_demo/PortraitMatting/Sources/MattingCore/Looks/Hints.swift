/// A trace of somebody: how clear it is, and a window around it.
struct Hint {
    let clearness: Float
    let window: PixelPlace
}

extension Viewer {
    /// Looks at people whom the first look at a photo has missed; at most so many hints are looked into.
    ///
    /// Beside people whom it shows, only its clear traces count. Where it shows nobody, its faint ones come first, then,
    /// if they were nobody, those in overlapping tiles.
    func lookIntoHints(_ first: Look, most: Int) async throws -> [Look] {
        let known = people(in: first)
        let found = try await look(
            into: hints(in: first, of: size, known: known), known: known, most: most, turn: first.turn)
        let isWorthTiles = size.area >= StageConstants.worthTiles * Double(first.alpha.values.count)
        if !found.isEmpty || !known.isEmpty || most == 0 || !isWorthTiles { return found }
        var more: [Hint] = []
        for tile in tiles(of: size) {
            more += hints(in: try await look(at: tile, turn: first.turn), of: size, known: known)
        }
        return try await look(into: more, known: known, most: most, turn: first.turn)
    }

    /// Looks at the people around the clearest hints, without those who are known. A wider look must have seen the same.
    private func look(into hints: [Hint], known: [PixelPlace], most: Int, turn: Int) async throws -> [Look] {
        var found: [Look] = []
        var tried: [PixelPlace] = []
        let order = hints.indices.sorted { (-hints[$0].clearness, $0) < (-hints[$1].clearness, $1) }
        for window in order.map({ hints[$0].window }) {
            if tried.count == most { break }
            if (tried + found.map(\.place)).contains(where: { $0.holdsCentre(of: window) }) { continue }
            tried.append(window)
            for person in people(in: try await look(at: window, turn: turn)) {
                if known.contains(where: { person.overlaps($0) }) { continue }
                if let closer = try await closerLookAtTheSame(person, turn: turn) { found.append(closer) }
            }
        }
        return found
    }
}

/// The traces of people in a look, each with a window around it.
///
/// With people who are `known`, traces near one are left out, as are faint ones and specks. The window is as large as the
/// largest person whom a look at the whole photo can miss needs. Larger traces are left out.
func hints(in look: Look, of size: PixelSize, known: [PixelPlace]) -> [Hint] {
    let side = rounded(StageConstants.large * size.area.squareRoot())
    let near = known.map { $0.widened(in: size) }
    return regions(look.alpha, above: Float(StageConstants.faint)).compactMap { region in
        let clearness = look.alpha.largest(in: region.box)
        let trace = inPhoto(region.box, of: look)
        let isUnclear =
            Double(clearness) < StageConstants.something || region.pixels < StageConstants.speck
            || near.contains { $0.holdsCentre(of: trace) }
        if trace.longer > side || (!known.isEmpty && isUnclear) { return nil }
        let start = { (one: Int, other: Int, from: Int, length: Int) in
            min(max(0, from + floorDivided(one - from + other - from - side, 2)), max(0, length - side))
        }
        let left = start(trace.left, trace.right, look.place.left, size.width)
        let top = start(trace.top, trace.bottom, look.place.top, size.height)
        let window = PixelPlace(
            left: left, top: top, right: min(size.width, left + side), bottom: min(size.height, top + side))
        return Hint(clearness: clearness, window: window)
    }
}

/// Overlapping tiles of a photo, row by row; more of them along a side that is much longer.
func tiles(of size: PixelSize) -> [PixelPlace] {
    let ratio = Double(max(size.width, size.height)) / Double(min(size.width, size.height))
    let longer = max(1, rounded(ratio.squareRoot()))
    let few = StageConstants.tiles
    let (across, down) = size.width > size.height ? (few * longer, few) : (few, few * longer)
    return overlapping(size.height, down).flatMap { top, bottom in
        overlapping(size.width, across).map { left, right in
            PixelPlace(left: left, top: top, right: right, bottom: bottom)
        }
    }
}
