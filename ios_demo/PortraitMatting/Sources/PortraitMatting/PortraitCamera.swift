// macOS lacks the reasons of interruptions, the preset that leaves the format to the app, and the wide-colour switch.
#if os(iOS)
    import AVFoundation
    import CoreVideo
    import Foundation
    import MattingCore

    /// Delivers upright camera frames as 32-bit BGRA, one at a time.
    ///
    /// Frames that arrive while the previous one is still being processed are dropped, so that none queue up.
    public final class PortraitCamera: NSObject, @unchecked Sendable {
        public enum Position: Sendable { case front, back }

        /// The rotation of the interface; frames are turned to match it.
        public enum Rotation: Sendable { case portrait, upsideDown, landscapeLeft, landscapeRight }

        /// Called with a frame and its time in seconds, on the camera's queue.
        public var onFrame: (@Sendable (CVPixelBuffer, Double) -> Void)?
        /// Called for each frame that is dropped, on the camera's queue.
        public var onDrop: (@Sendable () -> Void)?
        public var onError: (@Sendable (MattingError) -> Void)?
        /// Called when frames come again after an interruption that `onError` reported.
        public var onResumed: (@Sendable () -> Void)?

        private let session = AVCaptureSession()
        private let output = AVCaptureVideoDataOutput()
        private let setUp = DispatchQueue(label: "camera.set-up")
        private let frames = DispatchQueue(label: "camera.frames", qos: .userInteractive)
        private var observers: [NSObjectProtocol] = []

        override public init() {
            super.init()
            observe(AVCaptureSession.runtimeErrorNotification) { [weak self] in self?.failed($0) }
            observe(AVCaptureSession.wasInterruptedNotification) { [weak self] in self?.interrupted($0) }
            observe(AVCaptureSession.interruptionEndedNotification) { [weak self] _ in self?.onResumed?() }
            session.automaticallyConfiguresCaptureDeviceForWideColor = false
        }

        deinit {
            for observer in observers { NotificationCenter.default.removeObserver(observer) }
        }

        /// Ask for permission if needed, and start. Throws `MattingError.cameraDenied`, `.cameraMissing` or `.cameraLost`.
        public func start(_ position: Position, rotation: Rotation) async throws {
            guard await AVCaptureDevice.requestAccess(for: .video) else { throw MattingError.cameraDenied }
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, Error>) in
                setUp.async {
                    done.resume(
                        with: Result {
                            try self.configure(position, rotation)
                            if !self.session.isRunning { self.session.startRunning() }
                        })
                }
            }
        }

        public func stop() {
            setUp.async { if self.session.isRunning { self.session.stopRunning() } }
        }

        /// Match a new rotation of the interface.
        public func turn(_ rotation: Rotation) {
            setUp.async { self.orient(rotation) }
        }

        private func configure(_ position: Position, _ rotation: Rotation) throws {
            let side: AVCaptureDevice.Position = position == .front ? .front : .back
            guard let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: side) else {
                throw MattingError.cameraMissing
            }
            session.beginConfiguration()
            defer { session.commitConfiguration() }
            for input in session.inputs { session.removeInput(input) }
            let input: AVCaptureDeviceInput
            do {
                input = try AVCaptureDeviceInput(device: device)
            } catch {
                throw MattingError.cameraLost(error.localizedDescription)
            }
            guard session.canAddInput(input) else { throw MattingError.cameraLost("it cannot be opened") }
            session.addInput(input)
            try choose(device)
            if session.outputs.isEmpty {
                output.alwaysDiscardsLateVideoFrames = true
                output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]
                output.setSampleBufferDelegate(self, queue: frames)
                guard session.canAddOutput(output) else { throw MattingError.cameraLost("it delivers no frames") }
                session.addOutput(output)
            }
            if let connection = output.connection(with: .video), connection.isVideoMirroringSupported {
                connection.automaticallyAdjustsVideoMirroring = false
                connection.isVideoMirrored = position == .front
            }
            orient(rotation)
        }

        /// Take frames of the network's shape where the camera has them, else of 16:9, which `LiveRenderer` cuts.
        private func choose(_ device: AVCaptureDevice) throws {
            let formats = device.formats.filter {
                let kind = CMFormatDescriptionGetMediaSubType($0.formatDescription)
                return kind == kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
                    || kind == kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange
            }
            let described = formats.map { format in
                let pixels = CMVideoFormatDescriptionGetDimensions(format.formatDescription)
                let rates = format.videoSupportedFrameRateRanges
                return CameraFormat(
                    size: PixelSize(width: Int(pixels.width), height: Int(pixels.height)),
                    leastRate: rates.map(\.minFrameRate).min() ?? 0, mostRate: rates.map(\.maxFrameRate).max() ?? 0)
            }
            guard let best = CameraFormat.best(of: described) else {
                session.sessionPreset = session.canSetSessionPreset(.hd1280x720) ? .hd1280x720 : .high
                return
            }
            session.sessionPreset = .inputPriority
            do {
                try device.lockForConfiguration()
            } catch {
                throw MattingError.cameraLost(error.localizedDescription)
            }
            defer { device.unlockForConfiguration() }
            device.activeFormat = formats[best]
            // The session would choose P3 where the camera has it, but frames, the network and the screen's layer are sRGB.
            if formats[best].supportedColorSpaces.contains(.sRGB) { device.activeColorSpace = .sRGB }
            let darkRate = max(CameraFormat.darkRate, described[best].leastRate)
            device.activeVideoMinFrameDuration = CMTime(value: 1, timescale: CMTimeScale(CameraFormat.rate))
            device.activeVideoMaxFrameDuration = CMTime(value: 1, timescale: CMTimeScale(darkRate))
        }

        /// Uses `videoOrientation`, deprecated in iOS 17, because frames must follow the interface even when its rotation
        /// is locked. iOS 17's rotation coordinator keeps the horizon level instead.
        private func orient(_ rotation: Rotation) {
            guard let connection = output.connection(with: .video), connection.isVideoOrientationSupported else {
                return
            }
            switch rotation {
            case .portrait: connection.videoOrientation = .portrait
            case .upsideDown: connection.videoOrientation = .portraitUpsideDown
            case .landscapeLeft: connection.videoOrientation = .landscapeLeft
            case .landscapeRight: connection.videoOrientation = .landscapeRight
            }
        }

        private func observe(_ name: Notification.Name, _ job: @escaping @Sendable (Notification) -> Void) {
            observers.append(
                NotificationCenter.default.addObserver(forName: name, object: session, queue: nil, using: job))
        }

        private func failed(_ notification: Notification) {
            let error = notification.userInfo?[AVCaptureSessionErrorKey] as? NSError
            // The system's media services crashed and are back: the session only has to start again.
            if (error as? AVError)?.code == .mediaServicesWereReset {
                setUp.async { if !self.session.isRunning { self.session.startRunning() } }
                return
            }
            onError?(.cameraLost(error?.localizedDescription ?? "unknown"))
        }

        private func interrupted(_ notification: Notification) {
            let number = notification.userInfo?[AVCaptureSessionInterruptionReasonKey] as? Int
            switch number.flatMap({ AVCaptureSession.InterruptionReason(rawValue: $0) }) {
            // The app left the screen, so there is nobody to tell.
            case .videoDeviceNotAvailableInBackground: return
            case .videoDeviceInUseByAnotherClient: onError?(.cameraInterrupted(.otherApp))
            case .videoDeviceNotAvailableWithMultipleForegroundApps: onError?(.cameraInterrupted(.appBeside))
            case .videoDeviceNotAvailableDueToSystemPressure: onError?(.cameraInterrupted(.heat))
            default: onError?(.cameraInterrupted(.other))
            }
        }
    }

    extension PortraitCamera: AVCaptureVideoDataOutputSampleBufferDelegate {
        public func captureOutput(
            _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
        ) {
            guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
            let seconds = CMSampleBufferGetPresentationTimeStamp(sampleBuffer).seconds
            autoreleasepool { onFrame?(frame, seconds) }
        }

        public func captureOutput(
            _ output: AVCaptureOutput, didDrop sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
        ) {
            onDrop?()
        }
    }
#endif
