extension Viewer {
    /// Look at a place, and again at a better one if the people in it reach to its edge or leave most of it empty.
    ///
    /// `first`: the matte of the whole photo, if the people were found there. Of people who are large enough for it, it
    /// knows best where nobody is.
    func lookCloser(at place: PixelPlace, turn: Int, first: Raster<Float>? = nil) async throws -> Look {
        var look = try await lookAtPeople(in: place, turn: turn, first: first)
        for _ in 1..<StageConstants.closerRuns {
            guard let better = betterBox(look, in: size, rule: rule) else { return look }
            look = try await lookAtPeople(in: better, turn: turn, first: first)
        }
        return look
    }

    private func lookAtPeople(in place: PixelPlace, turn: Int, first: Raster<Float>?) async throws -> Look {
        var look = try await look(at: place, turn: turn)
        if let first,
            let near = nearPeople(first, place: place, of: size, rule: rule, shape: look.alpha.size)
        {
            look.alpha = look.alpha.mapped { min($0, near.values[$1]) }
        }
        return look
    }
}

/// The place that fits the people in a look better than its own; nil where another look is vain.
func betterBox(_ look: Look, in size: PixelSize, rule: InputSize) -> PixelPlace? {
    guard let better = boxOfPeople(look)?.widened(in: size) else { return nil }
    let isVain =
        fits(better, look.place) || rule.gain(better, in: size.whole, turn: look.turn) < StageConstants.gain
    return isVain ? nil : better
}

/// 1 near the people of a first look's matte, 0 far from them, at the shape of a look at a place; nil where people are too
/// small for the first look to know.
func nearPeople(_ first: Raster<Float>, place: PixelPlace, of size: PixelSize, rule: InputSize, shape: PixelSize)
    -> Raster<Float>?
{
    let trusted = StageConstants.trusted * Double(rule.side)
    if place.area / size.area * Double(first.values.count) < trusted * trusted { return nil }
    let somebody = first.values.map { $0 > Float(StageConstants.something) ? Float(1) : 0 }
    let radius = StageConstants.nearPeople
    let means = boxMean(somebody, width: first.width, height: first.height, radius: radius)
    // A window of that many pixels that holds one of somebody has a larger mean.
    let least = 0.5 / Float((2 * radius + 1) * (2 * radius + 1))
    let near = Raster(width: first.width, height: first.height, values: means.map { $0 > least ? Float(1) : 0 })
    return near.part(place, of: size, resizedTo: shape)
}

/// The boxes of the sure people in a look, in pixels of the photo.
func people(in look: Look) -> [PixelPlace] { surePeople(look.alpha).map { inPhoto($0, of: look) } }

/// A box of a look's matte, in pixels of the photo.
func inPhoto(_ box: PixelPlace, of look: Look) -> PixelPlace {
    let place = look.place
    let part = box.enlarged(from: look.alpha.size, to: PixelSize(width: place.width, height: place.height))
    return PixelPlace(
        left: place.left + part.left, top: place.top + part.top, right: place.left + part.right,
        bottom: place.top + part.bottom)
}

/// The box around all people in a look, in pixels of the photo; nil if there are none.
func boxOfPeople(_ look: Look) -> PixelPlace? {
    let found = people(in: look)
    return found.first.map { found.reduce($0) { $0.union($1) } }
}

/// Whether a look at a trace of somebody shows a person: a sure matte of a plausible size.
func isSomebody(_ look: Look, in size: PixelSize) -> Bool {
    guard let people = boxOfPeople(look) else { return false }
    let share = look.alpha.mean
    let soft = look.alpha.meanDistance / max(share, 1e-6)
    return share >= StageConstants.somebodyFilled && soft <= StageConstants.somebodySoft && isSmall(people, in: size)
}

/// Whether somebody with this box is so small that the first look at a photo can miss them.
func isSmall(_ person: PixelPlace, in size: PixelSize) -> Bool {
    Double(person.longer) <= StageConstants.large * size.area.squareRoot()
}

/// Whether a place shows what a better one would: it reaches as far, and is not much larger.
private func fits(_ better: PixelPlace, _ place: PixelPlace) -> Bool {
    let allowed = StageConstants.outside * Double(better.longer)
    let isInside =
        Double(better.left) >= Double(place.left) - allowed && Double(better.top) >= Double(place.top) - allowed
        && Double(better.right) <= Double(place.right) + allowed
        && Double(better.bottom) <= Double(place.bottom) + allowed
    return isInside && place.area <= StageConstants.gain * StageConstants.gain * better.area
}
