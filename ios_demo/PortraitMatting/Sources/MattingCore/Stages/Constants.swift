/// Constants of the stages. `make constants` writes this file from runtime/pspm_runtime/spec/stages.toml.
package enum StageConstants {
    /// A picture is first reduced by whole factors as long as the filter then still shrinks it by this factor or more.
    package static let reducingGap: Int = 2
    /// Alpha within this of 0 or 1 becomes 0 or 1.
    package static let haze: Float = 4.0 / 255.0
    /// Window of the guided filter: 2 radius + 1 pixels of the view along a side. The shaders are written for 1.
    package static let guideRadius: Int = 1
    /// Regularisation of the guided filter, in squared luma.
    package static let epsilon: Float = 0.001
    /// Pixels of the view around each soft pixel that are refined too. Shaders refine every pixel.
    package static let refineMargin: Int = 2
    /// Side of the cells that soft tiles are made of, in pixels of the small matte.
    package static let softCell: Int = 8
    /// A matte with a smaller mean shows nobody.
    package static let personShare: Double = 0.005
    /// Longer side of the small copy on which colours are estimated.
    package static let foregroundSide: Int = 512
    /// Radius of blur fusion's wide window, as a share of the copy's longer side.
    package static let far: Double = 1.0 / 24.0
    /// Radius of blur fusion's narrow window, likewise.
    package static let near: Double = 1.0 / 160.0
    /// Pixels of the copy around each soft pixel that get estimated colours too.
    package static let foregroundMargin: Int = 4
    /// Least weight of a window, so that no division is by zero.
    package static let leastWindowWeight: Float = 0.0001
    /// Cells along the longer side of a cut-out. A cell keeps its colours if it or a neighbour is visible.
    package static let cutOutCells: Int = 128
    /// Cells along the longer side of the picture whose light fills the background behind the person.
    package static let cells: Int = 24
    /// Least weight of all cells, so that no division is by zero.
    package static let leastCellWeight: Float = 1e-20
    /// Share of the disc that must have weight. Below it, light from farther away supplies the rest.
    package static let least: Double = 0.1
    /// Radius of the disc at strength 1, as a share of the photo's longer side.
    package static let largestRadius: Double = 0.035
    /// With a smaller radius, in pixels, the photo stays as it is.
    package static let smallestRadius: Double = 0.5
    /// Largest radius of the disc, in pixels. For a larger one the picture is reduced first.
    package static let workingRadius: Double = 12.0
    /// Weight of pixels that hold some of the person, relative to pure background.
    package static let softShare: Double = 0.001
    /// Alpha above which a pixel holds some of the person.
    package static let softAlpha: Double = 0.05
    /// Light added to white, as a multiple of its own.
    package static let highlightGain: Double = 6.0
    /// Code, from 0 to 1, above which light is added.
    package static let highlightKnee: Double = 0.75
    /// Share of a small difference between frames that is followed at once.
    package static let still: Float = 0.25
    /// A difference of this size adds 1 to that share.
    package static let jump: Float = 0.25
    /// Window of the foreground estimate of iOS's live view: 2 radius + 1 pixels of the view along a side.
    package static let liveForegroundRadius: Int = 8
    /// EPSILON where the matte follows three colours: of these the slopes are surer, so less keeps them steady.
    package static let epsilonOfColours: Double = 0.0001
    /// Regions of a matte that are less than a cell of so many pixels apart count as one.
    package static let regionCell: Int = 4
    /// Pixels of a matte above this belong to somebody, perhaps.
    package static let something: Double = 0.1
    /// A region without a pixel above this is not sure to be somebody.
    package static let sure: Double = 0.5
    /// Space around a person, as a share of its longer side.
    package static let personMargin: Double = 0.35
    /// A closer look is worth its time from so many times the first one's scale on.
    package static let gain: Double = 1.5
    /// Regions of fewer pixels of the view are specks.
    package static let speck: Int = 24
    /// Views that are longer than this, for their height, waste their area; they are cut into overlapping parts.
    package static let longestPart: Double = 2.56
    /// Share by which each of these parts overlaps the next one.
    package static let partOverlap: Double = 0.25
    /// The view of a photo is at most so many times as long: farther enlarged, people are too blurred.
    package static let mostEnlarged: Int = 4
    /// The area of the small views that decide how a photo is seen is the square of this.
    package static let smallSide: Int = 320
    /// The matte of a clearer view is at most so many times as soft as the large one's.
    package static let clearerSoftness: Double = 0.9
    /// Whoever fills less of the small view is too small for it.
    package static let clearerFilled: Double = 0.1
    /// At most so many runs of the network for one box.
    package static let closerRuns: Int = 3
    /// How far the box around the people may reach out of what was seen, as a share of its longer side.
    package static let outside: Double = 0.1
    /// A person fills at least this share of a closer look.
    package static let somebodyFilled: Double = 0.05
    /// Their matte is at most so soft, by its mean.
    package static let somebodySoft: Double = 0.15
    /// The first look misses nobody who is larger than this share of the photo, by the root of its area.
    package static let large: Double = 0.3
    /// Of a part that fills this share of a square first view's side, by the root of its area, the first look knows most.
    package static let trusted: Double = 0.4
    /// Namely that nobody is farther than so many of its pixels from everybody.
    package static let nearPeople: Int = 8
    /// Two looks agree about a person whose boxes have this share of their common area in common.
    package static let confirmShared: Double = 0.5
    /// A closer look at a person and a small view of it have this much in common (intersection over union).
    package static let confirmAgreement: Double = 0.85
    /// From this alpha on a trace is a hint.
    package static let faint: Double = 0.03
    /// Photos of less than this many times the area of their view hold nobody whom tiles would show much larger.
    package static let worthTiles: Double = 1.5
    /// Number of tiles along the shorter side of a photo.
    package static let tiles: Int = 2
    /// Inside its box a look fades in over this share of the longer side, which is half of the space around a person.
    package static let feather: Double = 0.1
    /// A look that shows which way up a photo is has at most this softness.
    package static let uprightSoft: Double = 0.025
    /// The same for whoever is whole in the photo.
    package static let uprightSoftWhole: Double = 0.04
    /// Lead of the lower edge over the others there.
    package static let uprightLead: Double = 0.3
    /// Share of the photo from which on these hold; the softness of smaller people is allowed to be more.
    package static let usual: Double = 0.4
    /// The people in a look at an upright photo are so much the same in a small view.
    package static let uprightAgreement: Double = 0.9
    /// So much the same that no edge of the photo matters.
    package static let uprightFullAgreement: Double = 0.98
    /// A look at that view leaves at most so much doubt there.
    package static let clear: Double = 0.05
    /// What the lead of the lower edge counts in the doubt about a look, beside its softness.
    package static let edgeWeight: Double = 0.1
    /// A turned photo must leave so much less doubt than it does as it is.
    package static let turnMargin: Double = 0.01
    /// A turned photo must leave at most this doubt.
    package static let largestDoubt: Double = 0.1
    /// Below this share of an edge nobody is cut off by it.
    package static let cutOff: Double = 0.05
    /// Pixels of the view to each side, over which a matte and that of the mirror image are compared.
    package static let mirrorAround: Int = 8
    /// Where they differ by no more than this, their mean counts.
    package static let mirrorAgrees: Float = 0.2
    /// Where they differ by this or more, the smaller one counts.
    package static let mirrorDiffers: Float = 0.4
    /// A second view that is less than so many times as long shows too little more.
    package static let secondLeast: Double = 1.3
    /// A part is trimmed by strips of so many pixels of the first view.
    package static let secondStrip: Int = 16
    /// Pixels of the first view around its soft ones that are decided again.
    package static let secondReach: Int = 6
    /// Pixels around these that are seen.
    package static let secondMargin: Int = 16
    /// Pixels within that border over which the second look takes over from the first.
    package static let secondRamp: Int = 2
    /// Pixels of the first view to each side, over which a second look may move the mean by SECOND_MOST_MOVED.
    package static let secondAround: Int = 8
    /// What it moves farther is the first look's, which knows better who is the person.
    package static let secondMostMoved: Float = 0.1
    /// People or groups who get a closer look with the quality fast.
    package static let fastCloser: Int = 4
    /// The same with balanced.
    package static let balancedCloser: Int = 12
    /// The same with best.
    package static let bestCloser: Int = 24
    /// Faint traces of people that are looked into with the quality balanced. With fast there are none.
    package static let balancedHints: Int = 6
    /// The same with best.
    package static let bestHints: Int = 12
    /// How many times as long the sides of a second view may become.
    package static let secondScale: Double = 1.6
    /// How many pixels the network may see in a second look with the quality balanced, in views of the first look.
    package static let balancedSecondRuns: Double = 0.7
    /// The same with best, where the network sees each of them mirrored too.
    package static let bestSecondRuns: Double = 2.6
}
