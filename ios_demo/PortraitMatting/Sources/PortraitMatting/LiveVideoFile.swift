import AVFoundation
import CoreVideo
import Foundation
import MattingCore

/// A recording of live video in an MP4 file.
public typealias LiveVideoRecording = LiveRecording<LiveVideoFile>

/// Writes pictures of 32-bit BGRA into an MP4 file: H.264, which opens everywhere, without sound.
public final class LiveVideoFile: LiveRecordingFile, @unchecked Sendable {
    public let url: URL

    /// Bits for each pixel of each frame, enough for hair in motion.
    private static let bitsPerPixel = 0.25

    private let writer: AVAssetWriter
    private let input: AVAssetWriterInput
    private let adaptor: AVAssetWriterInputPixelBufferAdaptor

    /// Start a file. There must be none at `url`. H.264 takes even sizes only: the last column and row of others are left
    /// out.
    ///
    /// Throws `MattingError.recordingFailed`.
    public init(_ url: URL, size: PixelSize) throws {
        self.url = url
        let (width, height) = (size.width / 2 * 2, size.height / 2 * 2)
        do {
            writer = try AVAssetWriter(outputURL: url, fileType: .mp4)
        } catch {
            throw MattingError.recordingFailed(error.localizedDescription)
        }
        let bits = LiveVideoFile.bitsPerPixel * Double(width * height) * CameraFormat.rate
        input = AVAssetWriterInput(
            mediaType: .video,
            outputSettings: [
                AVVideoCodecKey: AVVideoCodecType.h264,
                AVVideoWidthKey: width,
                AVVideoHeightKey: height,
                AVVideoColorPropertiesKey: LiveVideoFile.colours,
                AVVideoCompressionPropertiesKey: [AVVideoAverageBitRateKey: Int(bits)],
            ])
        input.expectsMediaDataInRealTime = true
        adaptor = AVAssetWriterInputPixelBufferAdaptor(
            assetWriterInput: input,
            sourcePixelBufferAttributes: [
                kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA,
                kCVPixelBufferWidthKey as String: width,
                kCVPixelBufferHeightKey as String: height,
                kCVPixelBufferIOSurfacePropertiesKey as String: [String: Any](),
                kCVPixelBufferMetalCompatibilityKey as String: true,
            ])
        guard writer.canAdd(input) else { throw MattingError.recordingFailed("this device cannot encode H.264") }
        writer.add(input)
        guard writer.startWriting() else { throw failure }
        writer.startSession(atSourceTime: .zero)
    }

    public var isReady: Bool { input.isReadyForMoreMediaData }

    public func append(at ticks: Int64, fill: (CVPixelBuffer) throws -> Void) throws {
        guard let pool = adaptor.pixelBufferPool else { throw failure }
        var buffer: CVPixelBuffer?
        CVPixelBufferPoolCreatePixelBuffer(nil, pool, &buffer)
        guard let buffer else { throw MattingError.recordingFailed("a pixel buffer could not be allocated") }
        try fill(buffer)
        let time = CMTime(value: ticks, timescale: RecordingTimeline.ticksPerSecond)
        guard adaptor.append(buffer, withPresentationTime: time) else { throw failure }
    }

    public func finish() async throws {
        // Only a writer that writes can finish: in another state the call would raise an exception.
        if writer.status == .writing { await writer.finishWriting() }
        guard writer.status == .completed else {
            cancel()
            throw failure
        }
    }

    public func cancel() {
        if writer.status == .writing { writer.cancelWriting() }
        try? FileManager.default.removeItem(at: url)
    }

    private var failure: MattingError { .recordingFailed(writer.error?.localizedDescription ?? "unknown") }

    /// The colours of sRGB. Older systems have no name for its transfer function; BT.709's is the nearest.
    private static var colours: [String: String] {
        var transfer = AVVideoTransferFunction_ITU_R_709_2
        if #available(iOS 18.0, macOS 15.0, *) { transfer = AVVideoTransferFunction_IEC_sRGB }
        return [
            AVVideoColorPrimariesKey: AVVideoColorPrimaries_ITU_R_709_2,
            AVVideoTransferFunctionKey: transfer,
            AVVideoYCbCrMatrixKey: AVVideoYCbCrMatrix_ITU_R_709_2,
        ]
    }
}
