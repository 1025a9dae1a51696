/// Runs a network on views of a size that it takes.
protocol Network {
    var size: InputSize { get }

    /// The matte of a view.
    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float>
}

/// A part of a photo that the network saw.
///
/// `alpha`: its matte. `view`: the part at the size of alpha. `turn`: by how many quarter turns, counter-clockwise, the
/// network saw the view turned. `alpha` and `view` are as in the photo.
struct Look {
    let place: PixelPlace
    var alpha: Raster<Float>
    let view: Raster<UInt8>
    var turn = 0
}

extension InputSize {
    /// PixelSize of the view of a place, as in the photo, where the network sees it turned.
    func view(of place: PixelPlace, turn: Int = 0) -> PixelSize {
        if turn % 2 == 0 { return fit(PixelSize(width: place.width, height: place.height)) }
        let size = fit(PixelSize(width: place.height, height: place.width))
        return PixelSize(width: size.height, height: size.width)
    }

    /// The rule for views of a smaller area, `side`^2; the same where the network takes few sizes or has a small view.
    func smaller(_ side: Int) -> InputSize {
        if !(sizes ?? []).isEmpty || side >= self.side || multiple == longest { return self }
        let shorter = max(multiple, longest * side / self.side / multiple * multiple)
        return InputSize(side: side, multiple: multiple, longest: shorter)
    }

    /// The rule for views of a whole photo, which are not enlarged further than is useful.
    func forThumbnails(of photo: PixelSize) -> InputSize {
        smaller(rounded(Double(StageConstants.mostEnlarged) * photo.area.squareRoot()))
    }

    /// How many times larger a look at a place shows things than a look at the photo.
    func gain(_ place: PixelPlace, in photo: PixelPlace, turn: Int = 0) -> Double {
        (view(of: place, turn: turn).area / place.area / (view(of: photo, turn: turn).area / photo.area)).squareRoot()
    }
}

/// Looks at one photo through a network.
struct Viewer {
    let network: any Network
    let photo: PixelPhoto

    var size: PixelSize { photo.image.size }
    var rule: InputSize { network.size }

    /// Show a place in the photo to the network.
    func look(at place: PixelPlace, turn: Int = 0) async throws -> Look {
        let rule = place == size.whole ? rule.forThumbnails(of: size) : rule
        let view = networkView(of: photo, size: rule.view(of: place, turn: turn), place: place)
        return try await look(at: view, of: place, turn: turn)
    }

    /// Show the network the view of a look again, reduced to the area `smallSide`^2, and turned.
    func smallerLook(_ look: Look, turn: Int) async throws -> Look {
        let small = rule.forThumbnails(of: size).smaller(StageConstants.smallSide).view(of: look.place, turn: turn)
        if small == look.view.size && turn == look.turn { return look }
        return try await self.look(at: look.view.resized(to: small, .bilinear), of: look.place, turn: turn)
    }

    /// The look with what its matte and that of its mirror image agree on.
    func withMirrorImage(_ look: Look) async throws -> Look {
        let other = try await mirroredAlpha(of: look.view.turned(look.turn)).turned(-look.turn)
        var result = look
        result.alpha = agreed(look.alpha, other)
        return result
    }

    /// The matte that the network answers for the mirror image of a view, mirrored back.
    func mirroredAlpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        try await alpha(of: view.mirrored).mirrored
    }

    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        try Task.checkCancellation()
        return try await network.alpha(of: view)
    }

    private func look(at view: Raster<UInt8>, of place: PixelPlace, turn: Int) async throws -> Look {
        Look(place: place, alpha: try await alpha(of: view.turned(turn)).turned(-turn), view: view, turn: turn)
    }
}

/// One matte of two of the same view: their mean, but the smaller one where they differ much.
///
/// Hair differs little and gains from the mean. What only one of them takes for a part of the person, such as
/// furniture, is left out.
func agreed(_ one: Raster<Float>, _ other: Raster<Float>) -> Raster<Float> {
    let difference = one.mapped { abs($0 - other.values[$1]) }.values
    let radius = StageConstants.mirrorAround
    let around = boxMean(difference, width: one.width, height: one.height, radius: radius)
    let ramp = StageConstants.mirrorDiffers - StageConstants.mirrorAgrees
    return one.mapped { alpha, i in
        let doubt = min(max((around[i] - StageConstants.mirrorAgrees) / ramp, 0), 1)
        return (alpha + other.values[i] - doubt * difference[i]) / 2
    }
}

/// How far a matte is from 0 and 1, by its mean: 0 for a hard one, 1 for one that is faint everywhere or empty.
func softness(_ alpha: Raster<Float>) -> Double {
    let share = alpha.mean
    return share >= StageConstants.personShare ? alpha.meanDistance / share : 1
}

/// Intersection over union of the people in the matte of a look and in that of a smaller view of the same place.
func agreement(_ alpha: Raster<Float>, _ small: Raster<Float>) -> Double {
    let reduced = alpha.resized(to: small.size, .bilinear)
    let pairs = zip(reduced.values, small.values)
    let both = pairs.reduce(0) { $0 + ($1.0 > 0.5 && $1.1 > 0.5 ? 1 : 0) }
    let any = pairs.reduce(0) { $0 + ($1.0 > 0.5 || $1.1 > 0.5 ? 1 : 0) }
    return Double(both) / Double(max(1, any))
}
