import CoreGraphics
import CoreVideo
import Foundation
import MattingCore
import Metal

/// What stands behind the person in a live picture.
public enum LiveBackground: Sendable {
    /// The frame as it is.
    case none
    case blur(strength: Double)
    case colour(red: Double, green: Double, blue: Double)
    case picture(CGImage)
}

/// Frames in, composed pictures out, on the graphics processor; only the network's small alpha visits the CPU.
///
/// Used from one thread at a time.
public final class LiveRenderer: @unchecked Sendable {
    /// Of the system's default device; whoever shows a picture encodes that here, so that it happens in turn.
    public let queue: MTLCommandQueue
    public let model: CoreMLModel

    private static let estimateRadius: Int32 = 8
    private static let largestRadius = 0.035

    private let device: MTLDevice
    private let kernels: [String: MTLComputePipelineState]
    private let cache: CVMetalTextureCache
    private var background: LiveBackground = .none
    private var backdrop: MTLTexture?
    private var smoothing = Smoothing()
    private var stages: Stages?

    /// Throws `MattingError.graphicsUnavailable` where there is no Metal.
    public init(model: CoreMLModel) throws {
        guard let device = MTLCreateSystemDefaultDevice(), let queue = device.makeCommandQueue() else {
            throw MattingError.graphicsUnavailable("there is no Metal device")
        }
        var cache: CVMetalTextureCache?
        CVMetalTextureCacheCreate(nil, nil, device, nil, &cache)
        guard let cache else { throw MattingError.graphicsUnavailable("there is no texture cache") }
        do {
            let library = try device.makeDefaultLibrary(bundle: .module)
            var kernels: [String: MTLComputePipelineState] = [:]
            for name in ["look", "estimate", "reduce", "spread", "gather", "composite", "show"] {
                guard let function = library.makeFunction(name: name) else {
                    throw MattingError.graphicsUnavailable("the shader \(name) is missing")
                }
                kernels[name] = try device.makeComputePipelineState(function: function)
            }
            self.kernels = kernels
        } catch let error as MattingError {
            throw error
        } catch {
            throw MattingError.graphicsUnavailable(error.localizedDescription)
        }
        self.device = device
        self.queue = queue
        self.model = model
        self.cache = cache
    }

    /// Choose what stands behind the person from the next frame on.
    public func setBackground(_ background: LiveBackground) throws {
        switch background {
        case .none, .blur: backdrop = nil
        case .colour(let red, let green, let blue):
            backdrop = try texture(of: Background.colour(red: red, green: green, blue: blue).raster())
        case .picture(let image):
            let picture = try Background.picture(image).raster()
            let scale = min(1, 1280 / Double(max(picture.width, picture.height)))
            let size = Size(
                width: max(1, Int(Double(picture.width) * scale)), height: max(1, Int(Double(picture.height) * scale)))
            backdrop = try texture(of: picture.shrunk(to: size, .bilinear))
        }
        self.background = background
    }

    /// Another camera or scene: what was shown before says nothing of it.
    public func restart() { smoothing.restart() }

    /// The composed picture of a frame of 32-bit BGRA, and how long each stage took; blocks until it is done.
    ///
    /// The frame is cropped to the network's aspect ratio, so that nothing is stretched. The texture is the renderer's
    /// own, and holds until the next frame.
    public func render(_ frame: CVPixelBuffer) throws -> (picture: MTLTexture, times: FrameTimes) {
        let start = DispatchTime.now()
        let size = Size(width: CVPixelBufferGetWidth(frame), height: CVPixelBufferGetHeight(frame))
        let stages = try stages(for: size)
        let whole = try texture(of: frame)
        if case .none = background {
            try run { try encode("show", $0, [whole, stages.result], part: stages.part, over: stages.result) }
            return (stages.result, FrameTimes(pre: 0, inference: 0, post: milliseconds(since: start)))
        }
        try run { try encode("look", $0, [whole, stages.view], part: stages.part, over: stages.view) }
        let looked = DispatchTime.now()
        let alpha = try model.alpha(of: stages.viewBuffer)
        let inferred = DispatchTime.now()
        try compose(whole, stages, alpha: settle(smoothing.smooth(alpha)))
        return (
            stages.result,
            FrameTimes(
                pre: milliseconds(from: start, to: looked), inference: milliseconds(from: looked, to: inferred),
                post: milliseconds(since: inferred))
        )
    }

