import CoreGraphics
import Foundation
import MattingCore

/// Portrait matting: takes a photo of a person and returns a soft alpha matte.
///
///     let matting = try PortraitMatting(model: .bundled)
///     let matte = try await matting.predictAlpha(of: image)
///
/// Errors are `MattingError`s, which say what is wrong and what to do. The asynchronous methods do not block the main
/// thread and may be called from several tasks.
public final class PortraitMatting: Sendable {
    /// Where the model is.
    public enum Source: Sendable {
        /// The model in this package's resources.
        case bundled
        /// A folder that `pspm export --format coreml` wrote.
        case folder(URL)
    }

    public let engine: CoreMLEngine

    /// Load a model. Blocks for about a second the first time: do not call this on the main thread.
    public init(model source: Source = .bundled, computeUnits: ComputeUnits = .all) throws {
        engine = try CoreMLEngine(bundle: source.folder, computeUnits: computeUnits)
    }

    /// Predict the alpha matte of an upright picture: a grey picture of its size, white where the person is.
    public func predictAlpha(of image: CGImage, requirePerson: Bool = false) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).alpha()
    }

    /// Cut the person out: straight (not premultiplied) transparency and estimated foreground colours.
    public func cutOut(_ image: CGImage, requirePerson: Bool = false) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).cutOut()
    }

    /// Put the person over a colour or another picture.
    public func replaceBackground(
        of image: CGImage, with background: PortraitBackground, requirePerson: Bool = false
    ) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).replaceBackground(with: background)
    }

    /// Blur the background, with a strength from 0 to 1.
    public func blurBackground(
        of image: CGImage, strength: Double = 0.5, requirePerson: Bool = false
    ) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).blurBackground(strength: strength)
    }

    /// Matte a photo once, to apply several effects to it.
    ///
    /// `quality`: how much time the matte may take. `onLook` is called after each run of the network with how many there
    /// were; how many there will be is not known. Cancel the task to stop it.
    public func matted(
        _ image: CGImage, requirePerson: Bool = false, quality: MatteQuality = .balanced,
        onLook: (@Sendable (Int) -> Void)? = nil
    ) async throws -> MattedPhoto {
        let bitmap = try PhotoBitmap(image)
        let matte = try await Matting(engine: engine)
            .matte(of: bitmap.photo, requirePerson: requirePerson, quality: quality, onLook: onLook)
        return MattedPhoto(bitmap, matte: matte)
    }
}

extension PortraitMatting.Source {
    var folder: URL {
        switch self {
        case .bundled: return (Bundle.module.resourceURL ?? Bundle.module.bundleURL).appendingPathComponent("Model")
        case .folder(let url): return url
        }
    }
}

/// A new background.
public enum PortraitBackground: Sendable {
    /// Components are from 0 to 1, in the photo's colour space.
    case colour(red: Double, green: Double, blue: Double)
    /// Resized to cover the photo, and cropped at the centre.
    case picture(CGImage)

    /// RGB in a colour space.
    func raster(in space: CGColorSpace) throws -> Raster<UInt8> {
        switch self {
        case .colour(let red, let green, let blue):
            let code = { (x: Double) in UInt8(min(1, max(0, x)) * 255 + 0.5) }
            return Raster(width: 1, height: 1, channels: 3, values: [code(red), code(green), code(blue)])
        case .picture(let image): return try PhotoBitmap(image, in: space).photo.image
        }
    }
}

/// A photo and its matte.
///
/// Each method computes its result at full size when it is called: do not call them on the main thread. It throws
/// `CancellationError` soon after its task is cancelled.
public struct MattedPhoto: Sendable {
    let image: Raster<UInt8>
    let matte: Raster<UInt8>
    let colourSpace: CGColorSpace

    /// A photo with a matte that was made in another way, as by `Matting` with another engine. They must have one size.
    public init(_ bitmap: PhotoBitmap, matte: Raster<UInt8>) {
        self.init(image: bitmap.photo.image, matte: matte, colourSpace: bitmap.colourSpace)
    }

    private init(image: Raster<UInt8>, matte: Raster<UInt8>, colourSpace: CGColorSpace) {
        precondition(image.size == matte.size && matte.channels == 1, "a matte of another size")
        (self.image, self.matte, self.colourSpace) = (image, matte, colourSpace)
    }

    /// The same photo and matte reduced to at most `pixels` on their longer side, for a preview.
    public func reduced(to pixels: Int) -> MattedPhoto {
        let longest = max(image.width, image.height)
        guard longest > pixels else { return self }
        let side = { (length: Int) in max(1, length * pixels / longest) }
        let size = PixelSize(width: side(image.width), height: side(image.height))
        return MattedPhoto(
            image: image.shrunk(to: size, .bilinear), matte: matte.shrunk(to: size, .bilinear),
            colourSpace: colourSpace)
    }

    public func alpha() throws -> CGImage { try matte.cgImage(in: colourSpace) }

    public func cutOut() throws -> CGImage {
        try MattingCore.cutOut(image: image, matte: matte).cgImage(in: colourSpace)
    }

    public func replaceBackground(with background: PortraitBackground) throws -> CGImage {
        try MattingCore.replaceBackground(image: image, matte: matte, with: background.raster(in: colourSpace))
            .cgImage(in: colourSpace)
    }

    public func blurBackground(strength: Double) throws -> CGImage {
        try MattingCore.blurBackground(image: image, matte: matte, strength: strength).cgImage(in: colourSpace)
    }
}

extension ModelBundle {
    /// Open the model bundle in this package's resources. Throws the errors of `open`.
    public static func bundled() throws -> ModelBundle { try open(PortraitMatting.Source.bundled.folder) }
}
