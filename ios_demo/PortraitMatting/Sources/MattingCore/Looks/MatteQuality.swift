/// How much time a matte may take.
///
/// `fast` looks at a photo once, and closer at a few small people. `balanced` also finds out which way up the photo is,
/// looks for people who were missed, and looks at hair again from nearer, if the network takes such views. `best` does so
/// for every person, with mirror images, and follows all colours at the edges.
public enum MatteQuality: String, CaseIterable, Identifiable, Sendable {
    case fast, balanced, best

    public var id: Self { self }
}

/// Limits of a search for people.
///
/// `closer`: number of people or groups that get a closer look; each takes one run of the network, at most three. `hints`:
/// number of faint traces of people that are looked into. `smallViews`: whether a photo is also seen in a small view, for
/// turned ones, and those that it shows more clearly.
struct Budget {
    let closer: Int
    let hints: Int
    let smallViews: Bool
}

/// How near a second look goes.
///
/// `scale`: how many times as long the sides of the view may become. `runs`: how many pixels the network may see, in views
/// of the first look. `isMirrored`: whether it sees them mirrored too, and the mean of both answers counts.
struct Nearness {
    let scale: Double
    let runs: Double
    let isMirrored: Bool
}

/// What of a photo its matte follows: its luma, or all three colours.
enum Guide {
    case luma, colours
}

extension MatteQuality {
    var budget: Budget {
        switch self {
        case .fast: Budget(closer: StageConstants.fastCloser, hints: 0, smallViews: false)
        case .balanced:
            Budget(closer: StageConstants.balancedCloser, hints: StageConstants.balancedHints, smallViews: true)
        case .best: Budget(closer: StageConstants.bestCloser, hints: StageConstants.bestHints, smallViews: true)
        }
    }

    var nearness: Nearness? {
        switch self {
        case .fast: nil
        case .balanced:
            Nearness(
                scale: StageConstants.secondScale, runs: StageConstants.balancedSecondRuns, isMirrored: false)
        case .best:
            Nearness(scale: StageConstants.secondScale, runs: StageConstants.bestSecondRuns, isMirrored: true)
        }
    }

    var guide: Guide { self == .best ? .colours : .luma }
}
