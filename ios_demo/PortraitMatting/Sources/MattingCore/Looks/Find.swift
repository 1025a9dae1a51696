extension Viewer {
    /// Look at a photo as often as the quality says. The first look is always at the whole photo.
    func looks(_ quality: MatteQuality) async throws -> [Look] {
        var looks = try await findPeople(quality.budget)
        // Balanced: a photo whose parts were looked at was seen near enough.
        guard let nearness = quality.nearness, quality == .best || looks.count == 1 else { return looks }
        if quality == .best && looks.count == 1 { looks = [try await withMirrorImage(looks[0])] }
        for i in looks.indices { looks[i] = try await secondLook(looks[i], nearness) }
        return looks
    }

    /// Look at a photo, and closer at people who are small in it.
    ///
    /// A photo of one large person gets one look, unless it is doubtful that the person is upright. With a budget for
    /// small views, the small view counts where it is the clearer one.
    func findPeople(_ budget: Budget) async throws -> [Look] {
        var look = try await look(at: size.whole)
        var small = look
        if budget.smallViews {
            small = try await smallerLook(look, turn: 0)
            look = try await upright(look, small)
            if look.turn != 0 { small = try await smallerLook(look, turn: look.turn) }
            if isClearer(small.alpha, than: look.alpha) { return [withDetail(small, look)] }
        }
        let seen = small.alpha.resized(to: look.alpha.size, .bilinear)
        let somebody = look.alpha.mapped { max($0, seen.values[$1]) }
        var looks = [look]
        let boxes = boxesOfPeople(look.alpha, in: size, rule: rule, most: budget.closer, turn: look.turn)
        for box in boxes { looks.append(try await lookCloser(at: box, turn: look.turn, first: somebody)) }
        return looks + (try await lookIntoHints(look, most: budget.hints))
    }
}

/// Whether there is a person in any of the looks at a photo.
func showsSomebody(_ looks: [Look]) -> Bool { looks.contains { $0.alpha.mean >= StageConstants.personShare } }