    private func compose(_ frame: MTLTexture, _ stages: Stages, alpha: Raster<Float>) throws {
        let models = linearModels(guide: brightness(of: try PixelBuffers.read(stages.viewBuffer)), alpha: alpha)
        fill(stages.alpha, with: alpha.values.map { half(of: $0) })
        fill(
            stages.models,
            with: zip(models.slope.values, models.offset.values).flatMap { [half(of: $0), half(of: $1)] })
        try run { buffer in
            var radius = LiveRenderer.estimateRadius
            try encode(
                "estimate", buffer, [stages.view, stages.alpha, stages.foreground, stages.background],
                constants: [Data(bytes: &radius, count: 4)], over: stages.foreground)
            var behind = backdrop ?? stages.blurred
            if case .blur(let strength) = background {
                var radius = Float(strength * LiveRenderer.largestRadius * Double(max(alpha.width, alpha.height)))
                var side = Int32(cellSide(of: alpha.size))
                try encode(
                    "reduce", buffer, [stages.view, stages.alpha, stages.cells],
                    constants: [Data(bytes: &side, count: 4)], over: stages.cells)
                try encode("spread", buffer, [stages.cells, stages.afar], constants: [], over: stages.afar)
                try encode(
                    "gather", buffer, [stages.view, stages.alpha, stages.afar, stages.blurred],
                    constants: [Data(bytes: &radius, count: 4), Data(bytes: &side, count: 4)], over: stages.blurred)
                behind = stages.blurred
            }
            let cover = coverBox(
                picture: Size(width: behind.width, height: behind.height),
                frame: Size(width: stages.result.width, height: stages.result.height))
            try encode(
                "composite", buffer,
                [frame, stages.models, stages.foreground, stages.background, behind, stages.result],
                constants: [constant(stages.part), constant(cover)], over: stages.result)
        }
    }

    /// What is kept from frame to frame of one size, so that nothing is allocated on the way.
    private struct Stages {
        let frame: Size
        let part: Box
        let viewBuffer: CVPixelBuffer
        let view: MTLTexture
        let alpha: MTLTexture
        let models: MTLTexture
        let foreground: MTLTexture
        let background: MTLTexture
        let cells: MTLTexture
        let afar: MTLTexture
        let blurred: MTLTexture
        let result: MTLTexture
    }

    private func stages(for frame: Size) throws -> Stages {
        if let stages, stages.frame == frame { return stages }
        let seen = model.inputSize(for: frame)
        let cover = coverBox(picture: frame, frame: seen)
        // Whole pixels, so that the result shows the frame's own.
        let part = Box(
            left: cover.left.rounded(.down), top: cover.top.rounded(.down),
            right: cover.left.rounded(.down) + cover.width.rounded(.down),
            bottom: cover.top.rounded(.down) + cover.height.rounded(.down))
        let half = Size(width: seen.width / 2, height: seen.height / 2)
        let buffer = try PixelBuffers.make(seen)
        let made = Stages(
            frame: frame, part: part, viewBuffer: buffer, view: try texture(of: buffer),
            alpha: try texture(seen, .r16Float), models: try texture(seen, .rg16Float),
            foreground: try texture(half, .rgba16Float), background: try texture(half, .rgba16Float),
            cells: try texture(cellGrid(of: seen), .rgba16Float), afar: try texture(cellGrid(of: seen), .rgba16Float),
            blurred: try texture(half, .bgra8Unorm),
            result: try texture(Size(width: Int(part.width), height: Int(part.height)), .bgra8Unorm))
        stages = made
        return made
    }

