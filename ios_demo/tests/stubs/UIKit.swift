// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics
import Foundation
@_exported import QuartzCore

open class UIView {
    public enum ContentMode { case scaleAspectFit, scaleAspectFill }
    public init() {}
    public var clipsToBounds = false
    public var contentMode = ContentMode.scaleAspectFit
    public var layer: CALayer { CALayer() }
}

@MainActor open class UIViewController {
    public init() {}
    public func setNeedsUpdateOfSupportedInterfaceOrientations() {}
}

@MainActor public final class UIWindow: UIView { public var rootViewController: UIViewController? }

public final class UIImage: @unchecked Sendable {
    public enum Orientation { case up, down, left, right, upMirrored, downMirrored, leftMirrored, rightMirrored }
    public var cgImage: CGImage? { nil }
    public var imageOrientation: Orientation { .up }
    public var size: CGSize { .zero }
    public var scale: CGFloat { 1 }
    public func draw(in rect: CGRect) {}
}

public final class UIGraphicsImageRendererFormat {
    public init() {}
    public var scale: CGFloat = 1
}

public final class UIGraphicsImageRendererContext {}

public final class UIGraphicsImageRenderer {
    public init(size: CGSize, format: UIGraphicsImageRendererFormat) {}
    public func image(actions: (UIGraphicsImageRendererContext) -> Void) -> UIImage { fatalError() }
}

public final class UIColor {
    @discardableResult
    public func getRed(
        _ red: UnsafeMutablePointer<CGFloat>?, green: UnsafeMutablePointer<CGFloat>?,
        blue: UnsafeMutablePointer<CGFloat>?, alpha: UnsafeMutablePointer<CGFloat>?
    ) -> Bool { false }
    public init() {}
}

public enum UIInterfaceOrientation { case unknown, portrait, portraitUpsideDown, landscapeLeft, landscapeRight }

public struct UIInterfaceOrientationMask: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let portrait = UIInterfaceOrientationMask(rawValue: 2)
    public static let portraitUpsideDown = UIInterfaceOrientationMask(rawValue: 4)
    public static let landscapeRight = UIInterfaceOrientationMask(rawValue: 8)
    public static let landscapeLeft = UIInterfaceOrientationMask(rawValue: 16)
    public static let allButUpsideDown: UIInterfaceOrientationMask = [.portrait, .landscapeLeft, .landscapeRight]
    public static let all: UIInterfaceOrientationMask = [.allButUpsideDown, .portraitUpsideDown]
}

public enum UIUserInterfaceIdiom: Int { case unspecified = -1, phone = 0, pad = 1 }

@MainActor public final class UIDevice {
    public static var current: UIDevice { fatalError() }
    public var userInterfaceIdiom: UIUserInterfaceIdiom { .phone }
}

@MainActor open class UIScene: NSObject {}

@MainActor public final class UIWindowScene: UIScene {
    public var interfaceOrientation: UIInterfaceOrientation { .unknown }
    public var keyWindow: UIWindow? { nil }
}

@MainActor public protocol UIApplicationDelegate: AnyObject {
    func application(
        _ application: UIApplication, supportedInterfaceOrientationsFor window: UIWindow?
    ) -> UIInterfaceOrientationMask
}

public struct UIBackgroundTaskIdentifier: Sendable {}

@MainActor public final class UIApplication {
    public func beginBackgroundTask(
        withName name: String?, expirationHandler: (@MainActor @Sendable () -> Void)? = nil
    ) -> UIBackgroundTaskIdentifier { UIBackgroundTaskIdentifier() }
    public func endBackgroundTask(_ task: UIBackgroundTaskIdentifier) {}
    public static var shared: UIApplication { fatalError() }
    public var connectedScenes: Set<UIScene> { [] }
    public var isIdleTimerDisabled = false
}

@MainActor public final class UIPasteboard {
    public static var general: UIPasteboard { fatalError() }
    public var string: String?
}

public protocol UINavigationControllerDelegate: AnyObject {}

@MainActor public protocol UIImagePickerControllerDelegate: AnyObject {
    func imagePickerController(
        _ picker: UIImagePickerController,
        didFinishPickingMediaWithInfo info: [UIImagePickerController.InfoKey: Any])
    func imagePickerControllerDidCancel(_ picker: UIImagePickerController)
}

@MainActor public final class UIImagePickerController: UIViewController {
    public struct InfoKey: Hashable, Sendable { public static let originalImage = InfoKey() }
    public enum SourceType { case camera, photoLibrary }
    override public init() {}
    public static func isSourceTypeAvailable(_ type: SourceType) -> Bool { false }
    public var sourceType = SourceType.camera
    public var delegate: (any UIImagePickerControllerDelegate & UINavigationControllerDelegate)?
}
