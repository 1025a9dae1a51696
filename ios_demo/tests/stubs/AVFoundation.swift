// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreVideo
import Foundation

public final class CMSampleBuffer {}
public func CMSampleBufferGetImageBuffer(_ buffer: CMSampleBuffer) -> CVImageBuffer? { nil }

public func CMSampleBufferGetPresentationTimeStamp(_ buffer: CMSampleBuffer) -> CMTime { .zero }

public typealias CMTimeScale = Int32
public struct CMTime: Sendable {
    public static let zero = CMTime(value: 0, timescale: 1)
    public init(value: Int64, timescale: CMTimeScale) {}
    public var seconds: Double { 0 }
}
public struct CMVideoDimensions { public var width: Int32 = 0, height: Int32 = 0 }
public final class CMFormatDescription {}
public func CMFormatDescriptionGetMediaSubType(_ description: CMFormatDescription) -> OSType { 0 }
public func CMVideoFormatDescriptionGetDimensions(_ description: CMFormatDescription) -> CMVideoDimensions {
    CMVideoDimensions()
}

public struct AVMediaType: Sendable { public static let video = AVMediaType() }

public enum AVCaptureVideoOrientation { case portrait, portraitUpsideDown, landscapeRight, landscapeLeft }

public class AVCaptureDevice {
    public enum Position { case unspecified, back, front }
    public struct DeviceType: Sendable { public static let builtInWideAngleCamera = DeviceType() }
    public static func `default`(_ type: DeviceType, for: AVMediaType?, position: Position) -> AVCaptureDevice? { nil }
    public static func requestAccess(for type: AVMediaType) async -> Bool { false }
    public final class Format {
        public var formatDescription: CMFormatDescription { CMFormatDescription() }
        public var videoSupportedFrameRateRanges: [AVFrameRateRange] { [] }
        public var supportedColorSpaces: [AVCaptureColorSpace] { [] }
    }
    public var formats: [Format] { [] }
    public var activeFormat = Format()
    public var activeColorSpace = AVCaptureColorSpace.sRGB
    public var activeVideoMinFrameDuration = CMTime(value: 1, timescale: 30)
    public var activeVideoMaxFrameDuration = CMTime(value: 1, timescale: 30)
    public func lockForConfiguration() throws {}
    public func unlockForConfiguration() {}
}

public enum AVCaptureColorSpace { case sRGB, P3_D65 }

public final class AVFrameRateRange {
    public var minFrameRate: Double { 0 }
    public var maxFrameRate: Double { 0 }
}

public class AVCaptureInput {}
public class AVCaptureOutput { public func connection(with type: AVMediaType) -> AVCaptureConnection? { nil } }

public final class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws {}
}

public final class AVCaptureConnection {
    public var isVideoMirroringSupported: Bool { false }
    public var automaticallyAdjustsVideoMirroring = true
    public var isVideoMirrored = false
    public var isVideoOrientationSupported: Bool { false }
    public var videoOrientation = AVCaptureVideoOrientation.portrait
}

public protocol AVCaptureVideoDataOutputSampleBufferDelegate: AnyObject {
    func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
    func captureOutput(
        _ output: AVCaptureOutput, didDrop sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
}

public final class AVCaptureVideoDataOutput: AVCaptureOutput {
    override public init() {}
    public var alwaysDiscardsLateVideoFrames = true
    public var videoSettings: [String: Any]! = [:]
    public func setSampleBufferDelegate(
        _ delegate: AVCaptureVideoDataOutputSampleBufferDelegate?, queue: DispatchQueue?
    ) {}
}

public let AVCaptureSessionErrorKey = ""

public struct AVError: Error {
    public struct Code: Equatable, Sendable {}
    public var code: Code { Code() }
}

public final class AVCaptureSession {
    public struct Preset: Sendable {
        public static let hd1280x720 = Preset()
        public static let high = Preset()
    }
    public static let interruptionEndedNotification = Notification.Name("")
    public static let runtimeErrorNotification = Notification.Name("")
    public static let wasInterruptedNotification = Notification.Name("")
    public init() {}
    public var inputs: [AVCaptureInput] { [] }
    public var outputs: [AVCaptureOutput] { [] }
    public var sessionPreset = Preset.high
    public var isRunning: Bool { false }
    public func canSetSessionPreset(_ preset: Preset) -> Bool { false }
    public func canAddInput(_ input: AVCaptureInput) -> Bool { false }
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { false }
    public func addInput(_ input: AVCaptureInput) {}
    public func addOutput(_ output: AVCaptureOutput) {}
    public func removeInput(_ input: AVCaptureInput) {}
    public func beginConfiguration() {}
    public func commitConfiguration() {}
    public func startRunning() {}
    public func stopRunning() {}
}

public struct AVFileType: Sendable { public static let mp4 = AVFileType() }
public struct AVVideoCodecType: Sendable { public static let h264 = AVVideoCodecType() }

public let AVVideoCodecKey = ""
public let AVVideoWidthKey = ""
public let AVVideoHeightKey = ""
public let AVVideoCompressionPropertiesKey = ""
public let AVVideoAverageBitRateKey = ""
public let AVVideoColorPropertiesKey = ""
public let AVVideoColorPrimariesKey = ""
public let AVVideoColorPrimaries_ITU_R_709_2 = ""
public let AVVideoTransferFunctionKey = ""
public let AVVideoTransferFunction_ITU_R_709_2 = ""
public let AVVideoTransferFunction_IEC_sRGB = ""
public let AVVideoYCbCrMatrixKey = ""
public let AVVideoYCbCrMatrix_ITU_R_709_2 = ""

public final class AVAssetWriterInput {
    public init(mediaType: AVMediaType, outputSettings: [String: Any]?) {}
    public var expectsMediaDataInRealTime = false
    public var isReadyForMoreMediaData: Bool { false }
}

public final class AVAssetWriterInputPixelBufferAdaptor {
    public init(assetWriterInput: AVAssetWriterInput, sourcePixelBufferAttributes: [String: Any]? = nil) {}
    public var pixelBufferPool: CVPixelBufferPool? { nil }
    public func append(_ buffer: CVPixelBuffer, withPresentationTime time: CMTime) -> Bool { false }
}

public final class AVAssetWriter {
    public enum Status: Int { case unknown, writing, completed, failed, cancelled }
    public init(outputURL: URL, fileType: AVFileType) throws {}
    public var status: Status { .unknown }
    public var error: Error? { nil }
    public func canAdd(_ input: AVAssetWriterInput) -> Bool { false }
    public func add(_ input: AVAssetWriterInput) {}
    public func startWriting() -> Bool { false }
    public func startSession(atSourceTime time: CMTime) {}
    public func finishWriting() async {}
    public func cancelWriting() {}
}

// A Mac has none of these.
#if IOS
    public let AVCaptureSessionInterruptionReasonKey = ""

    extension AVCaptureSession {
        public enum InterruptionReason: Int {
            case videoDeviceNotAvailableInBackground = 1
            case audioDeviceInUseByAnotherClient = 2
            case videoDeviceInUseByAnotherClient = 3
            case videoDeviceNotAvailableWithMultipleForegroundApps = 4
            case videoDeviceNotAvailableDueToSystemPressure = 5
        }
        public var automaticallyConfiguresCaptureDeviceForWideColor: Bool {
            get { true }
            set {}
        }
    }

    extension AVCaptureSession.Preset { public static let inputPriority = AVCaptureSession.Preset() }
    extension AVError.Code { public static let mediaServicesWereReset = AVError.Code() }
#endif