    private func texture(_ size: Size, _ format: MTLPixelFormat) throws -> MTLTexture {
        let descriptor = MTLTextureDescriptor.texture2DDescriptor(
            pixelFormat: format, width: size.width, height: size.height, mipmapped: false)
        descriptor.usage = [.shaderRead, .shaderWrite]
        guard let texture = device.makeTexture(descriptor: descriptor) else {
            throw MattingError.graphicsUnavailable("there is no memory for a texture")
        }
        return texture
    }

    /// A buffer's own memory as a texture.
    private func texture(of buffer: CVPixelBuffer) throws -> MTLTexture {
        var wrapped: CVMetalTexture?
        CVMetalTextureCacheCreateTextureFromImage(
            nil, cache, buffer, nil, .bgra8Unorm, CVPixelBufferGetWidth(buffer), CVPixelBufferGetHeight(buffer), 0,
            &wrapped)
        guard let wrapped, let texture = CVMetalTextureGetTexture(wrapped) else {
            throw MattingError.graphicsUnavailable("a frame cannot be a texture")
        }
        return texture
    }

    private func texture(of picture: Raster<UInt8>) throws -> MTLTexture {
        let texture = try texture(picture.size, .bgra8Unorm)
        var bytes = [UInt8](repeating: 255, count: 4 * picture.width * picture.height)
        for i in 0..<picture.width * picture.height {
            for c in 0..<3 { bytes[4 * i + 2 - c] = picture.values[3 * i + c] }
        }
        fill(texture, with: bytes)
        return texture
    }

    private func fill<Number>(_ texture: MTLTexture, with numbers: [Number]) {
        numbers.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            texture.replace(
                region: MTLRegionMake2D(0, 0, texture.width, texture.height), mipmapLevel: 0, withBytes: base,
                bytesPerRow: bytes.count / texture.height)
        }
    }

    private func run(_ body: (MTLCommandBuffer) throws -> Void) throws {
        guard let buffer = queue.makeCommandBuffer() else {
            throw MattingError.graphicsUnavailable("there is no command buffer")
        }
        try body(buffer)
        buffer.commit()
        buffer.waitUntilCompleted()
        if let error = buffer.error { throw MattingError.graphicsUnavailable(error.localizedDescription) }
    }

    private func encode(
        _ name: String, _ buffer: MTLCommandBuffer, _ textures: [MTLTexture], part: Box, over target: MTLTexture
    ) throws {
        try encode(name, buffer, textures, constants: [constant(part)], over: target)
    }

    private func encode(
        _ name: String, _ buffer: MTLCommandBuffer, _ textures: [MTLTexture], constants: [Data],
        over target: MTLTexture
    ) throws {
        guard let kernel = kernels[name], let encoder = buffer.makeComputeCommandEncoder() else {
            throw MattingError.graphicsUnavailable("the shader \(name) cannot be run")
        }
        encoder.setComputePipelineState(kernel)
        for (i, texture) in textures.enumerated() { encoder.setTexture(texture, index: i) }
        for (i, constant) in constants.enumerated() {
            constant.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { encoder.setBytes(base, length: bytes.count, index: i) }
            }
        }
        let group = MTLSize(width: 16, height: 16, depth: 1)
        let groups = MTLSize(width: (target.width + 15) / 16, height: (target.height + 15) / 16, depth: 1)
        encoder.dispatchThreadgroups(groups, threadsPerThreadgroup: group)
        encoder.endEncoding()
    }

    /// The shaders' struct Box.
    private func constant(_ box: Box) -> Data {
        let numbers = [Float(box.left), Float(box.top), Float(box.width), Float(box.height)]
        return numbers.withUnsafeBytes { Data($0) }
    }
}

private func milliseconds(from start: DispatchTime, to end: DispatchTime) -> Double {
    Double(end.uptimeNanoseconds - start.uptimeNanoseconds) / 1e6
}

private func milliseconds(since start: DispatchTime) -> Double { milliseconds(from: start, to: .now()) }
