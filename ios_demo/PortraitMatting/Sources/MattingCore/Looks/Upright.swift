extension Viewer {
    /// The given look at a whole photo, or one at the photo turned so that its people are upright.
    ///
    /// `small`: the same with a small view. Where people are plainly upright, nothing more is run.
    func upright(_ look: Look, _ small: Look) async throws -> Look {
        let agreed = agreement(look.alpha, small.alpha)
        let presence = max(look.alpha.mean, small.alpha.mean)
        let isSure = isCertain(
            plain: isPlain(look.alpha, turn: look.turn), agreed: agreed,
            smallDoubt: doubt(small.alpha, turn: small.turn), soft: softness(look.alpha), presence: presence)
        if isSure { return look }
        var doubts = [doubt(small.alpha, turn: small.turn)]
        for turn in 1...3 { doubts.append(doubt(try await smallerLook(look, turn: turn).alpha, turn: turn)) }
        let best = turnOfLeastDoubt(doubts)
        if best == 0 { return look }
        if try await showsSmallPerson(look) { return look }
        let turned = try await self.look(at: size.whole, turn: best)
        // A look whose small view shows other people can be hard and absurd, all person for example.
        let left = agreed >= StageConstants.uprightAgreement ? doubt(turned.alpha, turn: best) : doubts[best]
        return left < doubt(look.alpha, turn: look.turn) ? turned : look
    }

    /// Whether the largest person in a look is small, and a closer look confirms them.
    private func showsSmallPerson(_ look: Look) async throws -> Bool {
        let found = people(in: look)
        guard let first = found.first else { return false }
        let largest = found.reduce(first) { $1.area > $0.area ? $1 : $0 }
        if !isSmall(largest, in: size) { return false }
        return try await closerLookAtTheSame(largest) != nil
    }
}

/// Whether a photo stays as it is, without a look at it turned.
///
/// `plain`: `isPlain` of the first look. `agreed`: of it and the small view. `smallDoubt`: of the small view. `soft`: of
/// the first look. `presence`: mean of the matte that has more of somebody.
func isCertain(plain: Bool, agreed: Double, smallDoubt: Double, soft: Double, presence: Double) -> Bool {
    if plain && agreed >= StageConstants.uprightAgreement && smallDoubt <= StageConstants.clear { return true }
    // Whoever is seen so surely needs no turn, whatever the edges say: those of a photo with a border say nothing.
    // Whoever is large leaves a trace at any turn. Turned, a picture of nobody can come to look like somebody.
    return (soft <= StageConstants.uprightSoft && agreed >= StageConstants.uprightFullAgreement)
        || presence < StageConstants.personShare
}

/// The turn, 1 to 3, that leaves clearly the least doubt of the four; 0 if none does.
func turnOfLeastDoubt(_ doubts: [Double]) -> Int {
    let best = doubts.indices.reduce(0) { doubts[$1] < doubts[$0] ? $1 : $0 }
    let limit = min(doubts[0] - StageConstants.turnMargin, StageConstants.largestDoubt)
    return doubts[best] <= limit ? best : 0
}

/// Whether a matte is hard, and whoever is not whole in it is cut off by the lower edge most of all.
func isPlain(_ alpha: Raster<Float>, turn: Int) -> Bool {
    let share = alpha.mean
    let (lower, others) = edges(alpha.turned(turn))
    // The smaller a person is, the more of the matte is its edge.
    let soft = softness(alpha) * min(1, (share / StageConstants.usual).squareRoot())
    if max(lower, others) < StageConstants.cutOff {
        return share >= StageConstants.personShare && soft <= StageConstants.uprightSoftWhole
    }
    return lower - others >= StageConstants.uprightLead && soft <= StageConstants.uprightSoft
}

/// How doubtful it is that the people in a matte, seen turned, are upright: 0 for a hard matte.
func doubt(_ alpha: Raster<Float>, turn: Int) -> Double {
    let (lower, others) = edges(alpha.turned(turn))
    return softness(alpha) + StageConstants.edgeWeight * (others - lower)
}

/// Means of a matte along its lower edge, and the largest of those along the others, two pixels wide.
private func edges(_ alpha: Raster<Float>) -> (lower: Double, others: Double) {
    let (width, height) = (alpha.width, alpha.height)
    let mean = { (left: Int, top: Int, right: Int, bottom: Int) in
        alpha.mean(in: PixelPlace(left: left, top: top, right: right, bottom: bottom))
    }
    let others = max(mean(0, 0, width, 2), mean(0, 0, 2, height), mean(width - 2, 0, width, height))
    return (mean(0, height - 2, width, height), others)
}
