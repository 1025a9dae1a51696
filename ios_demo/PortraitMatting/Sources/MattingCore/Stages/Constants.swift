/// Constants of the stages. `make constants` writes this file from runtime/pspm_runtime/spec/stages.toml.
public enum StageConstants {
    /// A picture is first reduced by whole factors as long as the filter then still shrinks it by this factor or more.
    public static let reducingGap: Int = 2
    /// Alpha within this of 0 or 1 becomes 0 or 1.
    public static let haze: Float = 4.0 / 255.0
    /// Window of the guided filter: 2 radius + 1 pixels of the view along a side. The shaders are written for 1.
    public static let guideRadius: Int = 1
    /// Regularisation of the guided filter, in squared luma.
    public static let epsilon: Float = 0.001
    /// Pixels of the view around each soft pixel that are refined too. Shaders refine every pixel.
    public static let refineMargin: Int = 2
    /// Side of the cells that soft tiles are made of, in pixels of the small matte.
    public static let softCell: Int = 8
    /// A matte with a smaller mean shows nobody.
    public static let personShare: Double = 0.005
    /// Longer side of the small copy on which colours are estimated.
    public static let foregroundSide: Int = 512
    /// Radius of blur fusion's wide window, as a share of the copy's longer side.
    public static let far: Double = 1.0 / 24.0
    /// Radius of blur fusion's narrow window, likewise.
    public static let near: Double = 1.0 / 160.0
    /// Pixels of the copy around each soft pixel that get estimated colours too.
    public static let foregroundMargin: Int = 4
    /// Least weight of a window, so that no division is by zero.
    public static let leastWindowWeight: Float = 0.0001
    /// Cells along the longer side of a cut-out. A cell keeps its colours if it or a neighbour is visible.
    public static let cutOutCells: Int = 128
    /// Cells along the longer side of the picture whose light fills the background behind the person.
    public static let cells: Int = 24
    /// Least weight of all cells, so that no division is by zero.
    public static let leastCellWeight: Float = 1e-20
    /// Share of the disc that must have weight. Below it, light from farther away supplies the rest.
    public static let least: Double = 0.1
    /// Radius of the disc at strength 1, as a share of the photo's longer side.
    public static let largestRadius: Double = 0.035
    /// With a smaller radius, in pixels, the photo stays as it is.
    public static let smallestRadius: Double = 0.5
    /// Largest radius of the disc, in pixels. For a larger one the picture is reduced first.
    public static let workingRadius: Double = 12.0
    /// Weight of pixels that hold some of the person, relative to pure background.
    public static let softShare: Double = 0.001
    /// Alpha above which a pixel holds some of the person.
    public static let softAlpha: Double = 0.05
    /// Light added to white, as a multiple of its own.
    public static let highlightGain: Double = 6.0
    /// Code, from 0 to 1, above which light is added.
    public static let highlightKnee: Double = 0.75
    /// Share of a small difference between frames that is followed at once.
    public static let still: Float = 0.25
    /// A difference of this size adds 1 to that share.
    public static let jump: Float = 0.25
    /// Window of the foreground estimate of iOS's live view: 2 radius + 1 pixels of the view along a side.
    public static let liveForegroundRadius: Int = 8
}
