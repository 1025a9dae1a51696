extension Viewer {
    /// The closer look at a small person whose box another look gave, in pixels of the photo; nil if it differs.
    ///
    /// A closer look alone takes many a thing for a person that fills its view. So it must show somebody in the same
    /// place, and a small view of it must show the same.
    func closerLookAtTheSame(_ person: PixelPlace, turn: Int = 0) async throws -> Look? {
        let closer = try await lookCloser(at: person.widened(in: size), turn: turn)
        guard let again = boxOfPeople(closer), isSomebody(closer, in: size), isSamePerson(person, again) else {
            return nil
        }
        let small = try await smallerLook(closer, turn: turn)
        return areAlike(agreement(closer.alpha, small.alpha)) ? closer : nil
    }
}

/// Whether two boxes are around the same person.
func isSamePerson(_ one: PixelPlace, _ other: PixelPlace) -> Bool { one.shared(other) >= StageConstants.confirmShared }

/// Whether a closer look and a small view of it, with so much in common, show the same.
func areAlike(_ agreed: Double) -> Bool { agreed >= StageConstants.confirmAgreement }
