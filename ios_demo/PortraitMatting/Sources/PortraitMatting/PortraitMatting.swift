import CoreGraphics
import Foundation
import MattingCore

/// Portrait matting: a photo of a person goes in, a soft matte comes out.
///
///     let matting = try PortraitMatting(model: .bundled)
///     let matte = try await matting.alpha(of: image)
///
/// Whatever is wrong, the error is a `MattingError`, with a sentence that says what to do. Nothing here runs on the main
/// thread, and all of it may be called from several tasks.
public final class PortraitMatting: Sendable {
    /// Where a model's folder is.
    public enum Source: Sendable {
        /// The one that was put into this package when the app was built.
        case bundled
        case folder(URL)
    }

    public let model: CoreMLModel

    public init(model source: Source = .bundled, computeUnits: ComputeUnits = .all) throws {
        model = try CoreMLModel(bundle: source.folder, computeUnits: computeUnits)
    }

    /// The matte of an upright picture: grey, of its size, white where the person is.
    public func alpha(of image: CGImage, requirePerson: Bool = false) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).alpha()
    }

    /// The person on nothing, in clean colours.
    public func cutOut(of image: CGImage, requirePerson: Bool = false) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).cutOut()
    }

    /// The person before a colour or another picture.
    public func replaceBackground(
        of image: CGImage, with background: Background, requirePerson: Bool = false
    ) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).replaced(with: background)
    }

    /// Depth of field, strength from 0 to 1.
    public func blurBackground(
        of image: CGImage, strength: Double = 0.5, requirePerson: Bool = false
    ) async throws -> CGImage {
        try await matted(image, requirePerson: requirePerson).blurred(strength: strength)
    }

    /// The photo and its matte, for several effects on one photo.
    public func matted(_ image: CGImage, requirePerson: Bool = false) async throws -> MattedPhoto {
        let bitmap = try Bitmap(image)
        let matte = try await Matting(model: model).matte(of: bitmap.photo, requirePerson: requirePerson)
        return MattedPhoto(image: bitmap.photo.image, matte: matte, colourSpace: bitmap.colourSpace)
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

/// What is to stand behind the person.
public enum Background: Sendable {
    /// Components from 0 to 1 in the photo's colour space.
    case colour(red: Double, green: Double, blue: Double)
    case picture(CGImage)

    func raster() throws -> Raster<UInt8> {
        switch self {
        case .colour(let red, let green, let blue):
            let code = { (x: Double) in UInt8(min(1, max(0, x)) * 255 + 0.5) }
            return Raster(width: 1, height: 1, channels: 3, values: [code(red), code(green), code(blue)])
        case .picture(let image): return try Bitmap(image).photo.image
        }
    }
}

/// A photo with its matte. Everything is computed when it is asked for, at full size: do not call it on the main thread.
public struct MattedPhoto: Sendable {
    let image: Raster<UInt8>
    let matte: Raster<UInt8>
    let colourSpace: CGColorSpace

    public func alpha() throws -> CGImage { try matte.cgImage(in: colourSpace) }

    public func cutOut() throws -> CGImage {
        try MattingCore.cutOut(image: image, matte: matte).cgImage(in: colourSpace)
    }

    public func replaced(with background: Background) throws -> CGImage {
        try MattingCore.replaceBackground(image: image, matte: matte, with: background.raster())
            .cgImage(in: colourSpace)
    }

    public func blurred(strength: Double) throws -> CGImage {
        try MattingCore.blurBackground(image: image, matte: matte, strength: strength).cgImage(in: colourSpace)
    }
}

extension Manifest {
    /// The manifest of the model that was put into this package. Throws as `read(folder:)` does.
    public static func bundled() throws -> Manifest { try read(folder: PortraitMatting.Source.bundled.folder) }
}
